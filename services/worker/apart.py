"""A job in a process of its own, which may crash or hang: it is known then which job it was."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from vestibule.domain.ids import JobId
from vestibule.ports import Ending

BEGUN = "begun"
"""What that process prints when its engine is loaded and the work begins."""

_ASKED_TO_END = {-signal.SIGTERM, -signal.SIGINT}
log = structlog.get_logger(__name__)


class ProcessApart:
    """One such process at a time: each holds an engine, and jobs for it are few.

    ``command`` gets the job's id and its attempt as further arguments.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        limit_s: float,
        opening_limit_s: float = 120,
        keep_every_s: float = 5,
    ) -> None:
        self._command = command
        self._limit_s = limit_s
        self._opening_limit_s = opening_limit_s
        self._keep_every_s = keep_every_s
        self._one = threading.Lock()

    def do(self, job_id: JobId, *, attempt: int, keep: Callable[[], None]) -> Ending:
        """See ``ports.Apart``."""
        while not self._one.acquire(timeout=self._keep_every_s):
            keep()
        try:
            return self._do(job_id, attempt=attempt, keep=keep)
        finally:
            self._one.release()

    def _do(self, job_id: JobId, *, attempt: int, keep: Callable[[], None]) -> Ending:
        begun = threading.Event()
        command = [*self._command, str(job_id), str(attempt)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        reading = threading.Thread(target=_listen, args=(process, begun), daemon=True)
        reading.start()
        is_late = self._wait(process, begun, keep)
        if is_late:
            process.kill()
        status = process.wait()
        reading.join(5)
        log.info("apart.ended", status=status, begun=begun.is_set(), is_late=is_late)
        if not begun.is_set():
            return Ending.OVER if status == 0 else Ending.NOT_BEGUN
        if is_late:
            return Ending.HUNG
        if status < 0 and status not in _ASKED_TO_END:
            return Ending.CRASHED
        return Ending.OVER if status == 0 else Ending.NOT_BEGUN

    def _wait(
        self, process: "subprocess.Popen[str]", begun: threading.Event, keep: Callable[[], None]
    ) -> bool:
        """Whether it took too long, to open or at the work."""
        opened_by = time.monotonic() + self._opening_limit_s
        ended_by: float | None = None
        kept_at = time.monotonic()
        while process.poll() is None:
            now = time.monotonic()
            if ended_by is None and begun.is_set():
                ended_by = now + self._limit_s
            if now > (ended_by or opened_by):
                return True
            if now - kept_at > self._keep_every_s:
                keep()
                kept_at = now
            time.sleep(0.05)
        return False


def _listen(process: "subprocess.Popen[str]", begun: threading.Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == BEGUN:
            begun.set()


def offer_to_be_killed_first() -> None:
    """For that process: where memory runs out, the kernel takes it and not the worker."""
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
