"""Backup and restore of a whole installation, in either mode."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vestibule import __version__
from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.adapters.folder_blobs import FolderBlobReader, FolderBlobStore
from vestibule.adapters.local_postgres import LocalPostgres, running_url
from vestibule.adapters.postgres_dump import PostgresDump
from vestibule.adapters.s3_backup import S3BackupPlace
from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.adapters.sealed_stream import AesGcmStreams, load_backup_key, make_backup_key
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.backup_manifest import MANIFEST, Manifest
from vestibule.domain.errors import BackupError, NotEmptyError, StartUpError
from vestibule.ports_backup import BackupPlace
from vestibule.records.database import Database
from vestibule.records.migrating import migrate
from vestibule.settings import Settings
from vestibule.wiring_parts import make_private
from vestibule.wiring_storage import open_objects
from vestibule.workflows.back_up import BackupSource, back_up, verify_backup
from vestibule.workflows.restore_backup import Restored, RestoreTarget, restore_backup

S3 = "s3"
"""In place of a folder: the bucket that VESTIBULE_BACKUP_S3_* name."""

__all__ = ["S3", "create", "make_backup_key", "names", "restore", "verify"]


def create(settings: Settings, where: str) -> Manifest:
    """A new backup under ``where``, named by the moment. The product may run meanwhile.

    Raises BackupError, StartUpError and what the stores raise.
    """
    cipher, now = _cipher(settings), SystemClock().now()
    name = f"vestibule-{now:%Y%m%dt%H%M%Sz}"
    with _source(settings) as source:
        return back_up(source, _place(settings, where, name), cipher, name=name, now=now)


def verify(settings: Settings, where: str, name: str) -> Manifest:
    """Raises DamagedBackupError."""
    dump = PostgresDump("postgresql://nobody@127.0.0.1/none")  # it is read, not put anywhere
    return verify_backup(_place(settings, where, name), _cipher(settings), dump)


def restore(settings: Settings, where: str, name: str) -> Restored:
    """Into the empty installation that the settings name. Raises NotEmptyError, BackupError."""
    cipher, now = _cipher(settings), SystemClock().now()
    with _target(settings) as target:
        return restore_backup(target, _place(settings, where, name), cipher, now=now)


def names(settings: Settings, where: str) -> list[str]:
    """Complete backups there, oldest first."""
    if where == S3:
        keys = _bucket(settings).keys("")
        return [key.split("/")[0] for key in keys if key.endswith(f"/{MANIFEST}")]
    return sorted(found.parent.name for found in Path(where).glob(f"*/{MANIFEST}"))


def _place(settings: Settings, where: str, name: str) -> BackupPlace:
    if where == S3:
        return S3BackupPlace(_bucket(settings), name)
    return FolderBackupPlace(Path(where) / name)


def _cipher(settings: Settings) -> AesGcmStreams:
    if settings.backup_key_file is None:
        raise BackupError(
            "A backup holds faces and names, so it is always sealed: make a key with `vestibule "
            "backup key FILE`, name it in VESTIBULE_BACKUP_KEY_FILE, and keep a copy elsewhere."
        )
    return AesGcmStreams(load_backup_key(settings.backup_key_file))


def _bucket(settings: Settings) -> S3BlobStore:
    key, secret = settings.backup_s3_access_key, settings.backup_s3_secret_key
    if not (settings.backup_s3_endpoint and settings.backup_s3_bucket and key and secret):
        raise StartUpError(
            "VESTIBULE_BACKUP_S3_ENDPOINT, _BUCKET, _ACCESS_KEY and _SECRET_KEY are needed.",
            reason="not_set",
        )
    return S3BlobStore(
        settings.backup_s3_endpoint,
        access_key=key.get_secret_value(),
        secret_key=secret.get_secret_value(),
        bucket=settings.backup_s3_bucket,
        region=settings.s3_region,
    )


# ── what is backed up, and what is filled ───────────────────────────────────────────────────
@contextmanager
def _source(settings: Settings) -> Iterator[BackupSource]:
    with ExitStack() as closing:
        if settings.mode == "distributed":
            url, blobs = _database_url(settings), open_objects(settings)
            yield _source_of(url, blobs, closing)
            return
        if not (settings.data_dir / "postgres").exists():
            raise BackupError(f"There is no installation in {settings.data_dir}.")
        url = running_url(settings.data_dir) or _started(settings, closing)
        yield _source_of(url, FolderBlobReader(settings.data_dir / "blobs"), closing)


def _source_of(url: str, blobs: FolderBlobReader | S3BlobStore, closing: ExitStack) -> BackupSource:
    database = Database(url, pool_size=2)
    closing.callback(database.close)
    return BackupSource(database, blobs, PostgresDump(url), __version__)


@contextmanager
def _target(settings: Settings) -> Iterator[RestoreTarget]:
    with ExitStack() as closing:
        if settings.mode == "distributed":
            url, blobs = _database_url(settings), open_objects(settings)
            yield _target_of(url, blobs, closing)
            return
        folder = settings.data_dir / "blobs"
        if (settings.data_dir / "postgres").exists() and not FolderBlobReader(folder).keys(
            "restoring/"
        ):
            raise NotEmptyError(f"There is an installation in {settings.data_dir} already.")
        make_private(settings.data_dir)
        url = _started(settings, closing)
        store = FolderBlobStore(folder, reserve_bytes=settings.min_free_bytes)
        yield _target_of(url, store, closing)


def _target_of(url: str, blobs: FolderBlobStore | S3BlobStore, closing: ExitStack) -> RestoreTarget:
    database = Database(url, pool_size=2)
    closing.callback(database.close)
    return RestoreTarget(database, blobs, PostgresDump(url), migrate)


def _started(settings: Settings, closing: ExitStack) -> str:
    """The embedded Postgres, run for the while by this process alone."""
    postgres = LocalPostgres(settings.data_dir)
    closing.callback(postgres.stop)
    postgres.start()
    return postgres.url


def _database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise StartUpError("VESTIBULE_DATABASE_URL is needed.", reason="not_set")
    return settings.database_url.get_secret_value()
