"""A recognised face of somebody on the watchlist becomes an alert, with the photo's own result."""

from collections.abc import Sequence
from datetime import timedelta

from vestibule.domain.ids import JobId
from vestibule.domain.night import night_of
from vestibule.records import alerts, audit, jobs, watchlist
from vestibule.records.alert_tables import Alert
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, Job, Photo, Venue
from vestibule.records.watchlist_tables import WatchlistEntry
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job


def raise_alerts(
    runtime: Runtime, transaction: Transaction, photo: Photo, faces: Sequence[Face]
) -> list[Job]:
    """One a customer, venue and night. Returns jobs to be sent after the commit.

    An entry that lapsed before this moment raises nothing, whatever was found on the way here.
    """
    seen = {face.customer_id: face for face in faces if face.customer_id is not None}
    now = runtime.clock.now()
    entries = watchlist.active_for(transaction, seen, venue_id=photo.venue_id, now=now)
    owed = []
    for customer_id, entry in sorted(entries.items()):
        face = seen[customer_id]
        raised = raise_alert(runtime, transaction, photo, face, entry, actor=photo.uploaded_by)
        owed += raised
    return owed


def raise_alert(
    runtime: Runtime,
    transaction: Transaction,
    photo: Photo,
    face: Face,
    entry: WatchlistEntry,
    *,
    actor: str,
) -> list[Job]:
    """For one face; nothing where an alert stands already."""
    now = runtime.clock.now()
    venue = transaction.get_one(Venue, photo.venue_id)
    alert = alerts.raise_once(
        transaction,
        face,
        entry,
        venue_id=venue.id,
        night=night_of(
            photo.created_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour
        ),
        at=now,
    )
    if alert is None:
        return []
    return tell_watchers(runtime, transaction, alert, "raised", actor=actor)


def tell_watchers(
    runtime: Runtime,
    transaction: Transaction,
    alert: Alert,
    kind: alerts.EventKind,
    *,
    actor: str,
) -> list[Job]:
    """An event for those who watch, an entry of the audit log, and the webhook's job if any."""
    now = runtime.clock.now()
    event = alerts.tell(transaction, alert, kind, at=now)
    audit.append(
        transaction,
        at=now,
        actor=actor,
        action=f"alert.{alert.answer or kind}",
        subject=f"alert:{alert.id}",
        customer=str(alert.customer_id),
        entry=str(alert.entry_id),
        face=str(alert.face_id) if alert.face_id else None,
    )
    if runtime.webhook is None:
        return []
    return [jobs.add(transaction, kind="NOTIFY", subject_id=event.id, queue="identify", now=now)]


def send_owed(runtime: Runtime, owed: Sequence[Job]) -> None:
    """After the commit."""
    for job in owed:
        send_job(runtime, JobId(job.id), queue=job.queue)


def tend_alerts(runtime: Runtime) -> int:
    """By the clock: what nobody answers is said again, and what has lapsed is closed.

    Returns how many alerts changed. Safe to run at any time, twice, and from several processes.
    """
    now = runtime.clock.now()
    owed: list[Job] = []
    with runtime.database.begin() as transaction:
        lapsed = alerts.without_entry(transaction, now=now)
        for alert in lapsed:
            alert.answer, alert.answered_at, alert.answered_by = "lapsed", now, "system"
            owed += tell_watchers(runtime, transaction, alert, "answered", actor="system")
        due = now - timedelta(minutes=runtime.limits.alert_escalation_minutes)
        overdue = alerts.overdue(transaction, raised_before=due)
        for alert in overdue:
            alert.escalated_at = now
            owed += tell_watchers(runtime, transaction, alert, "escalated", actor="system")
    send_owed(runtime, owed)
    return len(lapsed) + len(overdue)
