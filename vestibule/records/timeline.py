"""All that is on record of a customer as one list, the latest first.

Each kind comes from a function that reads its own tables in keyset order; a new kind is one more
line in ``SOURCES``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from vestibule.domain.permissions import Permission
from vestibule.records import timeline_decisions, timeline_offers
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.merge_tables import CustomerMerge
from vestibule.records.purchase_tables import Purchase
from vestibule.records.tables import Consent, Customer, Enrolment
from vestibule.records.timeline_event import (
    Asked,
    Event,
    Place,
    Source,
    Venues,
    at_venues,
    earlier,
)
from vestibule.records.visit_tables import Visit


def timeline(
    transaction: Transaction,
    customer_id: UUID,
    *,
    allowed: Mapping[str, Venues],
    limit: int,
    now: datetime,
    before: Place | None = None,
) -> list[Event]:
    """Of the kinds in ``allowed``, each at its venues; ``limit`` + 1 where there are more."""
    found = [
        event
        for source in SOURCES
        if source.kind in allowed
        for event in source.read(
            Asked(transaction, customer_id, limit + 1, before, allowed[source.kind], now)
        )
    ]
    found.sort(key=lambda event: (event.at, event.id), reverse=True)
    return found[: limit + 1]


def _visits(asked: Asked) -> list[Event]:
    query = select(Visit).where(
        Visit.customer_id == asked.customer_id, *earlier(asked, Visit.entered_at, Visit.id)
    )
    page = query.order_by(Visit.entered_at.desc(), Visit.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "visit",
            row.entered_at,
            row.source,
            row.venue_id,
            {
                "night": row.night.isoformat(),
                "left_at": row.left_at.isoformat() if row.left_at else None,
            },
        )
        for row in asked.transaction.scalars(page)
    ]


def _consents_given(asked: Asked) -> list[Event]:
    query = select(Consent).where(
        Consent.customer_id == asked.customer_id, *earlier(asked, Consent.given_at, Consent.id)
    )
    page = query.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "consent",
            row.given_at,
            row.recorded_by,
            row.venue_id,
            {"step": "given", "purpose": row.purpose, "given_by": row.given_by},
        )
        for row in asked.transaction.scalars(page)
    ]


def _consents_withdrawn(asked: Asked) -> list[Event]:
    query = select(Consent).where(
        Consent.customer_id == asked.customer_id,
        Consent.withdrawn_at.is_not(None),
        *earlier(asked, Consent.withdrawn_at, Consent.id),
    )
    page = query.order_by(Consent.withdrawn_at.desc(), Consent.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "consent",
            row.withdrawn_at,
            row.withdrawn_by or "",
            row.venue_id,
            {"step": "withdrawn", "purpose": row.purpose},
        )
        for row in asked.transaction.scalars(page)
        if row.withdrawn_at is not None
    ]


def _faces(asked: Asked) -> list[Event]:
    query = select(Enrolment).where(
        Enrolment.customer_id == asked.customer_id,
        Enrolment.outcome.is_not(None),
        *earlier(asked, Enrolment.created_at, Enrolment.id),
    )
    page = query.order_by(Enrolment.created_at.desc(), Enrolment.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "face",
            row.created_at,
            row.requested_by,
            None,
            {"outcome": row.outcome, "reason": row.reason},
        )
        for row in asked.transaction.scalars(page)
    ]


def _merges(asked: Asked) -> list[Event]:
    query = (
        select(CustomerMerge, Customer.name)
        .join(Customer, Customer.id == CustomerMerge.merged_id)
        .where(
            CustomerMerge.kept_id == asked.customer_id,
            *earlier(asked, CustomerMerge.merged_at, CustomerMerge.id),
        )
    )
    page = query.order_by(CustomerMerge.merged_at.desc(), CustomerMerge.id.desc())
    return [
        Event(
            row.id,
            "merge",
            row.merged_at,
            row.merged_by,
            None,
            {"name": name, "undone_at": row.undone_at.isoformat() if row.undone_at else None},
        )
        for row, name in asked.transaction.execute(page.limit(asked.limit))
    ]


def _incidents(asked: Asked) -> list[Event]:
    query = (
        select(Incident, IncidentPerson.part)
        .join(IncidentPerson, IncidentPerson.incident_id == Incident.id)
        .where(
            IncidentPerson.customer_id == asked.customer_id,
            *earlier(asked, Incident.occurred_at, Incident.id),
            *at_venues(asked, Incident.venue_id),
        )
    )
    page = query.order_by(Incident.occurred_at.desc(), Incident.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "incident",
            row.occurred_at,
            "incident report",
            row.venue_id,
            {
                "incident": str(row.id),
                "incident_kind": row.kind,
                "severity": row.severity,
                "state": row.state,
                "part": part,
            },
        )
        for row, part in asked.transaction.execute(page)
    ]


def _purchases(asked: Asked) -> list[Event]:
    query = select(Purchase).where(
        Purchase.customer_id == asked.customer_id,
        *earlier(asked, Purchase.occurred_at, Purchase.id),
        *at_venues(asked, Purchase.venue_id),
    )
    page = query.order_by(Purchase.occurred_at.desc(), Purchase.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "purchase",
            row.occurred_at,
            row.recorded_by,
            row.venue_id,
            {
                "category": row.category,
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "is_void": row.state == "VOIDED",
            },
        )
        for row in asked.transaction.scalars(page)
    ]


SOURCES: Sequence[Source] = (
    Source("visit", Permission.VIEW_CUSTOMERS, _visits),
    Source("consent", Permission.VIEW_CUSTOMERS, _consents_given),
    Source("consent", Permission.VIEW_CUSTOMERS, _consents_withdrawn),
    Source("face", Permission.VIEW_CUSTOMERS, _faces),
    Source("merge", Permission.VIEW_CUSTOMERS, _merges),
    Source("purchase", Permission.VIEW_PURCHASES, _purchases),
    Source("offer", Permission.VIEW_CUSTOMERS, timeline_offers.offered),
    Source("incident", Permission.VIEW_INCIDENTS, _incidents),
    Source("decision", Permission.VIEW_WATCHLIST, timeline_decisions.decisions),
    Source("decision", Permission.VIEW_WATCHLIST, timeline_decisions.rejections),
    Source("decision", Permission.VIEW_WATCHLIST, timeline_decisions.appeals_recorded),
    Source("decision", Permission.VIEW_WATCHLIST, timeline_decisions.appeals_decided),
    Source("decision", Permission.VIEW_WATCHLIST, timeline_decisions.alerts),
)
PERMISSION_BY_KIND: Mapping[str, Permission] = {one.kind: one.permission for one in SOURCES}
