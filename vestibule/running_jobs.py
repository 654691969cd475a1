"""Which jobs this process works on, and when each last came further: what a watchdog looks at.

Threads of a worker write here and one that writes signs of life reads. Nothing is kept of a job
that has ended. Times are of ``time.monotonic``, which all processes of a machine share.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Running:
    job_id: UUID
    began_s: float
    progressed_s: float


class RunningJobs:
    """Safe to use from several threads. ``on_change`` is called when a job begins or ends."""

    def __init__(self) -> None:
        self._running: dict[UUID, Running] = {}
        self._lock = threading.Lock()
        self.on_change: Callable[[], None] | None = None

    @contextmanager
    def working_on(self, job_id: UUID) -> Iterator[None]:
        """Noted before the work begins, so that a crash is known to be in these jobs."""
        now = time.monotonic()
        with self._lock:
            self._running[job_id] = Running(job_id, now, now)
        self._tell()
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(job_id, None)
            self._tell()

    def came_further(self, job_id: UUID) -> None:
        with self._lock:
            known = self._running.get(job_id)
            if known is not None:
                self._running[job_id] = Running(job_id, known.began_s, time.monotonic())

    def all(self) -> list[Running]:
        with self._lock:
            return list(self._running.values())

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change()


HERE = RunningJobs()
"""Those of this process."""
