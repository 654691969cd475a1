"""Guests whose faces go because they no longer come."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select

from vestibule.domain.retention import NOTICE
from vestibule.records.announced_end import AnnouncedEnd
from vestibule.records.database import Transaction
from vestibule.records.legal_holds import Held
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


def _with_faces(until: datetime) -> Select[UUID, datetime]:
    active = active_at().label("last_at")
    return select(Customer.id.label("id"), active).where(
        Customer.status != "ERASING", Customer.created_at <= until, _has_faces()
    )


END = AnnouncedEnd(_with_faces, FaceReminder)
"""It counts guests, not faces."""


def due(
    transaction: Transaction, *, kept_days: int, now: datetime, held: Held, limit: int
) -> list[UUID]:
    """Whose faces go now, and those that were set aside and are still there.

    Of who is held only those that may still be searched.
    """
    rows = END.told_in_time(kept_days=kept_days, now=now).subquery()
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
