"""A committed job goes on the queue, now or later: no request fails for want of a broker."""

from collections.abc import Sequence

import structlog

from vestibule.domain.errors import DatabaseUnavailableError, TransientError
from vestibule.domain.ids import JobId
from vestibule.records import jobs
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def send_job(runtime: Runtime, job_id: JobId, *, queue: str) -> bool:
    """Put the job's id on its queue; False when that must wait for ``requeue_stalled``.

    To be called after the commit of the job's row. Safe to run twice.
    """
    try:
        runtime.queue.enqueue(job_id, queue=queue)
    except TransientError as error:
        log.warning("job.not_sent", job_id=str(job_id), code=error.code)
        _note(runtime, job_id)
        return False
    return True


def send_jobs(runtime: Runtime, job_ids: Sequence[JobId], *, queue: str) -> bool:
    """The same for several at once."""
    if not job_ids:
        return True
    try:
        runtime.queue.enqueue_many(job_ids, queue=queue)
    except TransientError as error:
        log.warning("jobs.not_sent", count=len(job_ids), code=error.code)
        _note(runtime, *job_ids)
        return False
    return True


def _note(runtime: Runtime, *job_ids: JobId) -> None:
    """So that the next round sends it, not the one in which a message would count as lost."""
    try:
        with runtime.database.begin() as transaction:
            jobs.mark_unsent(transaction, job_ids)
    except DatabaseUnavailableError as error:
        log.warning("job.not_noted", job_ids=[str(item) for item in job_ids], code=error.code)
