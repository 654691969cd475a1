"""A worker: a process that watches, and its child, which loads the engine and takes jobs."""

import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import structlog

from services.heartbeat import beat, forget
from services.observing import observing
from services.worker.apart import BEGUN, ProcessApart, offer_to_be_killed_first
from services.worker.desk import Desk
from services.worker.signs import SignWriter
from services.worker.supervisor import CRASHES, HANGS, Supervisor, Watched, WatchLimits
from services.worker.tasks import do_apart, register_tasks
from vestibule import running_jobs
from vestibule.domain.ids import JobId
from vestibule.settings import Settings
from vestibule.telemetry import WORKER_RESTARTS
from vestibule.wiring_distributed import open_desk, open_worker, take_jobs

NAME = "worker"
CHILD = (sys.executable, "-m", "services.cli", "take-jobs")
APART = (sys.executable, "-m", "services.cli", "do-apart")
log = structlog.get_logger(__name__)


def signs_file(settings: Settings) -> Path:
    """Where the child says how it is, for its watcher."""
    return settings.data_dir / "run" / "worker-child.json"


def run_worker_process(settings: Settings, *, child: Sequence[str] = CHILD) -> int:
    """Watch a child that takes jobs until a signal asks to stop; the exit status."""
    with open_desk(settings) as counter:
        desk = Desk(counter, queues=settings.worker_queues)
        desk.start()

        def look(watched: Watched) -> None:
            if watched.is_taking:
                beat(settings, NAME)
            else:
                forget(settings, NAME)
            desk.saw(watched)

        supervisor = Supervisor(
            command=child,
            signs_file=signs_file(settings),
            on_lost=desk.free,
            on_look=look,
            limits=WatchLimits(
                silent_s=settings.worker_silent_after_s, stuck_s=settings.worker_stuck_after_s
            ),
        )
        try:
            return supervisor.run()
        finally:
            forget(settings, NAME)
            desk.stop()


def run_child(settings: Settings, *, apart: Sequence[str] = APART) -> None:
    """Take jobs until a signal asks to stop; running ones are finished first."""
    watcher = os.getppid()

    def stop_without_a_watcher() -> None:
        if os.getppid() != watcher:
            log.error("worker.watcher_gone")
            os.kill(os.getpid(), signal.SIGTERM)

    signs = SignWriter(signs_file(settings), running_jobs.HERE, on_beat=stop_without_a_watcher)
    signs.start()
    WORKER_RESTARTS.labels("crashed").inc(int(os.environ.get(CRASHES, "0")))
    WORKER_RESTARTS.labels("hung").inc(int(os.environ.get(HANGS, "0")))
    with observing(settings, "worker"), open_worker(settings) as installation:
        runtime = dataclasses.replace(
            installation.runtime,
            apart=ProcessApart(apart, limit_s=settings.worker_apart_limit_s),
        )
        register_tasks(installation.celery, runtime)
        has_ended = take_jobs(installation, on_ready=signs.is_taking)
    signs.stop()
    if not has_ended:
        os._exit(1)


def run_apart(settings: Settings, job_id: UUID, attempt: int) -> None:
    """Do one job that a worker holds. Its process may crash or hang without harm."""
    with contextlib.suppress(OSError):
        offer_to_be_killed_first()
    with open_worker(settings) as installation:
        do_apart(
            installation.runtime,
            JobId(job_id),
            attempt=attempt,
            on_begin=_say_begun,
        )


def _say_begun() -> None:
    sys.stdout.write(f"{BEGUN}\n")
    sys.stdout.flush()
