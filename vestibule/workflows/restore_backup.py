"""A backup becomes an installation: rows, then the objects that they name, then what is left.

Nothing else runs meanwhile. An interrupted restore is begun again with the same backup and goes on.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import structlog

from vestibule.domain.backup_manifest import DATABASE, Manifest
from vestibule.domain.errors import BackupError, DamagedBackupError, NotEmptyError
from vestibule.domain.keyring_file import Keyring
from vestibule.ports import BlobStore, Sealer
from vestibule.ports_backup import BackupPlace, DatabaseDump, StreamCipher
from vestibule.records import audit, audit_start, snapshots, unsealed_faces
from vestibule.records.database import Database, Transaction
from vestibule.records.migrating import knows
from vestibule.workflows.back_up import open_manifest
from vestibule.workflows.keep_keyring import load_keyring
from vestibule.workflows.object_packs import read_pack

_AT_ONCE = 8
_BATCH = 64
_SAMPLES = "demo/"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """Where it goes: a database without a table and a store without an object."""

    database: Database
    blobs: BlobStore
    dump: DatabaseDump
    migrate: Callable[[Database], str]
    installation: Sealer
    """Under which the keys of customers are wrapped from now on."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    objects: int
    missing: tuple[str, ...]
    """Keys that rows name and neither the backup nor the store has."""
    settled: snapshots.Settled
    schema: str
    erased_since: int
    """Who was erased after the backup: nothing shows them, and the start erases them again."""
    unreadable: int
    """Templates whose key was destroyed, those of the erased among them."""


def restore_backup(
    target: RestoreTarget,
    place: BackupPlace,
    cipher: StreamCipher,
    *,
    keyring: Keyring | None,
    now: datetime,
) -> Restored:
    """``keyring`` is the newest beside the backups, whichever backup it is.

    Raises NotEmptyError, DamagedBackupError, BackupError; nothing was changed by the first.
    """
    manifest = open_manifest(place, cipher)
    if keyring is None and manifest.sealed_templates:
        raise BackupError(
            "The keyring is missing: it lies beside the backups, in the folder keyring. Without it "
            "nobody's face can be read."
        )
    if not knows(manifest.schema):
        raise BackupError(
            f"The backup is of a later release ({manifest.product_version}); restore with that."
        )
    marker = f"restoring/{manifest.name}"
    _require_empty(target, marker)
    target.blobs.put(marker, b"")
    _restore_rows(target, place, cipher)
    schema = target.migrate(target.database)
    with target.database.begin() as transaction:
        erased = _load(transaction, keyring, target.installation, now=now)
        unreadable = unsealed_faces.count_without_key(transaction)
        needed = snapshots.object_keys(transaction)
    objects = _restore_objects(target.blobs, _objects_of(place, cipher, manifest), needed)
    missing = needed - set(target.blobs.keys("customers/"))
    settled = _settle(target, manifest, now=now)
    target.blobs.delete(marker)
    _log.info("backup.restored", objects=objects, missing=len(missing))
    return Restored(
        manifest, objects, tuple(sorted(missing)), settled, schema, len(erased), unreadable
    )


def _load(
    transaction: Transaction, keyring: Keyring | None, installation: Sealer, *, now: datetime
) -> list[UUID]:
    if keyring is None:
        return []
    return load_keyring(transaction, keyring, installation, now=now)


def _require_empty(target: RestoreTarget, marker: str) -> None:
    keys = target.blobs.keys("")
    if marker in keys:  # begun before, with this very backup
        return
    with target.database.begin() as transaction:
        if keys or not snapshots.is_empty(transaction):
            raise NotEmptyError(
                "There is an installation here already. Restore into an empty database and an "
                "empty store; nothing was changed."
            )


def _restore_rows(target: RestoreTarget, place: BackupPlace, cipher: StreamCipher) -> None:
    """In one transaction, so the tables are there with all their rows or not at all."""
    with target.database.begin() as transaction:
        if not snapshots.is_empty(transaction):
            return
    with place.reading(DATABASE) as file:
        target.dump.restore(cipher.opening(file, name=DATABASE))


def _objects_of(
    place: BackupPlace, cipher: StreamCipher, manifest: Manifest
) -> Iterator[tuple[str, bytes]]:
    for pack in manifest.packs:
        yield from read_pack(place, cipher, pack)


def _restore_objects(
    blobs: BlobStore, objects: Iterator[tuple[str, bytes]], needed: set[str]
) -> int:
    """Those that a row names, and the demo's. An object of no row was deleted during the backup."""
    wanted = (
        (key, content) for key, content in objects if key in needed or key.startswith(_SAMPLES)
    )
    count = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while batch := list(islice(wanted, _BATCH)):
            for _ in pool.map(lambda item: blobs.put(*item), batch):
                count += 1
    return count


def _settle(target: RestoreTarget, manifest: Manifest, *, now: datetime) -> snapshots.Settled:
    with target.database.begin() as transaction:
        report = audit.verify(transaction, start=audit_start.find(transaction))
    if report.broken_at is not None:
        raise DamagedBackupError(f"The audit log does not fit at entry {report.broken_at}.")
    with target.database.begin() as transaction:
        settled = snapshots.settle(transaction)
        audit.append(
            transaction,
            at=now,
            actor="operator",
            action="installation.restore",
            subject=f"backup:{manifest.name}",
            taken_at=manifest.taken_at.isoformat(),
            photos=settled.photos,
            sessions=settled.sessions,
        )
    return settled
