"""A worker: takes jobs from the broker and runs them on the engine that it loaded."""

import os
import threading

from services.heartbeat import beat
from services.observing import observing
from services.worker.tasks import register_tasks
from vestibule.settings import Settings
from vestibule.wiring_distributed import open_worker, take_jobs

NAME = "worker"
BEAT_EVERY_S = 3.0


def run_worker_process(settings: Settings) -> None:
    """Take jobs until a signal asks to stop; running ones are finished first."""
    stopped = threading.Event()

    def keep_beating() -> None:
        while not stopped.is_set():
            beat(settings, NAME)
            stopped.wait(BEAT_EVERY_S)

    with observing(settings, "worker"), open_worker(settings) as installation:
        register_tasks(installation.celery, installation.runtime)
        beating = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
        has_ended = take_jobs(installation, on_ready=beating.start)
        stopped.set()
    if not has_ended:
        os._exit(1)
