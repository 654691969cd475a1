"""How the installation stands, in numbers: who waits, what is overdue, what was given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from vestibule.records.database import Transaction
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.records.erasures import WAITING
from vestibule.records.gallery_tables import NotThem
from vestibule.records.tables import EnrolmentHold, FaceHold, Job, Photo

GIVEN_UP = ("gave_up", "internal_error", "crashed_worker")
"""How a job ends whose fault is ours, not its photo's: a dead letter."""


@dataclass(frozen=True, slots=True)
class Queue:
    waiting: int
    running: int
    oldest_wait_s: float
    """Of the job that waits longest for its start, whatever it waits for; 0 if none does."""


def queues(transaction: Transaction, *, now: datetime) -> dict[str, Queue]:
    """Of those in which a job is open."""
    is_waiting = Job.state == "QUEUED"
    query = (
        select(
            Job.queue,
            func.count().filter(is_waiting),
            func.count().filter(~is_waiting),
            func.min(Job.created_at).filter(is_waiting),
        )
        .where(Job.finished_at.is_(None))
        .group_by(Job.queue)
    )
    return {
        queue: Queue(waiting, running, _since(oldest, now))
        for queue, waiting, running, oldest in transaction.execute(query)
    }


def overdue_s(transaction: Transaction, *, now: datetime) -> Mapping[str, float]:
    """For how long the oldest thing of each kind should have been gone; 0 if nothing should."""
    waits = func.coalesce(ErasureRecord.trouble, "").in_(WAITING)
    erasing = and_(ErasureRecord.state == "RUNNING", ~waits)
    left_over = Photo.upload_key.is_not(None) & Job.finished_at.is_not(None)
    oldest: dict[str, datetime | None] = {
        "hold": _oldest(transaction, FaceHold.expires_at),
        "enrolment_hold": _oldest(transaction, EnrolmentHold.expires_at),
        "photo": _oldest(transaction, Photo.expires_at),
        "answer": _oldest(transaction, NotThem.expires_at),
        "erasure": transaction.scalar(select(func.min(ErasureRecord.requested_at)).where(erasing)),
        "upload": transaction.scalar(
            select(func.min(Job.finished_at)).join(Photo, Photo.job_id == Job.id).where(left_over)
        ),
    }
    return {kind: _since(moment, now) for kind, moment in oldest.items()}


def dead_letters(transaction: Transaction) -> Mapping[str, int]:
    """Jobs that were given up and that nobody has dismissed or sent again, by kind."""
    query = (
        select(Job.kind, func.count())
        .where(Job.state == "FAILED", Job.error_code.in_(GIVEN_UP), Job.dismissed_at.is_(None))
        .group_by(Job.kind)
    )
    return {row[0]: row[1] for row in transaction.execute(query)}


def _oldest(transaction: Transaction, column: InstrumentedAttribute[datetime]) -> datetime | None:
    return transaction.scalar(select(func.min(column)))


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
