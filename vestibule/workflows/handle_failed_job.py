"""What a person does about a job: try it again, dismiss that it failed, or cancel it."""

from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import JobId
from vestibule.records import audit, failed_jobs
from vestibule.records.database import Transaction
from vestibule.records.tables import Job
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job

CANCELLED = "cancelled"


def retry_job(runtime: Runtime, job_id: UUID, *, actor: str) -> Job:
    """Put a failed job on its queue with all its attempts.

    Raises NotFoundError, ConflictError where it has not failed or its upload is gone.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        job = _failed(transaction, job_id)
        if not failed_jobs.has_its_upload(transaction, job):
            raise ConflictError("What it was to work on is gone: it must be sent anew.")
        # The count of attempts goes on: it fences off a worker that still holds an old one.
        job.progress = {**job.progress, "tried_before": job.attempt}
        job.state, job.crashes = "QUEUED", 0
        job.error_code = job.error_detail = job.finished_at = job.dismissed_at = None
        job.not_before, job.sent_at = None, now
        _note(runtime, transaction, job, "retry", actor)
    send_job(runtime, JobId(job.id), queue=job.queue)
    return job


def dismiss_job(runtime: Runtime, job_id: UUID, *, actor: str) -> Job:
    """It is not among the failed any more. Safe to run twice. Raises as ``retry_job`` does."""
    with runtime.database.begin() as transaction:
        job = _failed(transaction, job_id)
        if job.dismissed_at is None:
            job.dismissed_at = runtime.clock.now()
            _note(runtime, transaction, job, "dismiss", actor)
    return job


def cancel_job(runtime: Runtime, job_id: UUID, *, actor: str) -> Job:
    """End a job that waits; its message, wherever it is, does nothing any more.

    Raises NotFoundError, ConflictError where a worker has it or it has ended.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        if failed_jobs.find_for_change(transaction, job_id) is None:
            raise NotFoundError()
        job = failed_jobs.end_waiting(transaction, job_id, code=CANCELLED, now=now)
        if job is None:
            raise ConflictError("It does not wait any more.")
        _note(runtime, transaction, job, "cancel", actor)
    return job


def forget_unreadable(runtime: Runtime, *, actor: str) -> int:
    with runtime.database.begin() as transaction:
        count = failed_jobs.forget_unreadable(transaction)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="messages.dismiss",
            subject="queues",
            count=count,
        )
    return count


def _failed(transaction: Transaction, job_id: UUID) -> Job:
    job = failed_jobs.find_for_change(transaction, job_id)
    if job is None:
        raise NotFoundError()
    if job.state != "FAILED":
        raise ConflictError("It has not failed.", state=job.state.lower())
    return job


def _note(runtime: Runtime, transaction: Transaction, job: Job, verb: str, actor: str) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=f"job.{verb}",
        subject=f"job:{job.id}",
        kind=job.kind,
    )
