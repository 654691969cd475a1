"""In the embedded mode threads of this process work on the jobs."""

import threading
from contextlib import suppress
from typing import Any

import structlog
from celery import Celery
from celery.bootsteps import RUN
from celery.worker import WorkController
from celery.worker.consumer import Consumer

from vestibule.adapters import memory_broker
from vestibule.adapters.celery_queue.quiet import quieten
from vestibule.adapters.celery_queue.threads import Threads
from vestibule.domain.errors import StartUpError

_READY_WITHIN_S = 10.0
_log = structlog.get_logger(__name__)


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
        quieten()
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
            pool_cls=Threads,
            consumer_cls=_IndependentConsumer,
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


class _IndependentConsumer(Consumer):  # type: ignore[misc]  # celery has no types
    """Ends when its broker says so and for no other reason.

    Celery's own loop also looks at a variable of its module, with which a worker on Redis that
    is asked to stop would end every other worker of the process.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.loop = _take_messages


def _take_messages(
    consumer: Any, connection: Any, tasks: Any, blueprint: Any, _hub: Any, qos: Any, *_: Any
) -> None:
    """What Celery asks of a loop for a transport without an event loop of its own."""
    tasks.on_message = consumer.create_task_handler()
    tasks.consume()
    consumer.on_ready()
    while blueprint.state == RUN and consumer.connection:
        if qos.prev != qos.value:
            qos.update()
        consumer.perform_pending_operations()
        with suppress(TimeoutError):
            connection.drain_events(timeout=2.0)
