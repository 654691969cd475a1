"""A lost message is found and sent again: job rows are what counts, messages are a hint."""

import structlog

from vestibule.domain.errors import TransientError
from vestibule.domain.ids import JobId
from vestibule.records import jobs
from vestibule.records.tables import Job
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)

QUIET_S = 15.0
"""How long a queued job waits before its message counts as lost; a duplicate does no harm."""


def requeue_stalled(runtime: Runtime, *, quiet_s: float = QUIET_S) -> int:
    """Send again what is queued without a word for ``quiet_s``, and what a dead worker held.

    Where a queue holds a message for each of its jobs none is lost, however long they wait: sending
    them again would only pile up. How many were sent. A broker that is away ends the round; the
    next one goes on.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        without, waiting = jobs.take_stalled(transaction, now=now, quiet_s=quiet_s)
        due = {queue: jobs.due_in(transaction, queue, now=now) for queue in _queues_of(waiting)}
    try:
        short = {queue for queue, jobs_due in due.items() if _is_short(runtime, queue, jobs_due)}
    except TransientError:
        short = set(due)
    return _send(runtime, [*without, *(job for job in waiting if job.queue in short)])


def _queues_of(waiting: list[Job]) -> set[str]:
    return {job.queue for job in waiting}


def _is_short(runtime: Runtime, queue: str, jobs_due: int) -> bool:
    return runtime.queue.waiting(queue) < jobs_due


def _send(runtime: Runtime, stalled: list[Job]) -> int:
    for place, job in enumerate(stalled):
        try:
            runtime.queue.enqueue(JobId(job.id), queue=job.queue)
        except TransientError as error:
            unsent = [other.id for other in stalled[place:]]
            log.warning("jobs.not_sent", count=len(unsent), code=error.code)
            with runtime.database.begin() as transaction:
                jobs.mark_unsent(transaction, unsent)
            return place
    return len(stalled)


def recover_after_restart(runtime: Runtime) -> int:
    """For a start at which no worker can be alive: free held jobs, send every open one."""
    with runtime.database.begin() as transaction:
        jobs.free_all(transaction)
    return requeue_stalled(runtime, quiet_s=0)
