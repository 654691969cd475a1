"""Job rows: who owes what, who holds it, how far it is."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, text, update

from vestibule import running_jobs, tracing
from vestibule.domain.admission import Backlog
from vestibule.domain.ids import JobId
from vestibule.records.database import Transaction
from vestibule.records.tables import Job, Json

CHANNEL = "vestibule_job"
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_CRASHES = 4
"""After so many processes that ended while they did it, a job is not tried again."""

NEVER_SENT = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "no message of this job is under way"."""


def add(transaction: Transaction, *, kind: str, subject_id: UUID, queue: str, now: datetime) -> Job:
    job = Job(
        kind=kind,
        subject_id=subject_id,
        queue=queue,
        progress={"stages": {"received": 0}},
        created_at=now,
        sent_at=now,
        traceparent=tracing.traceparent(),
    )
    transaction.add(job)
    transaction.flush()
    return job


def find(transaction: Transaction, job_id: UUID) -> Job | None:
    return transaction.get(Job, job_id)


def claim(transaction: Transaction, job_id: JobId, *, now: datetime) -> Job | None:
    """Take the job if nobody holds it; None if it is done, held, or not due yet.

    Where a lease ran out, the process that held it is taken to have crashed.
    """
    free = or_(
        (Job.state == "QUEUED") & or_(Job.not_before.is_(None), Job.not_before <= now),
        (Job.state == "RUNNING") & (Job.lease_expires_at <= now),
    )
    return transaction.scalar(
        update(Job)
        .where(Job.id == job_id, free)
        .values(
            state="RUNNING",
            attempt=Job.attempt + 1,
            crashes=Job.crashes + case((Job.state == "RUNNING", 1), else_=0),
            started_at=now,
            lease_expires_at=now + LEASE,
            not_before=None,
        )
        .returning(Job)
    )


def attempts_used(job: Job) -> int:
    """Those since a person had it tried again, without those that ended with their process."""
    before: int = job.progress.get("tried_before", 0)
    return job.attempt - job.crashes - before


def mark_stage(transaction: Transaction, job: Job, *, now: datetime, **progress: object) -> None:
    """Record how far a held job is, renew its lease and wake whoever watches it."""
    running_jobs.HERE.came_further(job.id)
    transaction.execute(
        update(Job)
        .where(Job.id == job.id, Job.attempt == job.attempt, Job.state == "RUNNING")
        .values(progress=_advanced(job, now, progress), lease_expires_at=now + LEASE)
    )
    _notify(transaction, job.id)


def _advanced(job: Job, now: datetime, progress: dict[str, object]) -> Json:
    stage = progress.pop("stage", None)
    stages = dict(job.progress.get("stages", {}))
    if stage is not None:
        stages[str(stage)] = elapsed_ms(job, now)
    job.progress = {**job.progress, **progress, "stages": stages}
    return job.progress


def elapsed_ms(job: Job, now: datetime) -> int:
    return max(0, round((now - job.created_at).total_seconds() * 1000))


def holds(transaction: Transaction, job: Job) -> bool:
    """Whether this attempt still owns the job. Locks the row until the transaction ends."""
    query = select(Job.id).where(
        Job.id == job.id, Job.attempt == job.attempt, Job.state == "RUNNING"
    )
    return transaction.scalar(query.with_for_update()) is not None


def finish(transaction: Transaction, job: Job, *, now: datetime, **progress: object) -> None:
    """Mark a held job done, in the transaction that stores its result."""
    stages = {**job.progress.get("stages", {}), "done": elapsed_ms(job, now)}
    reached = {**job.progress, **progress, "stages": stages}
    _end(transaction, job, state="DONE", finished_at=now, progress=reached)


def fail(transaction: Transaction, job: Job, *, code: str, detail: str, now: datetime) -> None:
    _end(transaction, job, state="FAILED", error_code=code, error_detail=detail, finished_at=now)


def release(transaction: Transaction, job: Job, *, now: datetime) -> None:
    """Give a held job back after a transient error; it is due again after a growing pause."""
    pause = timedelta(seconds=min(2**job.attempt, 60) / 2)
    _end(transaction, job, state="QUEUED", not_before=now + pause)


def _end(transaction: Transaction, job: Job, **values: object) -> None:
    transaction.execute(
        update(Job)
        .where(Job.id == job.id, Job.attempt == job.attempt, Job.state == "RUNNING")
        .values(lease_expires_at=None, **values)
    )
    _notify(transaction, job.id)


def _notify(transaction: Transaction, job_id: UUID) -> None:
    transaction.execute(
        text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(job_id)}
    )


