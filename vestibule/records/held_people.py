"""What of a person a claim may need, and what goes in spite of a legal hold."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update

from vestibule.records.all_tables import METADATA
from vestibule.records.customer_references import REFERENCES
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentPerson

NEEDED = frozenset(
    {
        "alert",
        "consent",
        "consent_proof",
        "customer",
        "customer_merge",
        "data_request",
        "data_request_step",
        "incident_person",
        "legal_hold",
        "purchase",
        "visit",
        "watchlist_entry",
        "watchlist_proposal",
    }
)
"""What happened, what was decided, and on what basis. No face, no contact, no offer."""


def remove_what_no_claim_needs(transaction: Transaction, customer_id: UUID) -> None:
    for reference in REFERENCES:
        if reference.table in NEEDED:
            continue
        table = METADATA.tables[reference.table]
        column = table.c[reference.column]
        (key,) = column.foreign_keys
        if key.ondelete == "SET NULL":
            transaction.execute(update(table).where(column == customer_id).values({column: None}))
        else:
            transaction.execute(delete(table).where(column == customer_id))
    transaction.expire_all()


def rows_beyond(transaction: Transaction, customer_ids: Sequence[UUID]) -> int:
    """How many rows name one of these people without being needed."""
    ids, found = list(customer_ids), 0
    for reference in REFERENCES:
        if reference.table not in NEEDED:
            column = METADATA.tables[reference.table].c[reference.column]
            found += transaction.scalar(select(func.count()).where(column.in_(ids))) or 0
    return found


def incidents_of(transaction: Transaction, customer_ids: Sequence[UUID]) -> int:
    """How many incidents they are in: words of these may name them until the hold is over."""
    query = select(func.count(IncidentPerson.incident_id.distinct()))
    return transaction.scalar(query.where(IncidentPerson.customer_id.in_(customer_ids))) or 0
