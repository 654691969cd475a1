"""A worker: a process that watches over its child (``worker_child``), which takes the jobs."""

import sys
from collections.abc import Sequence

import typer

from services.heartbeat import beat, forget
from services.logged_settings import logged_settings
from services.worker.desk import Desk
from services.worker.signs import signs_file
from services.worker.supervisor import Supervisor, Watched, WatchLimits
from vestibule.settings import Settings
from vestibule.wiring_desk import open_desk

NAME = "worker"
CHILD = (sys.executable, "-m", "services.cli", "take-jobs")


def worker() -> None:
    """Run a worker: it takes jobs and loads the models (distributed mode)."""
    raise typer.Exit(run_worker_process(logged_settings()))


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
