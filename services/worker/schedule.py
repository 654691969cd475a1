"""What is done by the clock: sending lost jobs again, letting things expire, tidying up."""

import threading
from datetime import datetime, timedelta

import structlog

from services.worker.watchlist_round import WatchlistRound
from vestibule.domain.errors import TransientError
from vestibule.records import workers
from vestibule.telemetry import LEADING, REQUEUED, ROUND_FAULTS, ROUND_SECONDS
from vestibule.workflows.anchor_audit import AuditAnchors
from vestibule.workflows.erase_customer import resume_erasures
from vestibule.workflows.expire import expire
from vestibule.workflows.keep_no_longer import RetentionRounds
from vestibule.workflows.observe_installation import InstallationMetrics
from vestibule.workflows.raise_alerts import tend_alerts
from vestibule.workflows.record_consent import lapse_consents
from vestibule.workflows.requeue_stalled import requeue_stalled
from vestibule.workflows.run_batch import tend_batches
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.seal_faces import FaceSealing
from vestibule.workflows.settle_generations import settle_index
from vestibule.workflows.settle_sightings import settle_left_over_sightings
from vestibule.workflows.switch_generation import clear_templates
from vestibule.workflows.tidy_objects import ObjectTidying
from vestibule.workflows.truncate_audit import AuditTruncation

RECONCILE_EVERY = timedelta(minutes=10)
"""A write to the index that a kill lost is made good within that time."""
FORGET_WORKERS_EVERY = timedelta(hours=1)
log = structlog.get_logger(__name__)


class Upkeep:
    """What the embedded mode does at its start and other modes do while they run."""

    def __init__(self) -> None:
        self._tidying = ObjectTidying()
        self._reconciled_at: datetime | None = None
        self._forgot_at: datetime | None = None

    def round(self, runtime: Runtime) -> None:
        removed = self._tidying.round(runtime)
        if removed:
            log.info("objects.tidied", removed=removed)
        now = runtime.clock.now()
        self._forget_workers(runtime, now)
        if self._reconciled_at is None or now - self._reconciled_at >= RECONCILE_EVERY:
            added, surplus = settle_index(runtime.at_serving())
            self._reconciled_at = now
            if added or surplus:
                log.warning("index.reconciled", added=added, removed=surplus)

    def _forget_workers(self, runtime: Runtime, now: datetime) -> None:
        """Rows of those that ended without a word: a machine that went."""
        if self._forgot_at is None or now - self._forgot_at >= FORGET_WORKERS_EVERY:
            with runtime.database.begin() as transaction:
                workers.remove_dead(transaction, now=now)
            self._forgot_at = now


class Schedule:
    """Goes round every ``interval_s``, in a thread of its own or called by its process."""

    def __init__(
        self, runtime: Runtime, *, interval_s: float = 2.0, upkeep: Upkeep | None = None
    ) -> None:
        self.interval_s = interval_s
        self._runtime = runtime
        self._upkeep = upkeep
        self._metrics = InstallationMetrics()
        self._watchlist = WatchlistRound()
        self._anchors = AuditAnchors()
        self._retention = RetentionRounds()
        self._sealing = FaceSealing()
        self._truncation = AuditTruncation()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="schedule", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _go_round(self) -> None:
        while not self._stopping.wait(self.interval_s):
            self.go_round_once()

    def go_round_once(self) -> None:
        """One round; an error is logged, and the next round tries again."""
        LEADING.set(1)
        try:
            with ROUND_SECONDS.time():
                self._round()
        except TransientError as error:
            ROUND_FAULTS.labels(error.code).inc()
            log.warning("schedule.postponed", code=error.code)
        except Exception:
            ROUND_FAULTS.labels("internal_error").inc()
            log.exception("schedule.fault")

    def wait_for_turn(self) -> None:
        """Another process leads: what this one saw of the installation is old from now on."""
        LEADING.set(0)
        self._metrics.forget()

    def _round(self) -> None:
        REQUEUED.inc(requeue_stalled(self._runtime))
        expired = expire(self._runtime)
        if expired.holds or expired.photos or expired.uploads:
            log.info("expired", holds=expired.holds, photos=expired.photos, uploads=expired.uploads)
        lapse_consents(self._runtime.at_serving())
        resume_erasures(self._runtime)
        tend_alerts(self._runtime)
        settle_left_over_sightings(self._runtime.at_serving())
        tend_batches(self._runtime)
        clear_templates(self._runtime)
        self._watchlist.round(self._runtime)
        self._retention.round(self._runtime)
        if self._upkeep is not None:
            self._upkeep.round(self._runtime)
        self._sealing.round(self._runtime)
        self._anchors.round(self._runtime)
        self._truncation.round(self._runtime)
        self._metrics.round(self._runtime)