def take_stalled(
    transaction: Transaction, *, now: datetime, quiet_s: float
) -> tuple[list[Job], list[Job]]:
    """Open jobs without a message, and those whose message may only be waiting for long.

    Without one are those that were never sent and those whose lease ran out; the others were sent
    more than ``quiet_s`` ago and nobody began them.
    """
    due = or_(Job.not_before.is_(None), Job.not_before <= now)
    stalled = or_(
        (Job.state == "QUEUED") & (Job.sent_at <= now - timedelta(seconds=quiet_s)) & due,
        (Job.state == "RUNNING") & (Job.lease_expires_at <= now),
    )
    query = select(Job).where(Job.finished_at.is_(None), stalled).order_by(Job.created_at)
    without, waiting = list[Job](), list[Job]()
    for job in transaction.scalars(query.with_for_update(skip_locked=True)):
        has_none = job.state == "RUNNING" or job.sent_at == NEVER_SENT
        (without if has_none else waiting).append(job)
        job.sent_at = now
    return without, waiting


def due_in(transaction: Transaction, queue: str, *, now: datetime) -> int:
    """How many jobs of a queue should have a message waiting."""
    due = or_(Job.not_before.is_(None), Job.not_before <= now)
    query = select(func.count()).where(
        Job.queue == queue, Job.finished_at.is_(None), Job.state == "QUEUED", due
    )
    return transaction.scalar(query) or 0


def somebody_waits(transaction: Transaction) -> bool:
    """Whether a person waits for an answer: an identification or an enrolment is open."""
    query = select(Job.id).where(Job.queue.in_(("identify", "enrol")), Job.finished_at.is_(None))
    return transaction.scalar(query.limit(1)) is not None


def mark_unsent(transaction: Transaction, job_ids: Iterable[UUID]) -> None:
    """The broker did not take them: the next look for stalled jobs finds them at once."""
    transaction.execute(
        update(Job)
        .where(Job.id.in_(list(job_ids)), Job.state == "QUEUED")
        .values(sent_at=NEVER_SENT)
    )


def free_all(transaction: Transaction) -> None:
    """Take every held job from its holder: right only when no worker can be alive."""
    free(transaction, select(Job.id).where(Job.state == "RUNNING"))


def free(transaction: Transaction, job_ids: Iterable[UUID] | Select[UUID]) -> list[Job]:
    """Give back what a process held that has ended; whatever of it is freed goes on its queue.

    Its attempt does not count, and the job is done alone from now on: it may be what ended it.
    """
    wanted = job_ids if isinstance(job_ids, Select) else list(job_ids)
    freed = (
        update(Job)
        .where(Job.id.in_(wanted), Job.state == "RUNNING")
        .values(state="QUEUED", lease_expires_at=None, crashes=Job.crashes + 1, sent_at=NEVER_SENT)
        .returning(Job)
    )
    return list(transaction.scalars(freed))


def renew(transaction: Transaction, job: Job, *, now: datetime) -> bool:
    """Keep holding it while another process works on it; False if it is held no more."""
    running_jobs.HERE.came_further(job.id)
    kept = (
        update(Job)
        .where(Job.id == job.id, Job.attempt == job.attempt, Job.state == "RUNNING")
        .values(lease_expires_at=now + LEASE)
        .returning(Job.id)
    )
    return transaction.scalar(kept) is not None


def queue_position(transaction: Transaction, job: Job) -> int:
    """How many open jobs of the same queue were there first."""
    query = select(func.count()).where(
        Job.queue == job.queue, Job.finished_at.is_(None), Job.created_at < job.created_at
    )
    return transaction.scalar(query) or 0


def backlog(transaction: Transaction, queue: str, *, coming: int = 0, lately: int = 20) -> Backlog:
    """What is open in a queue, with ``coming`` whose rows are still to be written, and the mean
    time of its ``lately`` last finished jobs."""
    is_waiting = Job.state == "QUEUED"
    open_jobs = select(func.count().filter(is_waiting), func.count().filter(~is_waiting)).where(
        Job.queue == queue, Job.finished_at.is_(None)
    )
    waiting, running = transaction.execute(open_jobs).one()
    waiting += coming
    took = func.extract("epoch", Job.finished_at - Job.started_at).label("seconds")
    last = select(took).where(Job.queue == queue, Job.finished_at.is_not(None))
    last_ones = last.order_by(Job.finished_at.desc()).limit(lately).subquery()
    seconds = transaction.scalar(select(func.avg(last_ones.c.seconds))) if waiting else None
    return Backlog(waiting, running, None if seconds is None else float(seconds))


def latest_of_kind(transaction: Transaction, kind: str) -> Job | None:
    return transaction.scalar(
        select(Job).where(Job.kind == kind).order_by(Job.created_at.desc()).limit(1)
    )


def latest_done_of_kind(transaction: Transaction, kind: str) -> Job | None:
    query = select(Job).where(Job.kind == kind, Job.state == "DONE")
    return transaction.scalar(query.order_by(Job.finished_at.desc()).limit(1))
