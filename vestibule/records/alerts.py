"""Alerts: raised once, answered once, told to those who watch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.ids import new_uuid
from vestibule.records import watchlist
from vestibule.records.alert_tables import Alert, AlertEvent, AlertSighting
from vestibule.records.database import Transaction
from vestibule.records.tables import Face
from vestibule.records.watchlist_tables import WatchlistEntry

CHANNEL = "vestibule_alert"
_EVENTS_LOCK = 0x76616C65
_STANDS = "answer IS NULL OR answer = 'same_person'"

EventKind = Literal["raised", "escalated", "answered"]
Place = tuple[datetime, UUID]
"""Where in the list: the moment and the id of an alert."""


@dataclass(frozen=True, slots=True)
class FaceAlert:
    """What stands over one face: its alert, and whether somebody has answered it."""

    alert_id: UUID
    answer: str | None


# ── raising ─────────────────────────────────────────────────────────────────────────────────
def raise_once(
    transaction: Transaction,
    face: Face,
    entry: WatchlistEntry,
    *,
    venue_id: UUID,
    night: date,
    at: datetime,
) -> Alert | None:
    """The alert if it is a new one; None where one stands for this customer, venue and night.

    The face becomes a sighting of whichever it is.
    """
    values: dict[str, object] = {
        "id": new_uuid(),
        "venue_id": venue_id,
        "customer_id": entry.customer_id,
        "entry_id": entry.id,
        "face_id": face.id,
        "template_id": face.template_id,
        "night": night,
        "raised_at": at,
    }
    made = transaction.scalar(
        insert(Alert)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["customer_id", "venue_id", "night"], index_where=text(_STANDS)
        )
        .returning(Alert)
    )
    standing = made or _standing(transaction, values)
    if standing.face_id is None:  # its photo was worked on again, or has expired
        standing.face_id, standing.template_id = face.id, face.template_id
    transaction.add(
        AlertSighting(face_id=face.id, alert_id=standing.id, entry_id=entry.id, seen_at=at)
    )
    transaction.flush()
    return made


def _standing(transaction: Transaction, values: dict[str, object]) -> Alert:
    same = [getattr(Alert, name) == values[name] for name in ("customer_id", "venue_id", "night")]
    query = select(Alert).where(*same, text(_STANDS)).with_for_update()
    return transaction.scalars(query.execution_options(populate_existing=True)).one()


def tell(transaction: Transaction, alert: Alert, kind: EventKind, *, at: datetime) -> AlertEvent:
    """Put an event into the log of events and wake who watches.

    Holds a lock until the transaction ends, so that numbers are seen in their order: call it late.
    """
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _EVENTS_LOCK})
    event = AlertEvent(alert_id=alert.id, venue_id=alert.venue_id, kind=kind, at=at)
    transaction.add(event)
    transaction.flush()
    transaction.execute(
        text("SELECT pg_notify(:channel, :number)"),
        {"channel": CHANNEL, "number": str(event.number)},
    )
    return event


# ── reading ─────────────────────────────────────────────────────────────────────────────────
def find(transaction: Transaction, alert_id: UUID) -> Alert | None:
    return transaction.get(Alert, alert_id)


def find_for_change(transaction: Transaction, alert_id: UUID) -> Alert | None:
    query = select(Alert).where(Alert.id == alert_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def has_any(transaction: Transaction, customer_id: UUID) -> bool:
    query = select(Alert.id).where(Alert.customer_id == customer_id)
    return transaction.scalar(query.limit(1)) is not None


def page(
    transaction: Transaction,
    *,
    venues: Iterable[UUID] | None,
    is_open: bool,
    limit: int,
    before: Place | None,
) -> Sequence[Alert]:
    """The newest first; ``venues`` None is every one."""
    query = select(Alert).where(*at_venues(venues))
    query = query.where(Alert.answer.is_(None) if is_open else Alert.answer.is_not(None))
    if before is not None:
        query = query.where(tuple_(Alert.raised_at, Alert.id) < before)
    newest = query.order_by(Alert.raised_at.desc(), Alert.id.desc())
    return transaction.scalars(newest.limit(limit)).all()


def count_open(transaction: Transaction, *, venues: Iterable[UUID] | None) -> int:
    query = select(func.count()).select_from(Alert).where(Alert.answer.is_(None))
    return transaction.scalar(query.where(*at_venues(venues))) or 0


def at_venues(venues: Iterable[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if venues is None else [Alert.venue_id.in_(list(venues))]


def of_faces(transaction: Transaction, face_ids: Iterable[UUID]) -> dict[UUID, FaceAlert]:
    """Over which faces an alert stands: nobody said that it is not them, and it has not lapsed."""
    query = (
        select(AlertSighting.face_id, Alert.id, Alert.answer)
        .join(Alert, Alert.id == AlertSighting.alert_id)
        .where(AlertSighting.face_id.in_(list(face_ids)), text(_STANDS))
    )
    return {
        face_id: FaceAlert(alert_id, answer)
        for face_id, alert_id, answer in transaction.execute(query)
    }


def sightings_of(transaction: Transaction, alert_id: UUID) -> Sequence[AlertSighting]:
    """The first seen first."""
    query = select(AlertSighting).where(AlertSighting.alert_id == alert_id)
    return transaction.scalars(query.order_by(AlertSighting.seen_at, AlertSighting.face_id)).all()


def sighting_of(transaction: Transaction, face_id: UUID) -> AlertSighting | None:
    return transaction.get(AlertSighting, face_id)


# ── what the clock does ─────────────────────────────────────────────────────────────────────
def overdue(transaction: Transaction, *, raised_before: datetime) -> Sequence[Alert]:
    """Open, not yet escalated, and raised before that moment; locked, the oldest first."""
    query = _open().where(Alert.escalated_at.is_(None), Alert.raised_at <= raised_before)
    return transaction.scalars(query.order_by(Alert.raised_at).limit(50)).all()


def without_entry(transaction: Transaction, *, now: datetime) -> Sequence[Alert]:
    """Open, though their entry does not hold any more; locked."""
    query = _open().join(WatchlistEntry, WatchlistEntry.id == Alert.entry_id)
    return transaction.scalars(query.where(~watchlist.is_active(now)).limit(50)).all()


def _open() -> Select[Alert]:
    query = select(Alert).where(Alert.answer.is_(None))
    return query.with_for_update(of=Alert, skip_locked=True)


# ── events ──────────────────────────────────────────────────────────────────────────────────
def last_event(transaction: Transaction) -> int:
    return transaction.scalar(select(func.max(AlertEvent.number))) or 0


def events_after(
    transaction: Transaction, number: int, *, venues: Iterable[UUID] | None, limit: int = 100
) -> Sequence[AlertEvent]:
    query = select(AlertEvent).where(AlertEvent.number > number)
    if venues is not None:
        query = query.where(AlertEvent.venue_id.in_(list(venues)))
    return transaction.scalars(query.order_by(AlertEvent.number).limit(limit)).all()


def find_event(transaction: Transaction, event_id: UUID) -> AlertEvent | None:
    return transaction.scalar(select(AlertEvent).where(AlertEvent.id == event_id))


def move_sightings(
    transaction: Transaction, alert_id: UUID, to: UUID, *, but_face: UUID | None
) -> None:
    """All of an alert's sightings but one become another alert's."""
    moved = update(AlertSighting).where(AlertSighting.alert_id == alert_id)
    if but_face is not None:
        moved = moved.where(AlertSighting.face_id != but_face)
    transaction.execute(moved.values(alert_id=to))
