"""Enrolments that were rejected: the pixels held of them, and taking them up again."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from vestibule.records.database import Transaction
from vestibule.records.tables import Enrolment, EnrolmentHold


def find_for_change(transaction: Transaction, enrolment_id: UUID) -> Enrolment | None:
    query = select(Enrolment).where(Enrolment.id == enrolment_id)
    return transaction.scalar(query.with_for_update())


def hold_of(transaction: Transaction, enrolment_id: UUID, *, now: datetime) -> EnrolmentHold | None:
    """The pixels kept of it, while they are."""
    hold = transaction.get(EnrolmentHold, enrolment_id)
    return hold if hold is not None and hold.expires_at > now else None


def hold_keys(transaction: Transaction, enrolment_ids: Iterable[UUID]) -> list[str]:
    query = select(EnrolmentHold.region_key).where(
        EnrolmentHold.enrolment_id.in_(list(enrolment_ids))
    )
    return list(transaction.scalars(query))


def take_holds(transaction: Transaction, enrolment_ids: Iterable[UUID]) -> list[str]:
    """Delete hold rows, which makes their objects unreadable; returns the objects' keys."""
    gone = delete(EnrolmentHold).where(EnrolmentHold.enrolment_id.in_(list(enrolment_ids)))
    return list(transaction.scalars(gone.returning(EnrolmentHold.region_key)))


def take_expired_holds(transaction: Transaction, *, now: datetime) -> list[str]:
    gone = delete(EnrolmentHold).where(EnrolmentHold.expires_at <= now)
    return list(transaction.scalars(gone.returning(EnrolmentHold.region_key)))
