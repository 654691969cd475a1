"""What is done by the clock: sending lost jobs again, letting things expire."""

import threading

import structlog

from vestibule.domain.errors import TransientError
from vestibule.telemetry import REQUEUED, SEARCHABLE_CUSTOMERS
from vestibule.workflows.erase_customer import resume_erasures
from vestibule.workflows.expire import expire
from vestibule.workflows.requeue_stalled import requeue_stalled
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.status import gallery_size

log = structlog.get_logger(__name__)


class Schedule:
    """A thread that goes round every ``interval_s`` until it is stopped."""

    def __init__(self, runtime: Runtime, *, interval_s: float = 2.0) -> None:
        self._runtime = runtime
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="schedule", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _go_round(self) -> None:
        while not self._stopping.wait(self._interval_s):
            try:
                self._round()
            except TransientError as error:
                log.warning("schedule.postponed", code=error.code)
            except Exception:
                log.exception("schedule.fault")

    def _round(self) -> None:
        REQUEUED.inc(requeue_stalled(self._runtime))
        expired = expire(self._runtime)
        if expired.holds or expired.photos or expired.uploads:
            log.info("expired", holds=expired.holds, photos=expired.photos, uploads=expired.uploads)
        resume_erasures(self._runtime)
        SEARCHABLE_CUSTOMERS.set(gallery_size(self._runtime).customers)
