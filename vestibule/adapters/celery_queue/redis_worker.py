"""A worker on Redis: takes the most urgent job, finishes what it began, gives the rest back."""

import signal
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import Celery
from celery.worker import WorkController, state

from vestibule.adapters.celery_queue.consumer import PatientConsumer
from vestibule.adapters.celery_queue.quiet import quieten
from vestibule.adapters.celery_queue.threads import PatientThreads
from vestibule.domain.errors import StartUpError
from vestibule.domain.queues import QUEUES

STOP_PATIENCE_S = 25.0
"""Containers are given 30 s to stop by default; a photo takes one."""

_READY_WITHIN_S = 20.0
_log = structlog.get_logger(__name__)


def run_worker(
    app: Celery,
    *,
    concurrency: int,
    queues: Sequence[str] = QUEUES,
    on_ready: Callable[[], None] | None = None,
    stop_patience_s: float = STOP_PATIENCE_S,
) -> bool:
    """Work until SIGTERM or SIGINT, in the main thread; whether every running job ended in time.

    Tasks must be registered before. After a signal no new job is taken, the running ones have
    ``stop_patience_s``, and messages that were not begun go back to Redis. When this is False,
    threads still run and would keep the process: leave it with ``os._exit``. Their rows stay held
    until they are freed or their lease ends.
    """
    worker = RedisWorker(
        app, concurrency=concurrency, queues=queues, stop_patience_s=stop_patience_s
    )
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: worker.ask_to_stop())
    try:
        return worker.run(on_ready)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class RedisWorker:
    """One a process at a time: Celery keeps the wish to stop in a variable of its module."""

    def __init__(
        self,
        app: Celery,
        *,
        concurrency: int,
        queues: Sequence[str] = QUEUES,
        stop_patience_s: float = STOP_PATIENCE_S,
    ) -> None:
        self._app = app
        self._concurrency = concurrency
        self._queues = [name for name in QUEUES if name in queues]
        self._app.conf.stop_patience_s = stop_patience_s
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._has_ended_in_time = True

    @property
    def is_alive(self) -> bool:
        """Whether jobs are being taken."""
        return self._ready.is_set() and self._thread is not None and self._thread.is_alive()

    def run(self, on_ready: Callable[[], None] | None = None) -> bool:
        """Work in this thread until ``ask_to_stop``; whether every running job ended in time."""
        quieten()
        self._app.set_current()  # for this thread alone
        state.should_stop = None

        def ready(_: Any) -> None:
            self._ready.set()
            _log.info("worker.started", threads=self._concurrency, queues=self._queues)
            if on_ready is not None:
                on_ready()

        with warnings.catch_warnings():
            # What Celery 6 will do with running tasks when the broker goes; set above all doubt.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            controller = WorkController(
                app=self._app,
                pool_cls=PatientThreads,
                consumer_cls=PatientConsumer,
                concurrency=self._concurrency,
                queues=self._queues,
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
                ready_callback=ready,
            )
            controller.start()
        self._ready.clear()
        state.should_stop = None
        has_ended = not controller.pool.has_running
        _log.info("worker.stopped", has_ended=has_ended)
        return has_ended

    def ask_to_stop(self) -> None:
        """Within a second no new job is taken. From any thread, and from a signal handler."""
        state.should_stop = 0

    def start(self) -> None:
        """Work in a thread of its own; return when jobs are being taken."""

        def work() -> None:
            self._has_ended_in_time = self.run()

        self._thread = threading.Thread(target=work, name="celery-worker", daemon=True)
        self._thread.start()
        if not self._ready.wait(_READY_WITHIN_S):
            raise StartUpError("The worker does not start.", reason="worker_not_ready")

    def stop(self, *, patience_s: float = STOP_PATIENCE_S) -> bool:
        """Take no more jobs and wait for the running ones; whether all of them ended in time."""
        if self._thread is None or not self._thread.is_alive():
            return self._has_ended_in_time
        self.ask_to_stop()
        self._thread.join(patience_s)
        return not self._thread.is_alive() and self._has_ended_in_time
