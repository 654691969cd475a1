"""Back-pressure: a photo that would wait too long is not taken, and its sender is told when."""

import math
import threading

from vestibule.domain.admission import Backlog, expected_wait_s, pace_s, seconds_until_room
from vestibule.domain.errors import DatabaseUnavailableError, TooBusyError
from vestibule.records import jobs
from vestibule.telemetry import EXPECTED_WAIT_SECONDS
from vestibule.workflows.runtime import Runtime

LONGEST_RETRY_S = 120
PATIENCE_S = 10.0
"""How long an upload waits for those before it, who wait for a database that is silent."""


class Doorkeeper:
    """Who was let in and has no job row yet, and the last time at which somebody was asked back.

    Without the first, all who ask in one moment would be let in; without the second, all who were
    refused would come back in one moment. Counts for this process; safe to use from many threads.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._coming = 0
        self._asked_back_at = 0.0

    def admit(self, runtime: Runtime) -> None:
        """Asked before a byte of the photo is read; ``has_come`` must follow, whatever happens.

        Raises TooBusyError or DatabaseUnavailableError; then nothing is stored and nothing has to
        follow.
        """
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise DatabaseUnavailableError()
        try:
            self._admit(runtime)
        finally:
            self._turn.release()

    def _admit(self, runtime: Runtime) -> None:
        limit_s, now = runtime.limits.max_queue_wait_s, runtime.clock.now().timestamp()
        with runtime.database.look() as transaction:
            backlog = jobs.backlog(transaction, "identify", coming=self._coming)
        wait_s = expected_wait_s(backlog)
        EXPECTED_WAIT_SECONDS.set(wait_s)
        if wait_s > limit_s:
            raise TooBusyError(
                retry_after_s=self._ask_back(backlog, now, limit_s=limit_s),
                expected_wait_s=round(wait_s, 1),
                photos_waiting=backlog.waiting,
            )
        with self._counting:
            self._coming += 1

    def has_come(self) -> None:
        """Its job row is committed, or it will never be. Waits for nothing: loops may call it."""
        with self._counting:
            self._coming -= 1

    def _ask_back(self, backlog: Backlog, now: float, *, limit_s: float) -> int:
        """When half of the line is gone, each a photo's time after the one asked back before."""
        soonest = now + seconds_until_room(backlog, limit_s=limit_s)
        latest = now + LONGEST_RETRY_S
        self._asked_back_at = min(max(soonest, self._asked_back_at + pace_s(backlog)), latest)
        return max(1, math.ceil(self._asked_back_at - now))
