"""The object store's own jobs, which run beside the product: to prepare it and to look at it."""

import math
from datetime import timedelta
from uuid import uuid4

from pydantic import SecretStr

from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.adapters.s3_client import Patience, S3Access
from vestibule.adapters.s3_provision import (
    Step,
    add_application,
    application_policy,
    as_text,
    prepare_bucket,
)
from vestibule.domain.errors import StartUpError, StorageUnavailableError
from vestibule.settings import Settings
from vestibule.wiring_links import refuse_plain_links

_BACKSTOP = timedelta(days=3)
"""Objects that the product failed to remove go after that much longer than it keeps them."""
_UPLOADS_KEPT = timedelta(days=4)
"""An enrolment's photo waits for its job, which may stand in a long line."""

PATIENCE = Patience(connect_s=2.0, read_s=6.0, retries=2)
"""A call of a silent store ends after 19 s: nobody at a door waits longer, and the worker that made
it does not count as stuck (``worker_stuck_after_s``), which would be held against its photo."""


def open_objects(settings: Settings) -> S3BlobStore:
    """The store that the settings name. Sends nothing. Raises StartUpError without one."""
    refuse_plain_links(settings)
    access = store_access(settings)
    return S3BlobStore(
        access.endpoint,
        access_key=access.access_key,
        secret_key=access.secret_key,
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        encryption=settings.s3_encryption,
        patience=PATIENCE,
    )


def prepare_storage(settings: Settings) -> list[Step]:
    """Bucket, rules and the application's key; then see that the key can do all it must.

    Safe to run at every start. Raises StartUpError, StorageUnavailableError.
    """
    refuse_plain_links(settings)
    application, admin = store_access(settings), _admin_access(settings)
    steps = prepare_bucket(
        admin or application, settings.s3_bucket, transient_days=transient_days(settings)
    )
    if admin is not None and admin.access_key != application.access_key:
        steps.append(
            add_application(
                admin,
                application,
                bucket=settings.s3_bucket,
                import_bucket=settings.s3_import_bucket,
            )
        )
    return [*steps, check_storage(settings)]


def check_storage(settings: Settings) -> Step:
    """Write, read, list and delete one object with the application's key.

    Raises StorageUnavailableError, which says what is refused.
    """
    blobs, key = open_objects(settings), f"checks/{uuid4()}"
    try:
        blobs.put(key, b"check")
    except StorageUnavailableError as error:
        if settings.s3_encryption == "none" or error.facts.get("reason") != "store_fault":
            raise
        raise StorageUnavailableError(
            "The store does not write encrypted objects. Give it a key for that (MinIO: "
            "MINIO_KMS_SECRET_KEY), or set VESTIBULE_S3_ENCRYPTION=none and encrypt its disks.",
            reason="no_encryption",
        ) from error
    is_whole = blobs.get(key) == b"check" and blobs.keys("checks/").count(key) == 1
    blobs.delete(key)
    if not is_whole or key in blobs.keys("checks/"):
        raise StorageUnavailableError(
            "The store does not give back what it was given.", reason="store_fault"
        )
    how = "encrypted by the store" if settings.s3_encryption == "sse-s3" else "not encrypted by it"
    words = f"The application's key writes, reads, lists and deletes; objects are {how}."
    return Step("access", "done", words)


def storage_policy(settings: Settings) -> str:
    """What the application's key must be allowed, as JSON that every S3 understands."""
    return as_text(application_policy(settings.s3_bucket, settings.s3_import_bucket))


def transient_days(settings: Settings) -> dict[str, int]:
    """After how many days the store empties a prefix by itself, the product having failed to."""
    kept = {
        "photos/": timedelta(hours=settings.photo_retention_hours),
        "holds/": timedelta(minutes=settings.hold_minutes),
        "enrolments/": _UPLOADS_KEPT,
        "checks/": timedelta(0),
    }
    return {
        prefix: math.ceil((life + _BACKSTOP) / timedelta(days=1)) for prefix, life in kept.items()
    }


def store_access(settings: Settings) -> S3Access:
    """With the application's key. Raises StartUpError without one."""
    if settings.s3_endpoint is None:
        raise StartUpError("VESTIBULE_S3_ENDPOINT names no object store.", reason="not_set")
    key, secret = settings.s3_access_key, settings.s3_secret_key
    if key is None or secret is None:
        raise StartUpError(
            "VESTIBULE_S3_ACCESS_KEY and VESTIBULE_S3_SECRET_KEY are needed.", reason="not_set"
        )
    return _of(settings, key, secret)


def _admin_access(settings: Settings) -> S3Access | None:
    key, secret = settings.s3_admin_access_key, settings.s3_admin_secret_key
    if key is None or secret is None:
        return None
    return _of(settings, key, secret)


def _of(settings: Settings, key: SecretStr, secret: SecretStr) -> S3Access:
    return S3Access(
        settings.s3_endpoint or "",
        key.get_secret_value(),
        secret.get_secret_value(),
        settings.s3_region,
    )
