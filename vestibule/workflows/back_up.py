"""One whole of rows and objects is taken while the product runs, and sealed.

Objects, then rows, then objects again. An object is stored before its row, so every object that
the rows of the snapshot name was there at that moment. Most were copied before it, which also
saves those that are deleted between the snapshot and the second look; the rest are copied after
it. An object without a row costs nothing: a restore leaves it out.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

import structlog

from vestibule.domain.backup_manifest import (
    DATABASE,
    KEPT_PREFIXES,
    MANIFEST,
    Manifest,
    Pack,
    pack_name,
    read_manifest,
)
from vestibule.domain.errors import BackupError, BlobMissingError, DamagedBackupError
from vestibule.ports_backup import BackupPlace, BlobReader, DatabaseDump, StreamCipher
from vestibule.records import audit, snapshots
from vestibule.records.database import Database
from vestibule.workflows.object_packs import PackWriter, read_pack

_AT_ONCE = 8
_BATCH = 64
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BackupSource:
    """What is backed up."""

    database: Database
    blobs: BlobReader
    dump: DatabaseDump
    product_version: str


def back_up(
    source: BackupSource, place: BackupPlace, cipher: StreamCipher, *, name: str, now: datetime
) -> Manifest:
    """Into an empty ``place``. Complete once the manifest is there, which is written last.

    Raises BackupError, DatabaseUnavailableError, StorageFullError, StorageUnavailableError.
    """
    if place.names():
        raise BackupError("There is something already in the place for this backup.")
    with ExitStack() as closing:
        objects = _Objects(source.blobs, place, cipher, closing)
        for prefix in KEPT_PREFIXES:
            objects.copy(source.blobs.keys(prefix))
        with source.database.begin() as transaction:
            snapshot = snapshots.freeze(transaction)
            needed = snapshots.object_keys(transaction)
            with place.writing(DATABASE) as file, cipher.sealing(file, name=DATABASE) as sealed:
                source.dump.dump(snapshot.id, sealed)
        objects.copy(sorted(needed - objects.copied))
        packs = objects.finish()
    manifest = Manifest(
        name=name,
        taken_at=snapshot.taken_at,
        product_version=source.product_version,
        schema=snapshot.schema,
        spaces=snapshot.spaces,
        customers=snapshot.customers,
        templates=snapshot.templates,
        sealed_templates=snapshot.sealed_templates,
        audit_entries=snapshot.audit_entries,
        audit_head=snapshot.audit_head,
        packs=packs,
        missing=tuple(sorted(needed - objects.copied)),
    )
    with place.writing(MANIFEST) as file, cipher.sealing(file, name=MANIFEST) as sealed:
        sealed.write(manifest.to_json())
    _note(source.database, manifest, now=now)
    _log.info("backup.made", objects=manifest.objects, missing=len(manifest.missing))
    return manifest


def _note(database: Database, manifest: Manifest, *, now: datetime) -> None:
    """A copy of everybody left the installation: that is an entry of the audit log."""
    with database.begin() as transaction:
        audit.append(
            transaction,
            at=now,
            actor="operator",
            action="installation.back_up",
            subject=f"backup:{manifest.name}",
            customers=manifest.customers,
            templates=manifest.templates,
        )


def open_manifest(place: BackupPlace, cipher: StreamCipher) -> Manifest:
    """Raises DamagedBackupError, also for a backup that was never finished."""
    if MANIFEST not in place.names():
        raise DamagedBackupError("There is no complete backup here: its last file is missing.")
    with place.reading(MANIFEST) as file:
        return read_manifest(cipher.opening(file, name=MANIFEST).read())


def verify_backup(place: BackupPlace, cipher: StreamCipher, dump: DatabaseDump) -> Manifest:
    """Read every byte as a restore would, without writing any. Raises DamagedBackupError."""
    manifest = open_manifest(place, cipher)
    with place.reading(DATABASE) as file:
        dump.look_through(cipher.opening(file, name=DATABASE))
    for pack in manifest.packs:
        for _ in read_pack(place, cipher, pack):
            pass
    return manifest


class _Objects:
    """Copies each key once, several at a time, into pack after pack."""

    def __init__(
        self, blobs: BlobReader, place: BackupPlace, cipher: StreamCipher, closing: ExitStack
    ) -> None:
        self.copied: set[str] = set()
        self._blobs = blobs
        self._writer = PackWriter(place, cipher, closing, name_of=pack_name)
        self._pool = closing.enter_context(ThreadPoolExecutor(_AT_ONCE))

    def copy(self, keys: Iterable[str]) -> None:
        """What is gone by the time it is read is left out; the rows say whether it was needed."""
        waiting = list(keys)
        for begin in range(0, len(waiting), _BATCH):
            batch = waiting[begin : begin + _BATCH]
            for key, content in zip(batch, self._pool.map(self._get, batch), strict=True):
                if content is not None:
                    self._writer.add(key, content)
                    self.copied.add(key)

    def finish(self) -> tuple[Pack, ...]:
        return self._writer.finish()

    def _get(self, key: str) -> bytes | None:
        try:
            return self._blobs.get(key)
        except BlobMissingError:
            return None
