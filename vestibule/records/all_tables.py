"""Registers every table, so that foreign keys between their modules are found."""

from vestibule.records import (  # noqa: F401 - importing them is what this is for
    accuracy_tables,
    alert_tables,
    audit_tables,
    batch_tables,
    calibration_tables,
    consent_tables,
    customer_import_tables,
    erasure_tables,
    gallery_tables,
    generation_tables,
    incident_tables,
    key_tables,
    merge_tables,
    offer_tables,
    people_tables,
    purchase_tables,
    retention_tables,
    rights_tables,
    visit_tables,
    watchlist_tables,
    worker_tables,
)
from vestibule.records.tables import Base

METADATA = Base.metadata
