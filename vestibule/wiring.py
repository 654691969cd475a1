"""The one place that knows which mode runs: it picks the adapters and binds them to the ports.

The embedded mode is complete. The distributed one will be a second function beside
``open_embedded``; nothing above this module can tell them apart.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from celery import Celery
from sqlalchemy.engine import make_url

from vestibule import stage_times, telemetry, wiring_models
from vestibule.adapters.celery_queue import CeleryJobQueue, EmbeddedWorker, build_celery
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.local_postgres import LocalPostgres
from vestibule.adapters.machine_cores import Threads, is_gpu, threads_for, usable_cores
from vestibule.adapters.onnx_engine import Batching, BatchLimits, LowLight, load_engine
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.adapters.rejected_probes import InProcessRejectedProbes
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.adapters.sealing import AesGcmSealer, load_or_create_key
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.ports import FaceEngine
from vestibule.records import venues
from vestibule.records.database import Database
from vestibule.records.migrating import is_current, migrate
from vestibule.records.notifications import JobNotifications
from vestibule.settings import Settings
from vestibule.wiring_models import acceptance_in_use, calibration_of, install_models
from vestibule.workflows.admit_photo import Doorkeeper
from vestibule.workflows.audit_acceptance import audit_acceptance
from vestibule.workflows.calibration_in_force import CalibrationInForce
from vestibule.workflows.erase_customer import resume_erasures
from vestibule.workflows.expire import remove_orphans
from vestibule.workflows.index_templates import reconcile_index
from vestibule.workflows.move_template import remove_stale_crops
from vestibule.workflows.requeue_stalled import recover_after_restart
from vestibule.workflows.runtime import Limits, Runtime

Report = wiring_models.Report


@dataclass(frozen=True, slots=True)
class Installation:
    """A product that is open: its ports, and what programs around it need."""

    settings: Settings
    runtime: Runtime
    notifications: JobNotifications
    celery: Celery
    worker: EmbeddedWorker
    postgres: LocalPostgres
    doorkeeper: Doorkeeper = field(default_factory=Doorkeeper)

    def not_ready(self) -> list[str]:
        """What is missing before a photo can be identified, by name; empty when all is well."""
        database = self.runtime.database
        is_there = database.is_ready()
        checks = {
            "database": is_there,
            "schema": is_there and is_current(database),
            "worker": self.worker.is_alive,
            "storage": self._has_room(),
        }
        return [name for name, is_ready in checks.items() if not is_ready]

    def _has_room(self) -> bool:
        free = self.runtime.blobs.free_bytes()
        return free is None or free > self.settings.min_free_bytes


@contextmanager
def open_embedded(settings: Settings, *, report: Report | None = None) -> Iterator[Installation]:
    """Open everything in this process, with Postgres as its child; close all of it at the end.

    Raises StartUpError and its children, WeightsError, CalibrationMissingError.
    """
    _make_private(settings.data_dir)
    with ExitStack() as closing:
        postgres = LocalPostgres(settings.data_dir)
        closing.callback(postgres.stop)
        batching = _batching(settings)
        closing.callback(batching.close)
        with ThreadPoolExecutor(1) as beside:
            starting = beside.submit(postgres.start)
            engine = open_engine(settings, report=report, batching=batching)
            starting.result()
        installation = _bind(settings, closing, postgres, engine)
        _bring_up_to_date(installation)
        installation.notifications.start()
        closing.callback(installation.notifications.stop)
        yield installation


def _make_private(data_dir: Path) -> None:
    """Nobody else may list it. Under root, Postgres' own account must be able to pass through."""
    is_root = os.geteuid() == 0
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if is_root else 0o700)


def _bind(
    settings: Settings, closing: ExitStack, postgres: LocalPostgres, engine: FaceEngine
) -> Installation:
    database = Database(postgres.url)
    closing.callback(database.close)
    index = QdrantEdgeIndex(settings.data_dir / "index")
    closing.callback(index.close)
    rejected = InProcessRejectedProbes()
    closing.callback(rejected.close)
    celery = build_celery("memory://")
    worker = EmbeddedWorker(celery, concurrency=_threads(settings).workers)
    closing.callback(worker.stop)
    measured = calibration_of(settings, engine.space)
    runtime = Runtime(
        database=database,
        blobs=FolderBlobStore(
            settings.data_dir / "blobs",
            reserve_bytes=settings.min_free_bytes,
            transient=("photos/", "holds/", "enrolments/"),
        ),
        index=index,
        generation=IndexGeneration(1, engine.space),
        rejected=rejected,
        engine=engine,
        calibration=measured,
        in_force=_in_force(settings, measured),
        codec=PillowCodec(limit_px=settings.max_pixels),
        queue=CeleryJobQueue(celery),
        sealer=AesGcmSealer(secret_key(settings, "sealing")),
        clock=SystemClock(),
        samples=PackagedSamplePhotos(settings.models_dir / "samples"),
        limits=_limits(settings),
    )
    notifications = JobNotifications(_conninfo(postgres.url))
    return Installation(settings, runtime, notifications, celery, worker, postgres)


