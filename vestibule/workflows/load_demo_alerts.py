"""Alerts of a venue in use: what managers answered, how fast, and one that waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.night import night_of
from vestibule.records import alerts, gallery, watchlist
from vestibule.records.alert_tables import Alert
from vestibule.records.database import Transaction
from vestibule.records.tables import Job, Venue
from vestibule.records.watchlist_tables import WatchlistEntry
from vestibule.workflows.raise_alerts import send_owed, tell_watchers
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class _Past:
    nights_ago: int
    answer: str
    seconds: int


_PAST = (
    _Past(2, "same_person", 38),
    _Past(5, "not_them", 95),
    _Past(9, "same_person", 21),
    _Past(13, "same_person", 210),
)


def load_demo_alerts(
    runtime: Runtime, guests: Sequence[UUID], manager: Principal, *, venue_id: UUID
) -> int:
    """For those of the demo guests who are on the watchlist now; returns how many alerts were made.

    Their photos have expired, as those of real nights have. A guest with alerts is left alone, so
    that it is safe to run twice.
    """
    made, owed = 0, list[Job]()
    with runtime.database.begin() as transaction:
        venue = transaction.get_one(Venue, venue_id)
        entries = watchlist.active_for(
            transaction, guests, venue_id=venue_id, now=runtime.clock.now()
        )
        for customer_id, entry in sorted(entries.items()):
            if alerts.has_any(transaction, customer_id):
                continue
            for past in _PAST:
                alert = _alert(runtime, transaction, entry, venue, nights_ago=past.nights_ago)
                alert.answer, alert.answered_by = past.answer, manager.actor
                alert.answered_at = alert.raised_at + timedelta(seconds=past.seconds)
                alert.answered_by_id = manager.account_id
                transaction.add(alert)
            waiting = _alert(runtime, transaction, entry, venue, nights_ago=0)
            transaction.add(waiting)
            transaction.flush()
            owed += tell_watchers(runtime, transaction, waiting, "raised", actor="demo")
            made += len(_PAST) + 1
    send_owed(runtime, owed)
    return made


def _alert(
    runtime: Runtime,
    transaction: Transaction,
    entry: WatchlistEntry,
    venue: Venue,
    *,
    nights_ago: int,
) -> Alert:
    raised_at = runtime.clock.now() - timedelta(days=nights_ago)
    faces = gallery.templates_of(transaction, entry.customer_id)
    return Alert(
        venue_id=venue.id,
        customer_id=entry.customer_id,
        entry_id=entry.id,
        template_id=faces[0].id if faces else None,
        night=night_of(raised_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour),
        raised_at=raised_at,
    )
