"""Visits: one a customer, venue and night, whoever says that they were there."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from vestibule.domain.ids import new_uuid
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.records.visit_tables import HeadCount, Visit


def add_visit(
    transaction: Transaction,
    customer_id: UUID,
    *,
    venue_id: UUID,
    night: date,
    entered_at: datetime,
    face_id: UUID | None = None,
    source: str = "face",
    recorded_by: str | None = None,
) -> bool:
    """Record a visit, once a night and venue; False if it was there already.

    Lock the customer first: whoever merges or erases them waits, and it gets on the right file.
    """
    row = insert(Visit).values(
        id=new_uuid(),
        customer_id=customer_id,
        venue_id=venue_id,
        face_id=face_id,
        night=night,
        entered_at=entered_at,
        source=source,
        recorded_by=recorded_by,
    )
    added = transaction.execute(row.on_conflict_do_nothing().returning(Visit.id))
    return added.first() is not None


def remove_visit_of_face(transaction: Transaction, face_id: UUID) -> date | None:
    """Delete the visit that this face gave; the night it was, None if it gave none."""
    return transaction.scalar(delete(Visit).where(Visit.face_id == face_id).returning(Visit.night))


def visits_of(transaction: Transaction, customer_id: UUID, *, limit: int = 50) -> list[Visit]:
    query = select(Visit).where(Visit.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(Visit.entered_at.desc()).limit(limit)))


def any_of_real_guests(transaction: Transaction) -> bool:
    """Whether anybody who is not of the demo ever came."""
    real = select(Visit.id).join(Customer).where(~Customer.is_demo).limit(1)
    return transaction.scalar(real) is not None


def count_of(transaction: Transaction, customer_id: UUID) -> int:
    query = select(func.count()).select_from(Visit).where(Visit.customer_id == customer_id)
    return transaction.scalar(query) or 0


def find(transaction: Transaction, visit_id: UUID) -> Visit | None:
    return transaction.get(Visit, visit_id)


def find_for_change(transaction: Transaction, visit_id: UUID) -> Visit | None:
    """Locked until the transaction ends. Lock its customer first where they may be merged."""
    query = select(Visit).where(Visit.id == visit_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def of_night(
    transaction: Transaction, customer_id: UUID, *, venue_id: UUID, night: date
) -> Visit | None:
    """That customer's visit of that night, locked until the transaction ends."""
    query = select(Visit).where(
        Visit.customer_id == customer_id, Visit.venue_id == venue_id, Visit.night == night
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return transaction.scalar(query)


def came_back(visit: Visit, at: datetime) -> bool:
    """Who left and is seen again later has not left; whether that was so."""
    if visit.left_at is None or at < visit.left_at:
        return False
    visit.left_at = None
    return True


# ── tonight ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class NightCount:
    """``uncounted`` are people whom nobody knows, in less out, never below zero."""

    entered: int
    inside: int
    uncounted: int

    @property
    def occupancy(self) -> int:
        return self.inside + self.uncounted


def count_night(transaction: Transaction, *, venue_id: UUID, night: date) -> NightCount:
    of_the_night = (Visit.venue_id == venue_id, Visit.night == night)
    still_in = func.count().filter(Visit.left_at.is_(None))
    entered, inside = transaction.execute(
        select(func.count(), still_in).select_from(Visit).where(*of_the_night)
    ).one()
    heads = select(func.coalesce(func.sum(HeadCount.change), 0)).where(
        HeadCount.venue_id == venue_id, HeadCount.night == night
    )
    return NightCount(entered, inside, max(0, transaction.scalar(heads) or 0))


VisitPlace = tuple[datetime, UUID]


def list_night(
    transaction: Transaction,
    *,
    venue_id: UUID,
    night: date,
    limit: int,
    after: VisitPlace | None = None,
) -> list[tuple[Visit, Customer]]:
    """Who came, the last one first, with ``limit`` + 1 rows where there are more."""
    # Apart: for the first of a night Postgres would else go back through the times of all nights.
    of_night = select(Visit).where(Visit.venue_id == venue_id, Visit.night == night).cte("of_night")
    visit = aliased(Visit, of_night.prefix_with("MATERIALIZED"))
    query = select(visit, Customer).join(Customer, Customer.id == visit.customer_id)
    query = query.where(Customer.status == "ACTIVE")
    if after is not None:
        query = query.where(tuple_(visit.entered_at, visit.id) < after)
    page = query.order_by(visit.entered_at.desc(), visit.id.desc()).limit(limit + 1)
    return [(visit, customer) for visit, customer in transaction.execute(page)]


def lock_heads(transaction: Transaction, venue_id: UUID) -> None:
    """One count at a time of a venue, until the transaction ends."""
    key = f"heads:{venue_id}"
    transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})


def add_heads(
    transaction: Transaction,
    *,
    venue_id: UUID,
    night: date,
    change: int,
    request_key: str,
    actor: str,
    now: datetime,
) -> bool:
    """False where that key was counted before."""
    row = insert(HeadCount).values(
        id=new_uuid(),
        venue_id=venue_id,
        night=night,
        change=change,
        request_key=request_key,
        recorded_by=actor,
        recorded_at=now,
    )
    added = transaction.execute(row.on_conflict_do_nothing().returning(HeadCount.id))
    return added.first() is not None
