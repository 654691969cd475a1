"""The distributed mode: each process opens what it needs of Postgres, S3, Qdrant and Redis.

Only workers load models. The others know the space by its recipe (``AbsentEngine``).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import structlog
from celery import Celery
from sqlalchemy.engine import make_url

from vestibule.adapters.absent_engine import AbsentEngine
from vestibule.adapters.celery_queue import CeleryJobQueue, build_celery, run_worker
from vestibule.adapters.database_clock import DatabaseClock
from vestibule.adapters.qdrant_server import QdrantServerIndex
from vestibule.adapters.redis_rejected_probes import RedisRejectedProbes
from vestibule.domain.errors import NotFoundError, StartUpError
from vestibule.ports import Clock, FaceEngine
from vestibule.records import workers
from vestibule.records.application_role import grant_application_role
from vestibule.records.database import Database
from vestibule.records.migrating import is_usable, migrate
from vestibule.records.notifications import JobNotifications
from vestibule.reporting import Report
from vestibule.settings import Settings
from vestibule.telemetry import WORKER_THREADS
from vestibule.wiring_desk import JOB_PATIENCE_S, require, value
from vestibule.wiring_parts import (
    Installation,
    at_first_serving,
    batching_of,
    bind,
    configured_space,
    conninfo,
    ensure_home,
    follow_settings,
    open_engine,
    open_sealer,
    threads,
)
from vestibule.wiring_storage import open_objects

SCHEMA_PATIENCE_S = 120.0
"""How long a process waits at its start for the database and its schema."""
REQUEST_PATIENCE_S = 10.0
"""How long one answer of Postgres is waited for where a person waits too."""
ROUND_PATIENCE_S = 120.0
"""The same for what is done by the clock, which may read every template there is."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInstallation(Installation):
    """An installation that takes jobs, ``concurrency`` at a time."""

    celery: Celery
    concurrency: int


@contextmanager
def open_service(
    settings: Settings, *, patience_s: float = REQUEST_PATIENCE_S
) -> Iterator[Installation]:
    """For the API and the scheduler. Raises StartUpError that names each setting that is missing.

    Waits for the database and its schema for a while; of the other systems nothing is asked yet.
    Longer than ``patience_s`` no single answer of the database is waited for.
    """
    require(settings, *_OF_EVERY_PROCESS)
    with ExitStack() as closing:
        installation, _ = _bound(settings, closing, _known_space(settings), patience_s)
        installation.notifications.start()
        closing.callback(installation.notifications.stop)
        yield installation


@contextmanager
def open_worker(
    settings: Settings, *, report: Report | None = None
) -> Iterator[WorkerInstallation]:
    """With the engine loaded. Raises as ``open_service`` does, and WeightsError."""
    require(settings, *_OF_EVERY_PROCESS)
    with ExitStack() as closing:
        batching = batching_of(settings)
        closing.callback(batching.close)
        engine = open_engine(settings, report=report, batching=batching)
        bound, celery = _bound(settings, closing, engine, JOB_PATIENCE_S)
        WORKER_THREADS.set(threads(settings).workers)
        yield WorkerInstallation(
            bound.settings,
            bound.runtime,
            bound.notifications,
            bound.ready,
            celery=celery,
            concurrency=threads(settings).workers,
        )


def take_jobs(installation: WorkerInstallation, *, on_ready: Callable[[], None]) -> bool:
    """Work until a signal asks to stop, in the main thread; whether all running jobs ended.

    Tasks must be registered before. When it is False, threads still run: leave by ``os._exit``.
    """
    return run_worker(
        installation.celery,
        concurrency=installation.concurrency,
        queues=installation.settings.worker_queues,
        on_ready=on_ready,
    )


def migrate_schema(settings: Settings) -> str:
    """Bring the schema up to date and, if its URL is set, make the role that services use.

    Needs the owner's ``VESTIBULE_DATABASE_URL``. Returns the revision. Safe to run twice.
    """
    require(settings, "database_url")
    database = Database(value(settings.database_url), pool_size=2)
    try:
        _wait_for(database.is_ready, what="the database")
        revision = migrate(database)
        _follow_settings(database, settings)
        if settings.service_database_url is not None:
            url = make_url(settings.service_database_url.get_secret_value())
            grant_application_role(
                database, role=url.username or "", password=str(url.password or "")
            )
        return revision
    finally:
        database.close()


def _follow_settings(database: Database, settings: Settings) -> None:
    """An own pack need not be where the schema is migrated; then the setting is not looked at."""
    with suppress(NotFoundError):
        follow_settings(database, settings, now=DatabaseClock(database).now())


# ── the parts ───────────────────────────────────────────────────────────────────────────────
_OF_EVERY_PROCESS = (
    "database_url",
    "broker_url",
    "volatile_url",
    "s3_endpoint",
    "s3_access_key",
    "s3_secret_key",
    "qdrant_url",
    "secrets_dir",
)


def _bound(
    settings: Settings, closing: ExitStack, engine: FaceEngine, patience_s: float
) -> tuple[Installation, Celery]:
    database_url = value(settings.database_url)
    database = Database(database_url, answer_within_s=patience_s)
    closing.callback(database.close)
    _wait_for(lambda: database.is_ready() and is_usable(database), what="the database's schema")
    blobs = open_objects(settings)
    index = _index(settings)
    closing.callback(index.close)
    sealer = open_sealer(settings)
    rejected = RedisRejectedProbes(
        value(settings.volatile_url),
        sealer,
        is_trusted=settings.volatile_trusted,
        capacity=settings.not_them_tonight,
    )
    closing.callback(rejected.close)
    celery = build_celery(value(settings.broker_url))
    runtime = bind(
        settings,
        database=database,
        blobs=blobs,
        index=index,
        rejected=rejected,
        engine=engine,
        queue=CeleryJobQueue(celery),
        clock=DatabaseClock(database),
    )
    ensure_home(runtime, settings)
    runtime = at_first_serving(runtime, settings)
    ready = {
        "database": database.is_ready,
        "schema": lambda: database.is_ready() and is_usable(database),
        "storage": blobs.is_ready,
        "index": index.is_ready,
    }
    notifications = JobNotifications(conninfo(database_url))
    elsewhere = {"worker": partial(_has_worker, database, runtime.clock)}
    made = Installation(settings, runtime, notifications, ready, elsewhere=elsewhere)
    return made, celery


def _has_worker(database: Database, clock: Clock) -> bool:
    with database.look() as reader:
        return workers.are_taking(reader, now=clock.now()) > 0


def _index(settings: Settings) -> QdrantServerIndex:
    return QdrantServerIndex(
        url=settings.qdrant_url or "",
        api_key=value(settings.qdrant_api_key) if settings.qdrant_api_key else None,
        shards=settings.qdrant_shards,
        replicas=settings.qdrant_replicas,
    )


def _known_space(settings: Settings) -> AbsentEngine:
    return AbsentEngine(configured_space(settings))


def _wait_for(condition: Callable[[], bool], *, what: str) -> None:
    """Raises StartUpError when it does not come true in SCHEMA_PATIENCE_S."""
    give_up_at = time.monotonic() + SCHEMA_PATIENCE_S
    told = False
    while not condition():
        if time.monotonic() > give_up_at:
            raise StartUpError(
                f"Waited {SCHEMA_PATIENCE_S:.0f} s for {what}, in vain. Is `vestibule migrate` "
                "done, and does the address in VESTIBULE_DATABASE_URL answer?",
                reason="database_not_ready",
            )
        if not told:
            _log.info("start.waiting", what=what)
            told = True
        time.sleep(0.5)
