"""Faces that managers said are not somebody on the watchlist, sealed, until the entry ends."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from vestibule.records import watchlist
from vestibule.records.alert_tables import Alert, AlertRejection, AlertSighting
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Job
from vestibule.records.watchlist_tables import WatchlistEntry


def alert_to_remember(transaction: Transaction, face_id: UUID) -> Alert | None:
    """The alert of that face if a manager said that it is not them."""
    query = select(Alert).where(Alert.face_id == face_id, Alert.answer == "not_them")
    return transaction.scalar(query.order_by(Alert.answered_at.desc()).limit(1))


def entry_end(transaction: Transaction, alert: Alert) -> datetime | None:
    """When the entry behind an alert ends."""
    return transaction.scalar(
        select(WatchlistEntry.ends_at).where(WatchlistEntry.id == alert.entry_id)
    )


def with_unsettled_sightings(transaction: Transaction) -> Sequence[Alert]:
    """Alerts that were not them, with faces of which nobody said anything, and no job that will."""
    is_open = select(Job.id).where(
        Job.subject_id == Alert.face_id, Job.kind == "REMEMBER", Job.finished_at.is_(None)
    )
    query = (
        select(Alert)
        .join(AlertSighting, AlertSighting.alert_id == Alert.id)
        .join(Face, Face.id == AlertSighting.face_id)
        .where(Alert.answer == "not_them", Face.answer.is_(None), ~is_open.exists())
    )
    return transaction.scalars(query.distinct().limit(50)).all()


def add(transaction: Transaction, row: AlertRejection) -> None:
    """Safe to run twice: one an alert."""
    values = {c.name: getattr(row, c.key) for c in AlertRejection.__table__.columns}
    transaction.execute(insert(AlertRejection).values(values).on_conflict_do_nothing())


def of_customers(
    transaction: Transaction, customer_ids: Iterable[UUID], *, space_id: str, now: datetime
) -> list[tuple[AlertRejection, UUID]]:
    """While an entry of theirs is in force, whether or not those past it were removed yet.

    With the customer of the alert: where files were made one, that moves and this stays.
    """
    query = (
        select(AlertRejection, Alert.customer_id)
        .join(Alert, Alert.id == AlertRejection.alert_id)
        .where(
            Alert.customer_id.in_(list(customer_ids)),
            AlertRejection.space_id == space_id,
            AlertRejection.expires_at > now,
            _is_told_of(now),
        )
    )
    return [(row, customer_id) for row, customer_id in transaction.execute(query)]


def remove_expired(transaction: Transaction, *, now: datetime) -> int:
    """Those past their time, and those of customers whom nobody is to be told of any more."""
    due = delete(AlertRejection).where((AlertRejection.expires_at <= now) | ~_is_told_of(now))
    return len(transaction.scalars(due.returning(AlertRejection.alert_id)).all())


def _is_told_of(now: datetime) -> ColumnElement[bool]:
    """Whether an entry in force still raises alerts of the customer of the row's alert."""
    return exists().where(
        Alert.id == AlertRejection.alert_id,
        WatchlistEntry.customer_id == Alert.customer_id,
        watchlist.is_active(now),
    )
