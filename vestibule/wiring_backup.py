"""Backup and restore of a whole installation, in either mode."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from vestibule import __version__
from vestibule.adapters.folder_blobs import FolderBlobReader, FolderBlobStore
from vestibule.adapters.local_postgres import LocalPostgres, running_url
from vestibule.adapters.postgres_dump import PostgresDump
from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.adapters.sealed_stream import AesGcmStreams, load_backup_key, make_backup_key
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.backup_manifest import MANIFEST, Manifest
from vestibule.domain.errors import BackupError, NotEmptyError, StartUpError
from vestibule.domain.retention import Kept
from vestibule.ports import Sealer
from vestibule.records import retention_policies
from vestibule.records.database import Database
from vestibule.records.migrating import migrate
from vestibule.settings import Settings
from vestibule.wiring_keyring import (
    KEYRING_FOLDER,
    S3,
    backup_bucket,
    backup_place,
    former_name,
    place_name,
)
from vestibule.wiring_parts import make_private, open_blob_sealer, open_sealer
from vestibule.wiring_storage import open_objects
from vestibule.workflows.back_up import BackupSource, back_up, verify_backup
from vestibule.workflows.keep_keyring import read_keyring_beside, write_keyring
from vestibule.workflows.prune_backups import name_of, prune_backups
from vestibule.workflows.restore_backup import Restored, RestoreTarget, restore_backup

__all__ = [
    "S3",
    "create",
    "make_backup_key",
    "names",
    "prune",
    "restore",
    "verify",
    "write_keyring_beside",
]


def create(settings: Settings, where: str) -> Manifest:
    """A new backup under ``where``, named by the moment. The product may run meanwhile.

    Raises BackupError, StartUpError and what the stores raise.
    """
    cipher, now = _cipher(settings), SystemClock().now()
    name = name_of(now)
    with _source(settings) as source:
        manifest = back_up(source, backup_place(settings, where, name), cipher, name=name, now=now)
        _write_keyring(settings, where, source, cipher)
        return manifest


def write_keyring_beside(settings: Settings, where: str) -> int:
    """Anew, without a backup: after an erasure whose process does not reach ``where``.

    How many keys are in it. Raises as ``create`` does.
    """
    cipher = _cipher(settings)
    with _source(settings) as source:
        return _write_keyring(settings, where, source, cipher)


def _write_keyring(
    settings: Settings, where: str, source: BackupSource, cipher: AesGcmStreams
) -> int:
    return write_keyring(
        source.database,
        open_sealer(settings),
        backup_place(settings, where, KEYRING_FOLDER),
        cipher,
        name=place_name(settings, where),
        formerly=former_name(where),
        now=SystemClock().now(),
    )


def verify(settings: Settings, where: str, name: str) -> Manifest:
    """Raises DamagedBackupError."""
    dump = PostgresDump("postgresql://nobody@127.0.0.1/none")  # it is read, not put anywhere
    return verify_backup(backup_place(settings, where, name), _cipher(settings), dump)


def restore(
    settings: Settings, where: str, name: str, *, keyring_key: Path | None = None
) -> Restored:
    """Into the empty installation that the settings name. Raises NotEmptyError, BackupError.

    ``keyring_key`` is the backups' key of today, where this one was sealed with one before it.
    """
    cipher, now = _cipher(settings), SystemClock().now()
    for_keyring = AesGcmStreams(load_backup_key(keyring_key)) if keyring_key else cipher
    with _target(settings) as target:
        found = read_keyring_beside(
            backup_place(settings, where, KEYRING_FOLDER), for_keyring, AesGcmSealer(bytes(32))
        )
        return restore_backup(
            target, backup_place(settings, where, name), cipher, keyring=found, now=now
        )


def names(settings: Settings, where: str) -> list[str]:
    """Complete backups there, oldest first."""
    if where == S3:
        keys = backup_bucket(settings).keys("")
        return [key.split("/")[0] for key in keys if key.endswith(f"/{MANIFEST}")]
    return sorted(found.parent.name for found in Path(where).glob(f"*/{MANIFEST}"))


def prune(settings: Settings, where: str, *, days: int | None) -> list[str]:
    """Remove backups that are older than that; else than the policy in force says. Which ones.

    Raises BackupError, StartUpError and what the stores raise.
    """
    kept_days = _policy_days(settings) if days is None else days
    made_before = SystemClock().now() - timedelta(days=kept_days)
    places = partial(backup_place, settings, where)
    return prune_backups(_begun(settings, where), places, made_before=made_before)


def _policy_days(settings: Settings) -> int:
    with _source(settings) as source, source.database.look() as transaction:
        return retention_policies.in_force(transaction).policy.days[Kept.BACKUP]


def _begun(settings: Settings, where: str) -> list[str]:
    """Complete or not; and whatever else lies there."""
    if where == S3:
        return sorted({key.split("/")[0] for key in backup_bucket(settings).keys("")})
    folder = Path(where)
    if not folder.is_dir():
        raise BackupError(f"There is no folder {folder}.")
    return sorted(found.name for found in folder.iterdir() if found.is_dir())


def _cipher(settings: Settings) -> AesGcmStreams:
    if settings.backup_key_file is None:
        raise BackupError(
            "A backup holds faces and names, so it is always sealed: make a key with `vestibule "
            "backup key FILE`, name it in VESTIBULE_BACKUP_KEY_FILE, and keep a copy elsewhere."
        )
    return AesGcmStreams(load_backup_key(settings.backup_key_file))


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
        sealer = open_blob_sealer(settings)
        reader = FolderBlobReader(settings.data_dir / "blobs", sealer=sealer)
        yield _source_of(url, reader, closing)


def _source_of(url: str, blobs: FolderBlobReader | S3BlobStore, closing: ExitStack) -> BackupSource:
    database = Database(url, pool_size=2)
    closing.callback(database.close)
    return BackupSource(database, blobs, PostgresDump(url), __version__)


@contextmanager
def _target(settings: Settings) -> Iterator[RestoreTarget]:
    with ExitStack() as closing:
        if settings.mode == "distributed":
            url, blobs = _database_url(settings), open_objects(settings)
            yield _target_of(url, blobs, open_sealer(settings), closing)
            return
        make_private(settings.data_dir)
        folder, sealer = settings.data_dir / "blobs", open_blob_sealer(settings)
        begun = FolderBlobReader(folder, sealer=sealer).keys("restoring/")
        if (settings.data_dir / "postgres").exists() and not begun:
            raise NotEmptyError(f"There is an installation in {settings.data_dir} already.")
        url = _started(settings, closing)
        store = FolderBlobStore(folder, sealer=sealer, reserve_bytes=settings.min_free_bytes)
        yield _target_of(url, store, open_sealer(settings), closing)


def _target_of(
    url: str, blobs: FolderBlobStore | S3BlobStore, installation: Sealer, closing: ExitStack
) -> RestoreTarget:
    database = Database(url, pool_size=2)
    closing.callback(database.close)
    return RestoreTarget(database, blobs, PostgresDump(url), migrate, installation)


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
