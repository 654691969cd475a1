"""A watcher ends a child that hangs, starts it anew, and says at once which jobs went with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from services.worker.signs import Signs, SignWriter, read_signs
from services.worker.supervisor import WatchLimits, verdict
from vestibule.running_jobs import Running, RunningJobs

LIMITS = WatchLimits(silent_s=20, stuck_s=40, opening_s=900)

CHILD = """
import os, signal, sys, threading, time
from pathlib import Path
from uuid import UUID
from services.worker.signs import SignWriter
from vestibule.running_jobs import RunningJobs

path, notes, deeds = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
turn = len(notes.read_text().splitlines()) if notes.exists() else 0
with notes.open("a") as file:
    file.write(f"{os.getpid()}\\n")
deed = deeds[min(turn, len(deeds) - 1)]
stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
if deed == "refuse":
    sys.exit(3)
jobs = RunningJobs()
signs = SignWriter(path, jobs)
signs.start()
signs.is_taking()
if deed == "work":
    while not stopping.wait(0.05):
        pass
    sys.exit(0)
with jobs.working_on(UUID(int=turn + 1)):
    if deed == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if deed == "hang":
        time.sleep(600)
    if deed == "hold-interpreter":
        os.kill(os.getpid(), signal.SIGSTOP)
"""

WATCHER = """
import sys
from pathlib import Path
from services.worker.supervisor import Supervisor, WatchLimits

path = Path(sys.argv[1])
supervisor = Supervisor(
    command=[sys.executable, "-c", sys.argv[2], *sys.argv[1:2], *sys.argv[3:]],
    signs_file=path,
    on_lost=lambda jobs: print("lost", *[job.int for job in jobs], flush=True),
    limits=WatchLimits(silent_s=1.5, stuck_s=1.5, opening_s=10, stop_s=2, look_every_s=0.05,
                       pause_s=0.1, longest_pause_s=0.2),
)
status = supervisor.run()
print("crashes", supervisor.watched.crashes, "hangs", supervisor.watched.hangs, flush=True)
sys.exit(status)
"""


def until(condition: Callable[[], bool], *, within_s: float = 20) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Watcher:
    """A supervisor as a process, over children of which the n-th does the n-th deed."""

    def __init__(self, folder: Path, *deeds: str) -> None:
        self.signs, self._notes = folder / "signs.json", folder / "notes"
        command = [sys.executable, "-c", WATCHER, str(self.signs), CHILD, str(self._notes), *deeds]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    @property
    def children(self) -> list[int]:
        return [int(line) for line in self._notes.read_text().split()] if self.started else []

    @property
    def started(self) -> bool:
        return self._notes.exists()

    def stop(self) -> list[str]:
        """What it said, without its log."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=20)
        return [line for line in said.splitlines() if line.startswith(("lost", "crashes"))]

    def is_taking(self) -> bool:
        signs = read_signs(self.signs)
        return signs is not None and signs.phase == "taking" and signs.pid == self.children[-1]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def start(*deeds: str) -> Watcher:
        made.append(Watcher(tmp_path, *deeds))
        return made[-1]

    yield start
    for watcher in made:
        for pid in [watcher.process.pid, *watcher.children]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        watcher.process.wait(10)


@pytest.mark.parametrize(
    ("deed", "counted"),
    [
        ("crash", "crashes 1 hangs 0"),
        ("hang", "crashes 0 hangs 1"),
        ("hold-interpreter", "crashes 0 hangs 1"),
    ],
)
def test_child_that_ends_or_hangs_is_replaced_and_its_job_is_given_up(watch, deed, counted):
    watcher = watch(deed, "work")
    assert until(lambda: len(watcher.children) == 2 and watcher.is_taking())
    assert watcher.stop() == ["lost 1", counted]


def test_child_that_crashes_again_and_again_is_started_again_and_again(watch):
    watcher = watch("crash", "crash", "crash", "work")
    assert until(lambda: len(watcher.children) == 4 and watcher.is_taking())
    assert watcher.stop()[-1] == "crashes 3 hangs 0"


def test_child_that_refuses_to_start_ends_its_watcher_with_the_same_status(watch):
    watcher = watch("refuse")
    assert watcher.process.wait(20) == 3


def test_stopping_stops_the_child_and_is_no_failure(watch):
    watcher = watch("work")
    assert until(lambda: watcher.started and watcher.is_taking())
    watcher.stop()
    assert watcher.process.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(watcher.children[0], 0)


def test_child_that_would_not_stop_is_killed_and_its_job_is_given_up(watch):
    watcher = watch("hang")
    assert until(lambda: watcher.started and watcher.is_taking())
    assert "lost 1" in watcher.stop()


# ── what it goes by ─────────────────────────────────────────────────────────────────────────
def signs(*, age_s: float = 0, phase: str = "taking", job_age_s: float | None = None) -> Signs:
    jobs = () if job_age_s is None else (Running(uuid4(), 0, 1000 - job_age_s),)
    return Signs(1, 1000 - age_s, phase, jobs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (signs(), None),
        (signs(age_s=19), None),
        (signs(age_s=21), "silent"),
        (signs(job_age_s=39), None),
        (signs(job_age_s=41), "stuck"),
        (signs(age_s=100, phase="opening"), None),
        (None, None),
    ],
)
def test_verdict(said, expected):
    assert verdict(said, 900, 1000, LIMITS) == expected


@pytest.mark.parametrize("said", [None, signs(phase="opening")])
def test_child_that_never_opens_is_ended(said):
    assert verdict(said, 0, 1000, LIMITS) == "silent"


def test_signs_tell_of_a_job_before_its_work_begins_and_not_after(tmp_path):
    jobs, path, job = RunningJobs(), tmp_path / "signs.json", uuid4()
    writer = SignWriter(path, jobs)
    writer.start()
    with jobs.working_on(job):
        began = read_signs(path)
        jobs.came_further(job)
        assert jobs.all()[0].progressed_s > jobs.all()[0].began_s
    ended = read_signs(path)
    writer.stop()
    assert began is not None and ended is not None
    assert [running.job_id for running in began.jobs] == [job]
    assert ended.jobs == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_signs_that_are_not_whole_are_none(tmp_path, content):
    (tmp_path / "signs.json").write_text(content)
    assert read_signs(tmp_path / "signs.json") is None
    assert read_signs(tmp_path / "no such file") is None
