"""Signs of life that a worker leaves in a file, and its watcher reads: alive, and at which jobs."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from vestibule.running_jobs import Running, RunningJobs
from vestibule.settings import Settings

EVERY_S = 1.0
Phase = Literal["opening", "taking"]


@dataclass(frozen=True, slots=True)
class Signs:
    """``at_s`` is of ``time.monotonic``, as are the times of the jobs."""

    pid: int
    at_s: float
    phase: Phase
    jobs: tuple[Running, ...]


def signs_file(settings: Settings) -> Path:
    """Where the child says how it is, for its watcher."""
    return settings.data_dir / "run" / "worker-child.json"


def read_signs(path: Path) -> Signs | None:
    """None where there is none, or it is not whole."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        jobs = tuple(Running(UUID(j), began, further) for j, began, further in said["jobs"])
        return Signs(said["pid"], said["at_s"], said["phase"], jobs)
    except (OSError, ValueError, KeyError, TypeError):
        return None


class SignWriter:
    """Writes every second, and at once when a job begins or ends. A thread of this process."""

    def __init__(
        self, path: Path, jobs: RunningJobs, *, on_beat: Callable[[], None] = lambda: None
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._jobs = jobs
        self._on_beat = on_beat
        self._phase: Phase = "opening"
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_writing, name="signs", daemon=True)

    def start(self) -> None:
        self._jobs.on_change = self._write
        self._write()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._jobs.on_change = None

    def is_taking(self) -> None:
        self._phase = "taking"
        self._write()

    def _keep_writing(self) -> None:
        while not self._stopping.wait(EVERY_S):
            self._write()
            self._on_beat()

    def _write(self) -> None:
        with self._lock:
            said = {
                "pid": os.getpid(),
                "at_s": time.monotonic(),
                "phase": self._phase,
                "jobs": [[str(j.job_id), j.began_s, j.progressed_s] for j in self._jobs.all()],
            }
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps(said), encoding="utf-8")
            part.replace(self._path)
