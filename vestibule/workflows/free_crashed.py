"""A process ended in the middle of jobs: they are given back at once, and done alone then."""

from collections.abc import Iterable
from uuid import UUID

import structlog

from vestibule.domain.errors import TransientError
from vestibule.domain.ids import JobId
from vestibule.ports import JobQueue
from vestibule.records import jobs
from vestibule.records.database import Database

log = structlog.get_logger(__name__)


def free_crashed(database: Database, queue: JobQueue, job_ids: Iterable[UUID]) -> int:
    """How many were freed. A message that cannot be sent now is sent by the scheduler.

    Safe to run twice. Raises DatabaseUnavailableError; their leases end by themselves then.
    """
    with database.begin() as transaction:
        freed = jobs.free(transaction, job_ids)
    for job in freed:
        log.warning("job.freed", job_id=str(job.id), kind=job.kind, crashes=job.crashes)
        try:
            queue.enqueue(JobId(job.id), queue=job.queue)
        except TransientError as error:
            log.warning("job.not_sent", job_id=str(job.id), code=error.code)
    return len(freed)
