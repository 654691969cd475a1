"""A lost message is found and sent again: job rows are what counts, messages are a hint."""

import structlog

from vestibule.domain.errors import TransientError
from vestibule.domain.ids import JobId
from vestibule.records import jobs
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)

QUIET_S = 15.0
"""How long a queued job waits before its message counts as lost; a duplicate does no harm."""


def requeue_stalled(runtime: Runtime, *, quiet_s: float = QUIET_S) -> int:
    """Send again what is queued without a word for ``quiet_s``, and what a dead worker held.

    How many were sent. A broker that is away ends the round; the next one goes on.
    """
    with runtime.database.begin() as transaction:
        stalled = jobs.take_stalled(transaction, now=runtime.clock.now(), quiet_s=quiet_s)
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
