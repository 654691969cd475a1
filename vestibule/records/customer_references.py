"""Every row that names a customer, and what becomes of it when two files are made one.

A test finds each foreign key to ``customer`` and demands a line here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from sqlalchemy import Column, Table, select, update
from sqlalchemy.exc import IntegrityError

from vestibule.records.all_tables import METADATA
from vestibule.records.database import Transaction


class How(Enum):
    MOVES = "moves"
    """Given to the kept customer, and back when the merge is undone. Where that one has such a row
    already (a visit of the same night), it stays with the merged file, out of sight."""
    STAYS = "stays"
    """About the file itself, or worked out again by itself."""


@dataclass(frozen=True, slots=True)
class Reference:
    table: str
    column: str
    how: How

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


REFERENCES = (
    Reference("alert", "customer_id", How.MOVES),
    Reference("alert_rejection", "customer_id", How.STAYS),
    Reference("batch_failure", "customer_id", How.MOVES),
    Reference("consent", "customer_id", How.MOVES),
    Reference("consent_link", "customer_id", How.STAYS),
    Reference("consent_proof", "customer_id", How.MOVES),
    Reference("customer", "merged_into_id", How.STAYS),
    Reference("customer_merge", "kept_id", How.STAYS),
    Reference("customer_merge", "merged_id", How.STAYS),
    Reference("data_request", "customer_id", How.MOVES),
    Reference("data_request_step", "customer_id", How.MOVES),
    Reference("duplicate_suggestion", "customer_id", How.STAYS),
    Reference("duplicate_suggestion", "other_customer_id", How.STAYS),
    Reference("enrolment", "customer_id", How.MOVES),
    Reference("enrolment", "resembles_id", How.MOVES),
    Reference("face", "customer_id", How.MOVES),
    Reference("face_reminder", "customer_id", How.STAYS),
    Reference("file_reminder", "customer_id", How.STAYS),
    Reference("gallery_finding", "customer_id", How.STAYS),
    Reference("gallery_finding", "other_customer_id", How.STAYS),
    Reference("gallery_judgement", "customer_id", How.STAYS),
    Reference("gallery_judgement", "other_customer_id", How.STAYS),
    Reference("incident_person", "customer_id", How.MOVES),
    Reference("legal_hold", "customer_id", How.MOVES),
    Reference("not_them", "customer_id", How.MOVES),
    Reference("offer", "customer_id", How.MOVES),
    Reference("personal_link", "customer_id", How.MOVES),
    Reference("purchase", "customer_id", How.MOVES),
    Reference("template", "customer_id", How.MOVES),
    Reference("template_move", "from_customer_id", How.STAYS),
    Reference("template_move", "to_customer_id", How.STAYS),
    Reference("visit", "customer_id", How.MOVES),
    Reference("watchlist_entry", "customer_id", How.MOVES),
    Reference("watchlist_proposal", "customer_id", How.MOVES),
)

Moved = Mapping[str, list[str]]
"""Ids of rows, by table and column, as a snapshot keeps them."""


def move(transaction: Transaction, *, merged: UUID, kept: UUID) -> dict[str, list[str]]:
    """Give the rows to the kept customer; which ones those were. Both customers are locked."""
    moved = {}
    for reference in _moving():
        table = METADATA.tables[reference.table]
        key = _key(table)
        query = select(key).where(table.c[reference.column] == merged)
        rows = list(transaction.scalars(query.order_by(key)))
        moved[reference.name] = _hand_over(transaction, table, reference.column, rows, kept)
    transaction.expire_all()
    return {name: [str(row) for row in rows] for name, rows in moved.items() if rows}


def move_back(transaction: Transaction, moved: Moved, *, kept: UUID, merged: UUID) -> None:
    """What is still with the kept customer goes back; what was moved on or removed since does not.

    Both customers are locked.
    """
    for reference in _moving():
        table = METADATA.tables[reference.table]
        ids = [UUID(row) for row in moved.get(reference.name, ())]
        key = _key(table)
        query = select(key).where(key.in_(ids), table.c[reference.column] == kept)
        rows = list(transaction.scalars(query.order_by(key)))
        _hand_over(transaction, table, reference.column, rows, merged)
    transaction.expire_all()


def _moving() -> Iterator[Reference]:
    return (reference for reference in REFERENCES if reference.how is How.MOVES)


def _key(table: Table) -> Column[UUID]:
    (key,) = table.primary_key.columns
    return key


def _hand_over(
    transaction: Transaction, table: Table, column: str, rows: list[UUID], to: UUID
) -> list[UUID]:
    """All at once, or one by one where a row of the other customer is in the way of some."""
    if not rows:
        return []
    if _try(transaction, table, column, rows, to):
        return rows
    return [row for row in rows if _try(transaction, table, column, [row], to)]


def _try(transaction: Transaction, table: Table, column: str, rows: list[UUID], to: UUID) -> bool:
    try:
        with transaction.begin_nested():
            transaction.execute(update(table).where(_key(table).in_(rows)).values({column: to}))
    except IntegrityError:
        return False
    return True
