"""What is true of the whole installation, as metrics: seen by whoever leads the clock, no other.

Several processes that each showed it would be added up, and what nobody renews would be believed;
so a process that does not lead shows none of it, and the moment of the last look is shown too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from prometheus_client import Gauge

from vestibule.domain.age import day_at
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import (
    data_requests,
    gallery,
    observation,
    venues,
    watchlist_entries,
    workers,
)
from vestibule.records.database import Transaction
from vestibule.workflows.compare_index import compare_index
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.show_retention import retention_overdue_s

QUEUES = ("identify", "enrol", "bulk", "schedule")
KINDS = ("IDENTIFY", "ENROL", "DEMO", "GALLERY", "REMEMBER")
LOOK_EVERY = timedelta(seconds=10)
COMPARE_EVERY = timedelta(minutes=2)
CLOCKS_EVERY = timedelta(minutes=5)
LONGEST = timedelta(minutes=30)
PAUSE_FACTOR = 100
"""A look at much pauses for so many times what it took, or for ``LONGEST``: however large the
gallery, looking takes about a hundredth of the time."""
COMPARED_AT_MOST = 200_000
"""Templates of a gallery whose index is compared so often; of larger ones, what the reconciling
every ten minutes found is all that is known."""

QUEUE_JOBS = Gauge("vestibule_queue_jobs", "Open jobs.", ["queue", "state"])
QUEUE_OLDEST = Gauge(
    "vestibule_queue_oldest_wait_seconds", "Wait of the job that waits longest.", ["queue"]
)
DEAD_LETTERS = Gauge(
    "vestibule_dead_letters", "Jobs that were given up and wait for somebody to look.", ["kind"]
)
WORKERS = Gauge("vestibule_workers", "Worker processes that give signs of life.", ["state"])
OVERDUE = Gauge(
    "vestibule_expiry_overdue_seconds",
    "For how long the oldest of what should be gone should have been.",
    ["what"],
)
RETENTION_OVERDUE = Gauge(
    "vestibule_retention_overdue_seconds",
    "For how long the oldest of a kind with a clock should have been gone; 0 if none should.",
    ["kind"],
)
SEARCHABLE_CUSTOMERS = Gauge("vestibule_searchable_customers", "Customers a photo can find.")
SEARCHABLE_TEMPLATES = Gauge("vestibule_searchable_templates", "Templates that may be searched.")
INDEX_DIFFERENCE = Gauge(
    "vestibule_index_difference_templates",
    "Templates that the index lacks, or has too many, against the record.",
    ["difference"],
)
APPEALS_OVERDUE = Gauge(
    "vestibule_appeals_overdue", "Appeals whose day has passed and that nobody has decided."
)
REQUESTS_PRESSING = Gauge(
    "vestibule_data_requests_pressing",
    "Requests about data that are not answered and overdue, or due within three days.",
    ["state"],
)
LAST_LOOK = Gauge("vestibule_observed_timestamp_seconds", "When all of this was looked at last.")
_ALL = (
    QUEUE_JOBS,
    QUEUE_OLDEST,
    DEAD_LETTERS,
    WORKERS,
    OVERDUE,
    RETENTION_OVERDUE,
    INDEX_DIFFERENCE,
    REQUESTS_PRESSING,
)
_SINGLE = (SEARCHABLE_CUSTOMERS, SEARCHABLE_TEMPLATES, APPEALS_OVERDUE, LAST_LOOK)


class Pauses:
    """When to look again: after ``every``, and later where a look takes long."""

    def __init__(
        self, every: timedelta, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._every = every
        self._monotonic = monotonic
        self._began: datetime | None = None
        self._pause = every

    def is_over(self, now: datetime) -> bool:
        return self._began is None or now - self._began >= self._pause

    @contextmanager
    def after(self, now: datetime) -> Iterator[None]:
        """A look; one that fails is tried again at the next round."""
        started_s = self._monotonic()
        yield
        took = timedelta(seconds=self._monotonic() - started_s)
        self._began, self._pause = now, max(self._every, min(took * PAUSE_FACTOR, LONGEST))

    def forget(self) -> None:
        self._began = None


class InstallationMetrics:
    """Keeps them new while its process leads; ``forget`` them when it no longer does."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._comparing = Pauses(COMPARE_EVERY)
        self._clocks = Pauses(CLOCKS_EVERY)

    def round(self, runtime: Runtime) -> None:
        now = runtime.clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        generation = _serving(runtime)
        with runtime.database.look() as transaction:
            size = _look(runtime, transaction, generation.space.id, now)
        self._looked_at = now
        if self._comparing.is_over(now) and size.templates <= COMPARED_AT_MOST:
            with self._comparing.after(now):
                _compare_index(runtime, generation)
        if self._clocks.is_over(now):
            with self._clocks.after(now):
                for kind, seconds in retention_overdue_s(runtime).items():
                    RETENTION_OVERDUE.labels(kind).set(seconds)
        LAST_LOOK.set(now.timestamp())

    def forget(self) -> None:
        """What was seen is somebody else's to tell now."""
        self._looked_at = None
        self._comparing.forget()
        self._clocks.forget()
        for labelled in _ALL:
            labelled.clear()
        for single in _SINGLE:
            single.set(float("nan"))


def _look(
    runtime: Runtime, transaction: Transaction, space_id: str, now: datetime
) -> gallery.GallerySize:
    seen = observation.queues(transaction, now=now)
    for queue in QUEUES:
        found = seen.get(queue, observation.Queue(0, 0, 0.0))
        QUEUE_JOBS.labels(queue, "waiting").set(found.waiting)
        QUEUE_JOBS.labels(queue, "running").set(found.running)
        QUEUE_OLDEST.labels(queue).set(found.oldest_wait_s)
    given_up = observation.dead_letters(transaction)
    for kind in {*KINDS, *given_up}:
        DEAD_LETTERS.labels(kind).set(given_up.get(kind, 0))
    alive = workers.alive(transaction, now=now)
    taking = sum(worker.is_taking for worker in alive)
    WORKERS.labels("taking").set(taking)
    WORKERS.labels("not_taking").set(len(alive) - taking)
    for what, seconds in observation.overdue_s(transaction, now=now).items():
        OVERDUE.labels(what).set(seconds)
    APPEALS_OVERDUE.set(len(watchlist_entries.with_overdue_appeal(transaction, now=now)))
    today = day_at(now, timezone=venues.home(transaction).timezone)
    waiting = data_requests.waiting(transaction, today=today)
    REQUESTS_PRESSING.labels("overdue").set(waiting.overdue)
    REQUESTS_PRESSING.labels("soon").set(waiting.soon)
    size = runtime.sizes.of(transaction, space_id)
    SEARCHABLE_CUSTOMERS.set(size.customers)
    SEARCHABLE_TEMPLATES.set(size.templates)
    return size


def _serving(runtime: Runtime) -> IndexGeneration:
    """By itself: to look at it, nobody needs to open its engine."""
    serving = runtime.spaces.serving(runtime.database) if runtime.spaces else None
    return serving or runtime.generation


def _compare_index(runtime: Runtime, generation: IndexGeneration) -> None:
    """What is being enrolled at this moment may count as a difference until the next look."""
    parts = list(compare_index(runtime, generation))
    INDEX_DIFFERENCE.labels("missing").set(sum(len(part.missing) for part in parts))
    INDEX_DIFFERENCE.labels("surplus").set(sum(len(part.surplus) for part in parts))
