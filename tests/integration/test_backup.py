"""What a backup takes, refuses and notices; the drill is in ``test_backup_drill.py``."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.integration.bare_installation import (
    CIPHER,
    INSTALLATION,
    NOW,
    Installation,
)
from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.postgres_dump import PostgresDump
from vestibule.adapters.sealed_stream import AesGcmStreams
from vestibule.domain.backup_manifest import DATABASE, MANIFEST, pack_name
from vestibule.domain.errors import BackupError, DamagedBackupError, NotEmptyError
from vestibule.records import audit, snapshots
from vestibule.records.migrating import migrate
from vestibule.records.tables import AccessToken, Customer, Job, Template
from vestibule.workflows.back_up import BackupSource, back_up, open_manifest, verify_backup
from vestibule.workflows.restore_backup import RestoreTarget, restore_backup

OTHER = AesGcmStreams(bytes([1]) * 32)


@pytest.fixture
def place(tmp_path: Path) -> FolderBackupPlace:
    return FolderBackupPlace(tmp_path / "backup")


# ── there and back ──────────────────────────────────────────────────────────────────────────
def test_people_come_back_with_crops_and_audit_and_what_expires_does_not(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old, new = installation().prepared(), installation()
    people = [old.person() for _ in range(70)]
    old.photo()
    old.blobs.put("demo/titles.json", b"{}")
    with old.database.begin() as transaction:
        for kind in ("session", "api_key"):
            transaction.add(AccessToken(token_sha256=kind, kind=kind, actor="test", created_at=NOW))
    manifest = back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    assert (manifest.customers, manifest.templates, manifest.objects) == (70, 70, 71)
    assert manifest.missing == ()
    assert verify_backup(place, CIPHER, new.dump) == manifest
    done = restore_backup(new.as_target(), place, CIPHER, keyring=None, now=NOW)
    assert done.missing == ()
    assert (done.settled.photos, done.settled.sessions) == (1, 1)
    assert new.crop_keys() == {person.crop_key for person in people}
    assert all(new.blobs.get(p.crop_key) == p.id.bytes * 1_000 for p in people)
    assert new.blobs.keys("") == sorted([*new.crop_keys(), "demo/titles.json"])
    with new.database.begin() as transaction:
        assert audit.verify(transaction).broken_at is None
        assert audit.verify(transaction).entries == manifest.audit_entries + 1
        assert {token.kind for token in transaction.query(AccessToken)} == {"api_key"}
        assert transaction.query(Job).count() == 0
        assert {c.name for c in transaction.query(Customer)} == {"Ünï"}
    with old.database.begin() as transaction:
        assert audit.has_entry(
            transaction, action="installation.back_up", subject="backup:vestibule-1"
        )


def test_backup_shows_neither_names_nor_keys_nor_pixels(
    installation: Callable[[], Installation], place: FolderBackupPlace, tmp_path: Path
) -> None:
    old = installation().prepared()
    person = old.person()
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    written = b"".join(f.read_bytes() for f in (tmp_path / "backup").iterdir())
    for shown in ("Ünï".encode(), str(person.customer_id).encode(), person.id.bytes * 3, b"PGDMP"):
        assert shown not in written
    assert place.names() == sorted([DATABASE, MANIFEST, pack_name(1)])


# ── while the product works ─────────────────────────────────────────────────────────────────
class Interfering(PostgresDump):
    """Does something at the moment between the snapshot and the second look at objects."""

    def __init__(self, url: str, what: Callable[[], object]) -> None:
        super().__init__(url)
        self._what = what

    def dump(self, snapshot: str, into: BinaryIO) -> None:
        self._what()
        super().dump(snapshot, into)


def test_rows_and_objects_of_one_moment_fit_whatever_happens_meanwhile(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old, new = installation().prepared(), installation()
    stays, removed = old.person(), old.person()
    late: list[Template] = []

    def interfere() -> None:
        late.append(old.person())
        old.blobs.delete(removed.crop_key)
        with old.database.begin() as transaction:
            found = transaction.get(Template, removed.id)
            transaction.delete(found)

    url = old.database.connect().engine.url.render_as_string(hide_password=False)
    source = BackupSource(old.database, old.blobs, Interfering(url, interfere), "0")
    manifest = back_up(source, place, CIPHER, name="vestibule-1", now=NOW)
    assert (manifest.templates, manifest.missing) == (2, ())
    done = restore_backup(new.as_target(), place, CIPHER, keyring=None, now=NOW)
    assert done.missing == ()
    assert new.crop_keys() == {stays.crop_key, removed.crop_key} == set(new.blobs.keys(""))
    assert late[0].crop_key not in new.crop_keys()


def test_people_who_are_enrolled_during_a_backup_have_their_crop_or_are_not_in_it(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old, new = installation().prepared(), installation()
    over = threading.Event()

    def enrol() -> None:
        while not over.is_set():
            old.person()

    enrolling = threading.Thread(target=enrol)
    enrolling.start()
    try:
        for _ in range(30):
            old.person()
        manifest = back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    finally:
        over.set()
        enrolling.join()
    assert manifest.missing == ()
    done = restore_backup(new.as_target(), place, CIPHER, keyring=None, now=NOW)
    assert done.missing == ()
    assert len(new.crop_keys()) == manifest.templates >= 30
    assert new.crop_keys() == set(new.blobs.keys("customers/"))


# ── what is refused ─────────────────────────────────────────────────────────────────────────
def test_restore_over_an_installation_is_refused_and_changes_nothing(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old = installation().prepared()
    old.person()
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    with_rows, with_objects = installation().prepared(), installation()
    with_objects.blobs.put("customers/a/b.jpg", b"somebody's")
    for occupied in (with_rows, with_objects):
        before = occupied.blobs.keys("")
        with pytest.raises(NotEmptyError):
            restore_backup(occupied.as_target(), place, CIPHER, keyring=None, now=NOW)
        assert occupied.blobs.keys("") == before
    with with_objects.database.begin() as transaction:
        assert snapshots.is_empty(transaction)


def test_unfinished_backup_is_none(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old = installation().prepared()
    old.person()

    def fail() -> None:
        raise BackupError("as told")

    source = BackupSource(
        old.database, old.blobs, Interfering("postgresql://nobody@127.0.0.1/none", fail), "0"
    )
    with pytest.raises(BackupError, match="as told"):
        back_up(source, place, CIPHER, name="vestibule-1", now=NOW)
    assert MANIFEST not in place.names()
    with pytest.raises(DamagedBackupError, match="no complete backup"):
        open_manifest(place, CIPHER)


@pytest.mark.parametrize("name", [DATABASE, MANIFEST, pack_name(1)])
def test_file_that_was_changed_or_is_gone_is_found(
    installation: Callable[[], Installation], place: FolderBackupPlace, tmp_path: Path, name: str
) -> None:
    old = installation().prepared()
    old.person()
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    file = tmp_path / "backup" / name
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(DamagedBackupError):
        verify_backup(place, CIPHER, old.dump)
    file.unlink()
    with pytest.raises(DamagedBackupError):
        verify_backup(place, CIPHER, old.dump)
    file.write_bytes(whole)
    verify_backup(place, CIPHER, old.dump)


def test_other_key_is_refused_before_anything_is_touched(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old, new = installation().prepared(), installation()
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    with pytest.raises(DamagedBackupError, match="not its key"):
        restore_backup(new.as_target(), place, OTHER, keyring=None, now=NOW)
    assert new.blobs.keys("") == []


def test_second_backup_never_goes_over_the_first(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old = installation().prepared()
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    with pytest.raises(BackupError, match="already"):
        back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)


def test_backup_of_a_later_schema_is_refused(
    installation: Callable[[], Installation], place: FolderBackupPlace
) -> None:
    old, new = installation().prepared(), installation()
    with old.database.begin() as transaction:
        transaction.execute(
            snapshots.text("UPDATE alembic_version SET version_num = '9999_of_the_future'")
        )
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    with pytest.raises(BackupError, match="later release"):
        restore_backup(new.as_target(), place, CIPHER, keyring=None, now=NOW)


# ── interrupted ─────────────────────────────────────────────────────────────────────────────
class Breaking(FolderBlobStore):
    """Stops working after some objects, as a machine does that is switched off."""

    def __init__(self, folder: Path, *, after: int) -> None:
        super().__init__(folder, sealer=INSTALLATION, reserve_bytes=0)
        self._left = after

    def put(self, key: str, content: bytes) -> None:
        self._left -= 1
        if self._left < 0:
            raise BackupError("switched off")
        super().put(key, content)


def test_interrupted_restore_goes_on_with_the_same_backup_alone(
    installation: Callable[[], Installation], place: FolderBackupPlace, tmp_path: Path
) -> None:
    old, new = installation().prepared(), installation()
    people = [old.person() for _ in range(10)]
    back_up(old.as_source(), place, CIPHER, name="vestibule-1", now=NOW)
    breaking = Breaking(tmp_path / "broken", after=4)
    target = RestoreTarget(new.database, breaking, new.dump, migrate, INSTALLATION)
    with pytest.raises(BackupError, match="switched off"):
        restore_backup(target, place, CIPHER, keyring=None, now=NOW)
    again = FolderBlobStore(tmp_path / "broken", sealer=INSTALLATION, reserve_bytes=0)
    other = FolderBackupPlace(tmp_path / "other")
    back_up(old.as_source(), other, CIPHER, name="vestibule-2", now=NOW)
    target = RestoreTarget(new.database, again, new.dump, migrate, INSTALLATION)
    with pytest.raises(NotEmptyError):
        restore_backup(target, other, CIPHER, keyring=None, now=NOW)
    done = restore_backup(target, place, CIPHER, keyring=None, now=NOW)
    assert done.missing == ()
    assert again.keys("") == sorted(person.crop_key for person in people)
