"""What a watcher has to tell Postgres: which jobs its child lost, and how the worker is.

In a thread of its own: a database that does not answer never keeps the watcher from looking.
"""

import socket
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from services.worker.supervisor import Watched
from vestibule.domain.errors import TransientError
from vestibule.records import workers
from vestibule.records.worker_tables import Worker
from vestibule.wiring_desk import DeskRuntime
from vestibule.workflows.free_crashed import free_crashed

SAY_EVERY_S = 5.0
_TRY_AGAIN_S = 1.0
log = structlog.get_logger(__name__)


class Desk:
    """What is to be freed is tried until it is done; the leases of those jobs end meanwhile."""

    def __init__(self, runtime: DeskRuntime, *, queues: Sequence[str]) -> None:
        self._runtime = runtime
        self._queues = list(queues)
        self._id = uuid4()
        self._watched = Watched()
        self._to_free: set[UUID] = set()
        self._started_at: datetime | None = None
        self._said_at = 0.0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def saw(self, watched: Watched) -> None:
        self._watched = watched

    def free(self, job_ids: list[UUID]) -> None:
        with self._lock:
            self._to_free.update(job_ids)
        self._wake.set()

    def stop(self, *, patience_s: float = 8) -> None:
        """Free what is left to be freed, and take the worker off the list."""
        self._stopping = True
        self._wake.set()
        self._thread.join(patience_s)

    def _work(self) -> None:
        while True:
            self._wake.wait(_TRY_AGAIN_S)
            self._wake.clear()
            is_last = self._stopping
            try:
                self._free_all()
                if is_last:
                    self._leave()
                elif time.monotonic() - self._said_at > SAY_EVERY_S:
                    self._say()
            except TransientError as error:
                log.warning("desk.postponed", code=error.code)
            if is_last:
                return

    def _free_all(self) -> None:
        with self._lock:
            wanted = set(self._to_free)
        if wanted:
            free_crashed(self._runtime.database, self._runtime.queue, wanted)
            with self._lock:
                self._to_free -= wanted

    def _say(self) -> None:
        watched = self._watched
        now = self._runtime.clock.now()
        self._started_at = self._started_at or now
        with self._runtime.database.begin(durable=False) as transaction:
            workers.say(
                transaction,
                Worker(
                    id=self._id,
                    host=socket.gethostname(),
                    queues=self._queues,
                    running=len(watched.signs.jobs) if watched.signs else 0,
                    is_taking=watched.is_taking,
                    crashes=watched.crashes,
                    stuck=watched.hangs,
                    started_at=self._started_at,
                    seen_at=now,
                ),
            )
        self._said_at = time.monotonic()

    def _leave(self) -> None:
        with self._runtime.database.begin(durable=False) as transaction:
            workers.leave(transaction, self._id)