def _bring_up_to_date(installation: Installation) -> None:
    """Schema, venue, index and the jobs that the last run left behind."""
    runtime, settings = installation.runtime, installation.settings
    migrate(runtime.database)
    with runtime.database.begin() as transaction:
        venues.ensure_home(
            transaction,
            name=settings.venue_name,
            timezone=settings.timezone,
            closes_at_hour=settings.closes_at_hour,
            now=runtime.clock.now(),
        )
        acceptance = acceptance_in_use(settings)
        if acceptance is not None:
            audit_acceptance(
                transaction,
                pack=acceptance.pack,
                by=acceptance.by,
                at=acceptance.at,
                terms_sha256=acceptance.terms_sha256,
            )
    runtime.index.keep_only([runtime.generation])
    resume_erasures(runtime)
    remove_orphans(runtime)
    remove_stale_crops(runtime)
    reconcile_index(runtime)
    recover_after_restart(runtime)


def open_engine(
    settings: Settings, *, report: Report | None = None, batching: Batching | None = None
) -> FaceEngine:
    """The engine alone, its weights installed if they are missing."""
    return load_engine(
        install_models(settings, settings.pack, report=report),
        intra_op_threads=_threads(settings).intra_op,
        providers=settings.providers,
        low_light=LowLight(settings.low_light),
        detector_long_side_px=settings.detector_long_side_px,
        on_model_run=telemetry.observe_model_run,
        batching=batching or _batching(settings),
    )


def _threads(settings: Settings) -> Threads:
    """What was set, and what suits the machine where nothing was."""
    fitting = threads_for(usable_cores())
    workers, intra_op = settings.worker_threads, settings.intra_op_threads
    return Threads(
        workers=fitting.workers if workers == "auto" else workers,
        intra_op=fitting.intra_op if intra_op == "auto" else intra_op,
    )


def _batching(settings: Settings) -> Batching:
    """Runs are shared where that pays: on a GPU, one at a time (docs/adr/0015)."""
    on_gpu = is_gpu(settings.providers[0]) if settings.providers else False
    limits = BatchLimits(
        max_rows=settings.batch_rows,
        wait_s=settings.batch_wait_ms / 1000,
        runs_at_once=1 if on_gpu else max(1, usable_cores() // _threads(settings).intra_op),
    )
    is_on = settings.batching == "on" or (settings.batching == "auto" and on_gpu)
    return Batching(
        limits=limits if is_on else None,
        on_rows=stage_times.observe_batch,
        on_wait=stage_times.observe_wait_in_batch,
    )


def today() -> date:
    """By UTC."""
    return SystemClock().now().date()


def open_codec(settings: Settings) -> PillowCodec:
    return PillowCodec(limit_px=settings.max_pixels)


def secret_key(settings: Settings, purpose: str) -> bytes:
    """32 random bytes of this installation, made on first use, one key a purpose."""
    folder = settings.data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_or_create_key(Path(folder / f"{purpose}.key"))


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_upload_bytes=settings.max_upload_bytes,
        stored_long_side_px=settings.stored_long_side_px,
        max_queue_wait_s=settings.max_queue_wait_s,
        photo_retention=timedelta(hours=settings.photo_retention_hours),
        hold=timedelta(minutes=settings.hold_minutes),
        not_them_memory=timedelta(days=settings.not_them_days),
        templates_per_customer=settings.templates_per_customer,
        target_fpir=settings.target_fpir,
        review_fpir=settings.review_fpir,
    )


def _in_force(settings: Settings, measured: PackCalibration) -> CalibrationInForce:
    return CalibrationInForce(
        VenueCalibration(measured, settings.target_fpir, settings.review_fpir)
    )


def _conninfo(url: str) -> str:
    """The same database for psycopg itself, which does not read SQLAlchemy's dialects."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
