"""The child of a worker: it loads the engine and takes jobs, apart those that may crash."""

import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Sequence
from uuid import UUID

import structlog

from services.logged_settings import logged_settings
from services.observing import observing
from services.worker.apart import BEGUN, ProcessApart, offer_to_be_killed_first
from services.worker.signs import SignWriter, signs_file
from services.worker.supervisor import CRASHES, HANGS
from services.worker.tasks import do_apart as do_one
from services.worker.tasks import register_tasks
from vestibule import running_jobs
from vestibule.domain.ids import JobId
from vestibule.settings import Settings
from vestibule.telemetry import WORKER_RESTARTS
from vestibule.wiring_distributed import open_worker
from vestibule.wiring_distributed import take_jobs as take_until_asked_to_stop

APART = (sys.executable, "-m", "services.cli", "do-apart")
log = structlog.get_logger(__name__)


def take_jobs() -> None:
    """The child of a worker: loads the models and takes jobs."""
    run_child(logged_settings())


def do_apart(job: UUID, attempt: int) -> None:
    """Do one job that a worker holds, in a process that may crash."""
    run_apart(logged_settings(), job, attempt)


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
        has_ended = take_until_asked_to_stop(installation, on_ready=signs.is_taking)
    signs.stop()
    if not has_ended:
        os._exit(1)


def run_apart(settings: Settings, job_id: UUID, attempt: int) -> None:
    """Do one job that a worker holds. Its process may crash or hang without harm."""
    with contextlib.suppress(OSError):
        offer_to_be_killed_first()
    with open_worker(settings) as installation:
        do_one(
            installation.runtime,
            JobId(job_id),
            attempt=attempt,
            on_begin=_say_begun,
        )


def _say_begun() -> None:
    sys.stdout.write(f"{BEGUN}\n")
    sys.stdout.flush()
