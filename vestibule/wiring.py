"""The one place that knows which mode runs: it picks the adapters and binds them to the ports.

Here is the embedded mode, ``wiring_distributed`` is the other one, ``wiring_parts`` what they
share. Nothing above these modules can tell the two apart.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from celery import Celery

from vestibule.adapters.celery_queue import CeleryJobQueue, EmbeddedWorker, build_celery
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.local_postgres import SERVICE_ROLE, LocalPostgres
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.adapters.rejected_probes import InProcessRejectedProbes
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.ports import FaceEngine
from vestibule.records import gallery
from vestibule.records.application_role import grant_rights
from vestibule.records.database import Database
from vestibule.records.migrating import is_current, migrate
from vestibule.records.notifications import JobNotifications
from vestibule.reporting import Report
from vestibule.settings import Settings
from vestibule.telemetry import WORKER_THREADS
from vestibule.wiring_index import IndexHome, open_index_home
from vestibule.wiring_models import install_models
from vestibule.wiring_parts import (
    Installation,
    at_first_serving,
    batching_of,
    bind,
    conninfo,
    ensure_home,
    follow_settings,
    make_private,
    open_blob_sealer,
    open_codec,
    open_engine,
    threads,
    today,
)
from vestibule.workflows.erase_customer import resume_erasures
from vestibule.workflows.expire import remove_orphans
from vestibule.workflows.move_template import remove_stale_crops
from vestibule.workflows.requeue_stalled import recover_after_restart
from vestibule.workflows.seal_faces import begin_sealing
from vestibule.workflows.settle_generations import settle_index

__all__ = [
    "EmbeddedInstallation",
    "Installation",
    "Reached",
    "install_models",
    "open_codec",
    "open_embedded",
    "open_engine",
    "today",
]


Reached = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedInstallation(Installation):
    """An installation whose worker is a thread of this process and whose database its child."""

    celery: Celery
    worker: EmbeddedWorker


@contextmanager
def open_embedded(
    settings: Settings, *, report: Report | None = None, reached: Reached = lambda _: None
) -> Iterator[EmbeddedInstallation]:
    """Open everything in this process, with Postgres as its child; close all of it at the end.

    ``reached`` is told of each part that is there: database, schema, index.
    Raises StartUpError and its children, WeightsError, CalibrationMissingError.
    """
    make_private(settings.data_dir)
    with ExitStack() as closing:
        postgres = LocalPostgres(settings.data_dir)
        closing.callback(postgres.stop)
        batching = batching_of(settings)
        closing.callback(batching.close)
        with ThreadPoolExecutor(1) as beside:
            starting = beside.submit(postgres.start)
            engine = open_engine(settings, report=report, batching=batching)
            starting.result()
        reached("database")
        _make_schema(postgres.url)
        reached("schema")
        bound = _bind(settings, closing, postgres.service_url, engine, report=report)
        installation = _up_to_date(bound)
        reached("index")
        installation.notifications.start()
        closing.callback(installation.notifications.stop)
        yield installation


def _make_schema(owner_url: str) -> None:
    """By the owner of the tables. What works with them from then on may not change their shape,
    nor any entry of the audit log."""
    owner = Database(owner_url, pool_size=1)
    try:
        migrate(owner)
        grant_rights(owner, role=SERVICE_ROLE)
    finally:
        owner.close()


def _bind(
    settings: Settings,
    closing: ExitStack,
    database_url: str,
    engine: FaceEngine,
    *,
    report: Report | None,
) -> EmbeddedInstallation:
    database = Database(database_url)
    closing.callback(database.close)
    home, index, at_rest = _index(settings, closing, database, engine, report=report)
    rejected = InProcessRejectedProbes(capacity=settings.not_them_tonight)
    closing.callback(rejected.close)
    celery = build_celery("memory://")
    worker = EmbeddedWorker(celery, concurrency=threads(settings).workers)
    WORKER_THREADS.set(threads(settings).workers)
    closing.callback(worker.stop)
    blobs = _blobs(settings, closing)
    runtime = bind(
        settings,
        database=database,
        blobs=blobs,
        index=index,
        rejected=rejected,
        engine=engine,
        queue=CeleryJobQueue(celery),
        clock=SystemClock(),
    )
    ready = {
        "database": database.is_ready,
        "schema": lambda: database.is_ready() and is_current(database),
        "worker": lambda: worker.is_alive,
        "storage": lambda: blobs.free_bytes() > settings.min_free_bytes,
        "index": home.has_room,
    }
    notifications = JobNotifications(conninfo(database_url))
    return EmbeddedInstallation(
        settings,
        runtime,
        notifications,
        ready,
        index_at_rest=at_rest,
        celery=celery,
        worker=worker,
    )


def _blobs(settings: Settings, closing: ExitStack) -> FolderBlobStore:
    """What was stored before there was a key is sealed beside the running product."""
    blobs = FolderBlobStore(
        settings.data_dir / "blobs",
        sealer=open_blob_sealer(settings),
        reserve_bytes=settings.min_free_bytes,
        transient=("photos/", "holds/", "enrolments/"),
    )
    stopping = threading.Event()
    sealing = threading.Thread(
        target=blobs.seal_plain_ones, args=(stopping,), name="seal-objects", daemon=True
    )
    sealing.start()
    closing.callback(sealing.join)
    closing.callback(stopping.set)
    return blobs


def _index(
    settings: Settings,
    closing: ExitStack,
    database: Database,
    engine: FaceEngine,
    *,
    report: Report | None,
) -> tuple[IndexHome, QdrantEdgeIndex, IndexAtRest]:
    """Closed before it is sealed."""
    with database.look() as reader:
        templates = gallery.count_templates(reader)
    home, at_rest = open_index_home(settings, templates=templates, dimension=engine.space.dimension)
    closing.callback(home.close)
    if report and templates and home.is_to_be_filled:
        report("filling", f"the index of faces: {templates} to look at")
    index = QdrantEdgeIndex(home.folder, has_room=home.has_room)
    closing.callback(index.close)
    return home, index, at_rest


def _up_to_date(installation: EmbeddedInstallation) -> EmbeddedInstallation:
    """Venue, index and the jobs that the last run left behind."""
    ensure_home(installation.runtime, installation.settings)
    now = installation.runtime.clock.now()
    follow_settings(installation.runtime.database, installation.settings, now=now)
    begin_sealing(installation.runtime)
    runtime = at_first_serving(installation.runtime, installation.settings)
    settle_index(runtime)
    resume_erasures(runtime, is_alone=True)
    remove_orphans(runtime)
    remove_stale_crops(runtime)
    recover_after_restart(runtime)
    return replace(installation, runtime=runtime)
