"""Watches one worker process: ends it when it hangs, starts it anew, says which jobs it held.

What is watched is a file (``signs.py``), since a process whose interpreter is held by native code
answers nothing. This process loads no model.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Literal
from uuid import UUID

import structlog

from services.worker.signs import Signs, read_signs

Reason = Literal["silent", "stuck"]
CRASHES, HANGS = "VESTIBULE_WORKER_CRASHES", "VESTIBULE_WORKER_HANGS"
"""How the next child learns what became of those before it, for its metrics."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """``opening_s`` is for weights to be fetched and models to be loaded."""

    silent_s: float = 20
    stuck_s: float = 40
    opening_s: float = 900
    stop_s: float = 30
    look_every_s: float = 0.25
    pause_s: float = 0.5
    longest_pause_s: float = 30
    well_after_s: float = 60
    """A child that took jobs for so long was well: the next pause is a short one again."""


@dataclass(slots=True)
class Watched:
    """What the supervisor tells about its child."""

    signs: Signs | None = None
    crashes: int = 0
    hangs: int = 0

    @property
    def is_taking(self) -> bool:
        return self.signs is not None and self.signs.phase == "taking"


def verdict(
    signs: Signs | None, began_s: float, now_s: float, limits: WatchLimits
) -> Reason | None:
    """Why a child that still runs must be ended; None if it is well."""
    if signs is None or signs.phase == "opening":
        return "silent" if now_s - began_s > limits.opening_s else None
    if now_s - signs.at_s > limits.silent_s:
        return "silent"
    if any(now_s - job.progressed_s > limits.stuck_s for job in signs.jobs):
        return "stuck"
    return None


@dataclass(slots=True)
class Supervisor:
    """``on_lost`` gets the jobs that ended with a child; ``on_look`` is called at every look."""

    command: Sequence[str]
    signs_file: Path
    on_lost: Callable[[list[UUID]], None]
    on_look: Callable[[Watched], None] = lambda _: None
    limits: WatchLimits = field(default_factory=WatchLimits)
    environment: Mapping[str, str] = field(default_factory=dict)
    watched: Watched = field(default_factory=Watched)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Until SIGTERM or SIGINT; the exit status of this process. In the main thread."""
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, self._ask_to_stop)
        pause_s = self.limits.pause_s
        while True:
            began_s = time.monotonic()
            child = self._start()
            reason = self._watch(child, began_s)
            was_taking, lost = self.watched.is_taking, self._lost()
            self._forget_signs()
            if lost:
                self.on_lost(lost)
            if self._stopping.is_set():
                return child.returncode if child.returncode > 0 else 0
            if not was_taking and child.returncode > 0:
                return child.returncode  # it said why; starting it again would change nothing
            self._count(child, reason)
            if was_taking and time.monotonic() - began_s > self.limits.well_after_s:
                pause_s = self.limits.pause_s
            log.warning("worker.restarting", status=child.returncode, pause_s=pause_s)
            if self._stopping.wait(pause_s):
                return 0
            pause_s = min(pause_s * 2, self.limits.longest_pause_s)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._forget_signs()
        told = {CRASHES: str(self.watched.crashes), HANGS: str(self.watched.hangs)}
        environment = {**os.environ, **self.environment, **told}
        return subprocess.Popen(list(self.command), env=environment)  # noqa: S603 - our own

    def _watch(self, child: "subprocess.Popen[bytes]", began_s: float) -> Reason | None:
        """Returns when the child is gone, and why if it was made to go."""
        asked_at: float | None = None
        while child.poll() is None:
            self.watched.signs = self._signs_of(child)
            self.on_look(self.watched)
            now_s = time.monotonic()
            reason = verdict(self.watched.signs, began_s, now_s, self.limits)
            if self._stopping.is_set() and asked_at is None:
                asked_at = now_s
                child.terminate()
            is_late = asked_at is not None and now_s - asked_at > self.limits.stop_s
            if is_late or (reason is not None and asked_at is None):
                self._end(child, reason)
                return reason
            time.sleep(self.limits.look_every_s)
        self.watched.signs = self._signs_of(child)
        return None

    def _end(self, child: "subprocess.Popen[bytes]", reason: Reason | None) -> None:
        jobs = [str(job.job_id) for job in self.watched.signs.jobs] if self.watched.signs else []
        log.error("worker.killed", pid=child.pid, reason=reason or "would_not_stop", jobs=jobs)
        child.kill()
        child.wait()

    def _count(self, child: "subprocess.Popen[bytes]", reason: Reason | None) -> None:
        if reason is None:
            self.watched.crashes += 1
        else:
            self.watched.hangs += 1
        log.error("worker.ended", pid=child.pid, status=child.returncode, reason=reason)

    def _signs_of(self, child: "subprocess.Popen[bytes]") -> Signs | None:
        signs = read_signs(self.signs_file)
        return signs if signs is not None and signs.pid == child.pid else None

    def _lost(self) -> list[UUID]:
        return [job.job_id for job in self.watched.signs.jobs] if self.watched.signs else []

    def _forget_signs(self) -> None:
        self.watched.signs = None
        self.signs_file.unlink(missing_ok=True)
