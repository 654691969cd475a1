"""Jobs as whoever runs the installation sees them: failed, waiting, running; and lost letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update

from vestibule.records.database import Transaction
from vestibule.records.tables import Enrolment, Job, Photo
from vestibule.records.worker_tables import UnreadableMessage

UNREADABLE_KEPT = 100
UNREADABLE_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class QueueState:
    """``oldest_waiting_at`` is when the job that waits longest was asked for."""

    queue: str
    waiting: int
    running: int
    failed: int
    oldest_waiting_at: datetime | None


def page(transaction: Transaction, state: str, *, offset: int, limit: int) -> tuple[list[Job], int]:
    """Failed and done ones the latest first, the others the oldest first; and how many."""
    wanted = _of(state)
    ended = state in ("FAILED", "DONE")
    order = Job.finished_at.desc() if ended else Job.created_at
    query = select(Job).where(wanted).order_by(order, Job.id).offset(offset).limit(limit)
    total = transaction.scalar(select(func.count()).select_from(Job).where(wanted)) or 0
    return list(transaction.scalars(query)), total


def _of(state: str) -> ColumnElement[bool]:
    """What was dismissed is not among the failed any more."""
    wanted = Job.state == state
    return wanted & Job.dismissed_at.is_(None) if state == "FAILED" else wanted


def queues(transaction: Transaction, names: Sequence[str]) -> list[QueueState]:
    """One each, in that order, also of those in which nothing is."""
    is_waiting, failed = Job.state == "QUEUED", _of("FAILED")
    query = select(
        Job.queue,
        func.count().filter(is_waiting),
        func.count().filter(Job.state == "RUNNING"),
        func.count().filter(failed),
        func.min(Job.created_at).filter(is_waiting),
    ).where(Job.finished_at.is_(None) | failed)
    found = {row[0]: QueueState(*row) for row in transaction.execute(query.group_by(Job.queue))}
    return [found.get(name, QueueState(name, 0, 0, 0, None)) for name in names]


def find_for_change(transaction: Transaction, job_id: UUID) -> Job | None:
    return transaction.scalar(select(Job).where(Job.id == job_id).with_for_update())


def has_its_upload(transaction: Transaction, job: Job) -> bool:
    """Whether what the job worked on is still there; those without an upload always have it."""
    if job.kind == "IDENTIFY":
        query = select(Photo.upload_key).where(Photo.job_id == job.id)
        return transaction.scalar(query) is not None
    if job.kind == "ENROL":
        asked = transaction.scalar(select(Enrolment).where(Enrolment.job_id == job.id))
        return asked is not None and (asked.upload_key is not None or asked.face_id is not None)
    return True


def end_waiting(transaction: Transaction, job_id: UUID, *, code: str, now: datetime) -> Job | None:
    """End a job that no worker has; None if one has it, or it has ended."""
    ended = (
        update(Job)
        .where(Job.id == job_id, Job.state == "QUEUED")
        .values(state="FAILED", error_code=code, finished_at=now, dismissed_at=now)
        .returning(Job)
    )
    return transaction.scalar(ended)


# ── messages that nobody could read ─────────────────────────────────────────────────────────
def note_unreadable(
    transaction: Transaction, *, queue: str, why: str, size_bytes: int, now: datetime
) -> None:
    """What it said is not kept: nobody knows what it is. The latest hundred are."""
    transaction.add(UnreadableMessage(queue=queue, why=why, size_bytes=size_bytes, seen_at=now))
    transaction.flush()
    latest = select(UnreadableMessage.id).order_by(UnreadableMessage.seen_at.desc())
    transaction.execute(
        delete(UnreadableMessage).where(
            UnreadableMessage.id.not_in(latest.limit(UNREADABLE_KEPT))
            | (UnreadableMessage.seen_at <= now - UNREADABLE_KEPT_FOR)
        )
    )


def unreadable(transaction: Transaction) -> list[UnreadableMessage]:
    """The latest first."""
    query = select(UnreadableMessage).order_by(UnreadableMessage.seen_at.desc())
    return list(transaction.scalars(query))


def forget_unreadable(transaction: Transaction) -> int:
    gone = delete(UnreadableMessage).returning(UnreadableMessage.id)
    return len(transaction.scalars(gone).all())
