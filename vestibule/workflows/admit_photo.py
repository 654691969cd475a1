"""Back-pressure: a photo that would wait too long is not taken, and its sender is told when."""

from vestibule.domain.admission import expected_wait_s, retry_after_s
from vestibule.domain.errors import TooBusyError
from vestibule.records import jobs
from vestibule.telemetry import EXPECTED_WAIT_SECONDS
from vestibule.workflows.runtime import Runtime


def require_room(runtime: Runtime) -> None:
    """Asked before a byte of the photo is read. Raises TooBusyError; nothing is stored then.

    The answer holds for the moment: of several that ask at once all may be let in.
    """
    with runtime.database.look() as transaction:
        backlog = jobs.backlog(transaction, "identify")
    wait_s, limit_s = expected_wait_s(backlog), runtime.limits.max_queue_wait_s
    EXPECTED_WAIT_SECONDS.set(wait_s)
    if wait_s > limit_s:
        raise TooBusyError(
            retry_after_s=retry_after_s(wait_s, limit_s=limit_s),
            expected_wait_s=round(wait_s, 1),
            photos_waiting=backlog.waiting,
        )
