"""Guests whose faces go because they no longer come."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.retention import NOTICE
from vestibule.records.database import Transaction
from vestibule.records.legal_holds import Held
from vestibule.records.retention import Outlook, counted
from vestibule.records.retention_tables import FaceReminder
from vestibule.records.tables import Consent, Customer, Template
from vestibule.records.visit_tables import Visit

BY_CLOCK = "retention"
"""Who decided that a template is not searched, where its clock did."""


def active_at() -> ColumnElement[datetime]:
    """When a guest was last there, agreed, or had a photo taken."""
    moments = [
        select(func.max(column)).where(owner == Customer.id).scalar_subquery()
        for column, owner in (
            (Visit.entered_at, Visit.customer_id),
            (Consent.given_at, Consent.customer_id),
            (Template.created_at, Template.customer_id),
        )
    ]
    return func.greatest(*moments)


def _has_faces() -> ColumnElement[bool]:
    return select(Template.id).where(Template.customer_id == Customer.id).exists()


def _was_set_aside() -> ColumnElement[bool]:
    query = select(Template.id).where(
        Template.customer_id == Customer.id, Template.decided_by == BY_CLOCK
    )
    return query.exists()


def _idle(until: datetime) -> Select[Any]:
    """Guests with faces who were not active since; the reminder counts if it came after that."""
    active = active_at().label("active_at")
    inner = (
        select(Customer.id.label("id"), active)
        .where(Customer.status != "ERASING", Customer.created_at <= until, _has_faces())
        .subquery()
    )
    return (
        select(inner.c.id, inner.c.active_at, FaceReminder.made_at)
        .outerjoin(
            FaceReminder,
            and_(FaceReminder.customer_id == inner.c.id, FaceReminder.made_at >= inner.c.active_at),
        )
        .where(inner.c.active_at <= until)
    )


def to_remind(transaction: Transaction, *, kept_days: int, now: datetime, limit: int) -> list[UUID]:
    """Whose faces would go within ``NOTICE``, and whose file does not say so yet."""
    query = _idle(now - timedelta(days=kept_days) + NOTICE).where(FaceReminder.made_at.is_(None))
    return [row[0] for row in transaction.execute(query.limit(limit))]


def remind(transaction: Transaction, customer_ids: list[UUID], *, now: datetime) -> None:
    row = insert(FaceReminder).values(
        [{"customer_id": one, "made_at": now} for one in customer_ids]
    )
    transaction.execute(
        row.on_conflict_do_update(
            index_elements=["customer_id"], set_={"made_at": row.excluded.made_at}
        )
    )


def due(
    transaction: Transaction, *, kept_days: int, now: datetime, held: Held, limit: int
) -> list[UUID]:
    """Whose faces go now, and those that were set aside and are still there.

    Of who is held only those that may still be searched.
    """
    idle = _idle(now - timedelta(days=kept_days)).where(FaceReminder.made_at <= now - NOTICE)
    rows = idle.subquery()
    query = select(rows.c.id)
    aside = select(Template.customer_id).where(Template.decided_by == BY_CLOCK).distinct()
    if held.customers:
        other = select(Template.id).where(
            Template.customer_id == rows.c.id, Template.decided_by.is_distinct_from(BY_CLOCK)
        )
        query = query.where(or_(rows.c.id.not_in(held.customers), other.exists()))
        aside = aside.where(Template.customer_id.not_in(held.customers))
    found = [*transaction.scalars(query.limit(limit)), *transaction.scalars(aside.limit(limit))]
    return list(dict.fromkeys(found))[:limit]


def remove_set_aside(transaction: Transaction, template_ids: list[UUID]) -> int:
    gone = delete(Template).where(Template.id.in_(template_ids), Template.decided_by == BY_CLOCK)
    return len(list(transaction.scalars(gone.returning(Template.id))))


def is_due(transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime) -> bool:
    """The same for one guest, whose row is locked."""
    aside = select(Customer.id).where(Customer.id == customer_id, _was_set_aside())
    if transaction.scalar(aside) is not None:
        return True
    seen = transaction.execute(
        select(active_at(), FaceReminder.made_at)
        .select_from(Customer)
        .outerjoin(FaceReminder, FaceReminder.customer_id == Customer.id)
        .where(Customer.id == customer_id)
    ).first()
    if seen is None or seen[0] is None or seen[1] is None:
        return False
    return seen[0] <= min(seen[1], now - timedelta(days=kept_days)) and seen[1] <= now - NOTICE


def goes_at_of(
    transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime
) -> datetime | None:
    """When this guest's faces go, where their file says so; None before the reminder."""
    reminded = _idle(now).where(FaceReminder.made_at.is_not(None)).subquery()
    goes = select(_goes_at(reminded, kept_days, now)).where(reminded.c.id == customer_id)
    found: datetime | None = transaction.scalar(goes)
    return found


def reminded(
    transaction: Transaction, *, kept_days: int, now: datetime, limit: int
) -> list[tuple[UUID, str, datetime]]:
    """Guests whose file says that their faces go, with name and day; the first to go first."""
    idle = _idle(now).where(FaceReminder.made_at.is_not(None)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    query = select(idle.c.id, Customer.name, goes_at).join(Customer, Customer.id == idle.c.id)
    query = query.where(Customer.status == "ACTIVE").order_by(goes_at, idle.c.id).limit(limit)
    return [(row[0], row[1], row[2]) for row in transaction.execute(query)]


def _goes_at(idle: Any, kept_days: int, now: datetime) -> ColumnElement[datetime]:
    reminded_at = func.coalesce(idle.c.made_at, now)
    return func.greatest(idle.c.active_at + timedelta(days=kept_days), reminded_at + NOTICE)


def outlook(
    transaction: Transaction,
    *,
    kept_days: int,
    now: datetime,
    until: datetime,
    timezone: str,
    held: Held,
) -> Outlook:
    """Guests, not faces. Who was set aside under a legal hold that ended is overdue at once."""
    idle = _idle(until - timedelta(days=kept_days)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    is_held = idle.c.id.in_(held.customers) if held.customers else false()
    due = select(goes_at.label("goes_at"), is_held.label("held")).where(goes_at <= until)
    return counted(transaction, due, now=now, timezone=timezone)


def overdue_since(
    transaction: Transaction, *, kept_days: int, now: datetime, held: Held
) -> datetime | None:
    idle = _idle(now - timedelta(days=kept_days)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    query = select(func.min(goes_at)).where(goes_at <= now)
    if held.customers:
        query = query.where(idle.c.id.not_in(held.customers))
    found: datetime | None = transaction.scalar(query)
    return found
