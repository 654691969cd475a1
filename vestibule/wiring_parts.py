"""What every mode is put together from: engine, limits, keys, and the runtime that binds them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url

from vestibule import stage_times, telemetry
from vestibule.adapters.customer_keys import DatabaseCustomerKeys
from vestibule.adapters.https_webhook import HttpsWebhook
from vestibule.adapters.machine_cores import Threads, is_gpu, threads_for, usable_cores
from vestibule.adapters.onnx_engine import (
    Batching,
    BatchLimits,
    LowLight,
    load_engine,
    low_light_of,
    space_of,
)
from vestibule.adapters.openid_provider import OpenIdProvider
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.adapters.receipt_keys import Ed25519ReceiptKeys
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.adapters.system_clock import SystemClock
from vestibule.dependencies import observed
from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import StartUpError
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.permissions import Role
from vestibule.ports import BlobStore, Clock, FaceEngine, JobQueue, RejectedProbes, VectorIndex
from vestibule.ports_identity import Company
from vestibule.records import venues
from vestibule.records.database import Database
from vestibule.records.notifications import JobNotifications
from vestibule.reporting import Report
from vestibule.settings import Settings
from vestibule.wiring_engines import Engines
from vestibule.wiring_imports import import_sources
from vestibule.wiring_keyring import keyring_place
from vestibule.wiring_keys import former_key, secret_key
from vestibule.wiring_models import acceptance_in_use, find_pack, install_models
from vestibule.workflows.admit_photo import Doorkeeper
from vestibule.workflows.audit_acceptance import audit_acceptance
from vestibule.workflows.keep_keyring import KeyringsBesideBackups
from vestibule.workflows.runtime import Limits, Runtime
from vestibule.workflows.settle_generations import begin_generations, settle_serving
from vestibule.workflows.spaces_in_use import SpacesInUse


@dataclass(frozen=True, slots=True)
class Installation:
    """A product that is open, as the API sees it. ``ready`` says by name what must be so first."""

    settings: Settings
    runtime: Runtime
    notifications: JobNotifications
    ready: Mapping[str, Callable[[], bool]]
    doorkeeper: Doorkeeper = field(default_factory=Doorkeeper)
    elsewhere: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """What other machines must have, without which uploads are taken in and wait."""
    index_at_rest: IndexAtRest = IndexAtRest.SERVER

    def not_ready(self) -> list[str]:
        """What is missing before a photo can be taken in, by name; empty when all is well."""
        return [name for name, is_ready in self.ready.items() if not is_ready()]

    def photos_wait_for(self) -> list[str]:
        """What is missing before one can be identified that was taken in. Asked when ready."""
        return [name for name, is_there in self.elsewhere.items() if not is_there()]


def bind(
    settings: Settings,
    *,
    database: Database,
    blobs: BlobStore,
    index: VectorIndex,
    rejected: RejectedProbes,
    engine: FaceEngine,
    queue: JobQueue,
    clock: Clock,
) -> Runtime:
    """The runtime over these ports. Raises CalibrationMissingError, StartUpError.

    ``engine`` speaks the space that the settings name; others are opened when they are needed.
    """
    engines = Engines(settings, engine, partial(load_pack, settings))
    configured = engines.open(engine.space)
    sealer = open_sealer(settings)
    return Runtime(
        database=database,
        blobs=observed(blobs, "blobs"),
        index=observed(index, "index"),
        generation=IndexGeneration(1, engine.space),
        rejected=observed(rejected, "rejected_probes"),
        engine=engine,
        calibration=configured.calibration,
        in_force=configured.in_force,
        codec=PillowCodec(limit_px=settings.max_pixels),
        queue=observed(queue, "queue"),
        sealer=sealer,
        customer_keys=DatabaseCustomerKeys(database, sealer, clock),
        receipts=open_receipts(settings),
        keyrings=KeyringsBesideBackups(database, sealer, clock, partial(keyring_place, settings)),
        clock=clock,
        samples=PackagedSamplePhotos(settings.models_dir / "samples"),
        limits=limits_of(settings),
        company=_company(settings),
        spaces=SpacesInUse(engines.open),
        webhook=_webhook(settings),
        imports=import_sources(settings),
    )


def _webhook(settings: Settings) -> HttpsWebhook | None:
    """Raises StartUpError for an address without a secret, or one that can not be right."""
    if settings.alert_webhook_url is None:
        return None
    secret = settings.alert_webhook_secret
    return HttpsWebhook(
        settings.alert_webhook_url,
        secret=secret.get_secret_value().encode() if secret else b"",
        allows_private=settings.alert_webhook_private,
    )


def _company(settings: Settings) -> Company | None:
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None:
        raise StartUpError("VESTIBULE_OIDC_CLIENT_ID is missing.", reason="settings_missing")
    secret = settings.oidc_client_secret
    provider = OpenIdProvider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        groups_claim=settings.oidc_groups_claim,
    )
    roles = {group: Role(role) for group, role in settings.oidc_roles.items()}
    return Company(provider, settings.oidc_name, roles)


def at_first_serving(runtime: Runtime, settings: Settings) -> Runtime:
    """Bound to the generation that serves, which begins now if there is none.

    ``runtime`` is as ``bind`` made it. Raises SpaceUnavailableError.
    """
    space = runtime.engine.space
    begin_generations(runtime, space, low_light=_low_light(settings))
    return runtime.at_serving()


def follow_settings(database: Database, settings: Settings, *, now: datetime) -> None:
    """A pack or low-light step that was changed since the last start serves from now on."""
    settle_serving(database, configured_space(settings), low_light=_low_light(settings), now=now)


def configured_space(settings: Settings) -> EmbeddingSpace:
    """What the settings name, by its recipe: no model is loaded. Raises NotFoundError."""
    pack = find_pack(settings, settings.pack)
    return space_of(pack, low_light=LowLight(_low_light(settings)))


def _low_light(settings: Settings) -> str:
    pack = find_pack(settings, settings.pack)
    return low_light_of(pack, LowLight(settings.low_light)).value


def ensure_home(runtime: Runtime, settings: Settings) -> None:
    """Put the venue, and what the pack rests on, into Postgres. Safe to run twice."""
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


def open_engine(
    settings: Settings, *, report: Report | None = None, batching: Batching | None = None
) -> FaceEngine:
    """The engine alone, its weights installed if they are missing."""
    return load_pack(
        settings,
        settings.pack,
        LowLight(settings.low_light),
        report=report,
        batching=batching,
    )


def load_pack(
    settings: Settings,
    pack: str,
    low_light: LowLight,
    *,
    report: Report | None = None,
    batching: Batching | None = None,
) -> FaceEngine:
    """The engine of any pack. Raises WeightsError, LicenceNotAcceptedError, NotFoundError."""
    return load_engine(
        install_models(settings, pack, report=report),
        intra_op_threads=threads(settings).intra_op,
        providers=settings.providers,
        low_light=low_light,
        detector_long_side_px=settings.detector_long_side_px,
        on_model_run=telemetry.observe_model_run,
        batching=batching or batching_of(settings),
    )


def threads(settings: Settings) -> Threads:
    """What was set, and what suits the machine where nothing was."""
    fitting = threads_for(usable_cores())
    workers, intra_op = settings.worker_threads, settings.intra_op_threads
    return Threads(
        workers=fitting.workers if workers == "auto" else workers,
        intra_op=fitting.intra_op if intra_op == "auto" else intra_op,
    )


def batching_of(settings: Settings) -> Batching:
    """Runs are shared where that pays: on a GPU, one at a time (docs/adr/0015)."""
    on_gpu = is_gpu(settings.providers[0]) if settings.providers else False
    limits = BatchLimits(
        max_rows=settings.batch_rows,
        wait_s=settings.batch_wait_ms / 1000,
        runs_at_once=1 if on_gpu else max(1, usable_cores() // threads(settings).intra_op),
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


def open_sealer(settings: Settings) -> AesGcmSealer:
    return AesGcmSealer(secret_key(settings, "sealing"), former=former_key(settings, "sealing"))


def open_receipts(settings: Settings) -> Ed25519ReceiptKeys:
    former = former_key(settings, "receipts")
    return Ed25519ReceiptKeys(secret_key(settings, "receipts"), former=former)


def open_blob_sealer(settings: Settings) -> AesGcmSealer:
    """Of the embedded mode's objects. In the distributed mode the store encrypts them."""
    return AesGcmSealer(secret_key(settings, "blobs"), former=former_key(settings, "blobs"))


def make_private(data_dir: Path) -> None:
    """Nobody else may list it. Under root, Postgres' own account must be able to pass through."""
    is_root = os.geteuid() == 0
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if is_root else 0o700)


def limits_of(settings: Settings) -> Limits:
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
        alert_escalation_minutes=settings.alert_escalation_minutes,
        remembers_rejected_alerts=settings.alert_not_them == "entry",
    )


def conninfo(url: str) -> str:
    """The same database for psycopg itself, which does not read SQLAlchemy's dialects."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
