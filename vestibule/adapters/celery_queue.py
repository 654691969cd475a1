"""Celery: jobs travel by id, and in the embedded mode threads of this process work on them."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from celery import Celery
from celery.concurrency.thread import TaskPool
from celery.worker import WorkController
from kombu.entity import Exchange, Queue

from vestibule.adapters import memory_broker
from vestibule.domain.errors import StartUpError
from vestibule.domain.ids import JobId

TASK = "vestibule.run_job"
QUEUES = ("identify", "enrol", "bulk", "schedule")
"""Most urgent first: somebody stands and waits for the first two."""

_BACKGROUND = ("bulk", "schedule")
_READY_WITHIN_S = 10.0
_log = structlog.get_logger(__name__)


def build_celery(broker_url: str) -> Celery:
    """The application without its tasks. ``memory://`` stays within this process."""
    app = _Application("vestibule", fixups=[])
    app.conf.update(
        broker_url=broker_url,
        broker_connection_retry_on_startup=True,
        task_queues=_queues(),
        task_default_queue="bulk",
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        result_backend=None,
        # A job delivered twice does its work once; one acknowledged early may be lost.
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        timezone="UTC",
    )
    if broker_url == "memory://":
        memory_broker.register()
        app.conf.update(
            broker_url=f"{memory_broker.SCHEME}://localhost",
            broker_transport_options={
                "broker": memory_broker.Broker(urgent_first=QUEUES, background=_BACKGROUND)
            },
        )
    return app


class _Application(Celery):  # type: ignore[misc]  # celery has no types
    """Keeps its tasks to itself.

    Celery gives a task of one application to every other one that is made in the process, where
    the first of a name wins: a second installation would work on the first one's data.
    """

    def task(self, *args: Any, **options: Any) -> Any:
        return super().task(*args, **{"shared": False, **options})


def _queues() -> list[Queue]:
    # kombu says that it is typed and leaves these out.
    exchange = Exchange("vestibule", type="direct")  # type: ignore[no-untyped-call]
    return [Queue(name, exchange, routing_key=name) for name in QUEUES]  # type: ignore[no-untyped-call]


class CeleryJobQueue:
    """Safe to call from several threads."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        """Raises ValueError for a queue that no worker listens to."""
        if queue not in QUEUES:
            raise ValueError(f"no such queue: {queue}")
        self._app.send_task(TASK, args=[str(job_id)], queue=queue, ignore_result=True)


class _Threads(TaskPool):  # type: ignore[misc]  # celery has no types
    """Celery's thread pool, whose threads know which application they belong to.

    Celery looks a task up in the thread's current application, else in the process' default one.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.executor = ThreadPoolExecutor(
            self.limit, thread_name_prefix="job", initializer=self.app.set_current
        )


class EmbeddedWorker:
    """A Celery worker in a thread of this process, with a pool of ``concurrency`` threads.

    Signals are left alone. What Celery itself logs is shown from WARNING on, unless the level of
    its logger was set before.
    """

    def __init__(self, app: Celery, *, concurrency: int) -> None:
        self._app = app
        self._concurrency = concurrency
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()

    @property
    def is_alive(self) -> bool:
        """Whether jobs are being taken."""
        return self._ready.is_set() and self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Return when jobs are being taken. Tasks must be registered before."""
        for name in ("celery", "kombu"):
            if logging.getLogger(name).level == logging.NOTSET:
                logging.getLogger(name).setLevel(logging.WARNING)
        self._broker.open()
        self._thread = threading.Thread(target=self._work, name="celery-worker", daemon=True)
        self._thread.start()
        if not self._ready.wait(_READY_WITHIN_S):
            raise StartUpError("The worker does not start.", reason="worker_not_ready")
        _log.info("worker.started", threads=self._concurrency)

    def stop(self, *, patience_s: float = 5.0) -> bool:
        """Take no more jobs and wait for the running ones; whether all of them ended in time.

        A job that goes on is not lost: its row is open, and the next start finds it.
        """
        if self._thread is None:
            return True
        self._broker.close()
        self._thread.join(patience_s)
        has_ended = not self._thread.is_alive()
        self._ready.clear()
        _log.info("worker.stopped", has_ended=has_ended)
        return has_ended

    @property
    def _broker(self) -> memory_broker.Broker:
        broker: memory_broker.Broker = self._app.conf.broker_transport_options["broker"]
        return broker

    def _work(self) -> None:
        self._app.set_current()  # for this thread alone
        controller = WorkController(
            app=self._app,
            hostname="embedded@localhost",
            pool_cls=_Threads,
            concurrency=self._concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready_callback=self._on_ready,
        )
        # Ends with WorkerShutdown from the broker, which stops the pool in this thread.
        controller.start()

    def _on_ready(self, _: Any) -> None:
        self._ready.set()
