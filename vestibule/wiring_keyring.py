"""Where backups lie, and the keyring beside them."""

from pathlib import Path

from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.adapters.s3_backup import S3BackupPlace
from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.domain.errors import BackupError, StartUpError
from vestibule.ports_backup import BackupPlace
from vestibule.settings import Settings
from vestibule.wiring_links import refuse_plain_links

S3 = "s3"
"""In place of a folder: the bucket that VESTIBULE_BACKUP_S3_* name."""
KEYRING_FOLDER = "keyring"


def backup_place(settings: Settings, where: str, name: str) -> BackupPlace:
    """Of one backup, or of the keyring beside all of them."""
    if where == S3:
        return S3BackupPlace(backup_bucket(settings), name)
    return FolderBackupPlace(Path(where) / name)


def place_name(settings: Settings, where: str) -> str:
    """How the record remembers it; another bucket is another place."""
    if where == S3:
        return f"s3: {settings.backup_s3_bucket} at {settings.backup_s3_endpoint}"
    return str(Path(where).resolve())


def former_name(where: str) -> str | None:
    """How a release before remembered it: whichever bucket the settings named then."""
    return S3 if where == S3 else None


def keyring_place(settings: Settings, name: str) -> BackupPlace:
    """By the name that the record has. Raises BackupError where this process sees no such place."""
    if name in (S3, place_name(settings, S3)):
        return backup_place(settings, S3, KEYRING_FOLDER)
    if not Path(name).is_dir():
        raise BackupError(f"There is no {name} here.")
    return backup_place(settings, name, KEYRING_FOLDER)


def backup_bucket(settings: Settings) -> S3BlobStore:
    refuse_plain_links(settings)
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
