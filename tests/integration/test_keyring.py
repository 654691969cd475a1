"""Backups grow old, the keyring beside them does not: who was erased is in none of them."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.integration.bare_installation import CIPHER, NOW, Installation
from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.adapters.sealed_stream import AesGcmStreams
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.backup_places import Fate, GivenUp
from vestibule.domain.errors import BackupError, DamagedBackupError
from vestibule.domain.keyring_file import KEYRING, Keyring
from vestibule.records import customers, keyring, snapshots
from vestibule.records.audit_tables import AuditEntry
from vestibule.workflows.back_up import back_up
from vestibule.workflows.keep_keyring import (
    KeyringsBesideBackups,
    read_keyring_beside,
    write_keyring,
)
from vestibule.workflows.restore_backup import Restored, restore_backup

ANY = AesGcmSealer(bytes(32))


class Backups:
    """A folder of backups with the keyring beside them, as ``wiring_backup`` lays it out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def beside(self) -> FolderBackupPlace:
        return FolderBackupPlace(self.folder / "keyring")

    def create(self, source: Installation, name: str) -> None:
        back_up(
            source.as_source(), FolderBackupPlace(self.folder / name), CIPHER, name=name, now=NOW
        )
        self.write(source)

    def write(self, source: Installation, cipher: AesGcmStreams = CIPHER) -> int:
        place, name = self.beside, str(self.folder)
        return write_keyring(source.database, source.key, place, cipher, name=name, now=NOW)

    def read(self, cipher: AesGcmStreams = CIPHER) -> Keyring | None:
        return read_keyring_beside(self.beside, cipher, ANY)

    def restore(self, target: Installation, name: str) -> Restored:
        place = FolderBackupPlace(self.folder / name)
        return restore_backup(target.as_target(), place, CIPHER, keyring=self.read(), now=NOW)

    def as_seen_by(self, installation: Installation) -> KeyringsBesideBackups:
        return KeyringsBesideBackups(
            installation.database, installation.key, SystemClock(), self._reached
        )

    def _reached(self, name: str) -> FolderBackupPlace:
        if not self.folder.is_dir() or name != str(self.folder):
            raise BackupError("It is not here.")
        return self.beside


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "backups")


@pytest.mark.duty("GDPR 17")
def test_art_17_old_backup_and_newest_keyring_do_not_open_who_was_erased(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    old, new = installation().prepared(), installation()
    erased, stays = old.sealed_person(), old.sealed_person()
    backups.create(old, "before")
    assert old.reads(erased) == (True, True)
    old.erase(erased)
    (copy,) = backups.as_seen_by(old).rewrite()
    assert not copy.is_behind
    done = backups.restore(new, "before")
    assert new.reads(stays) == (True, True)
    assert new.reads(erased) == (False, False)
    assert (done.erased_since, done.unreadable) == (1, 1)
    with new.database.begin() as transaction:
        assert customers.being_erased(transaction) == [erased.customer_id]
        assert customers.find(transaction, erased.customer_id) is None


def test_restored_keys_are_wrapped_by_the_key_of_where_they_came_to(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    """The installation's own key need not be kept: the backups' key opens everything."""
    old, new = installation().prepared(), installation()
    new.key = AesGcmSealer(bytes([9]) * 32)
    person = old.sealed_person()
    backups.create(old, "one")
    backups.restore(new, "one")
    assert new.reads(person) == (True, True)
    backups.create(new, "two")
    assert backups.read().keys.keys() == {person.customer_id}


def test_keys_are_in_no_file_of_a_backup_and_in_the_keyring_they_do_not_show(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    old, new = installation().prepared(), installation()
    person = old.sealed_person()
    backups.create(old, "one")
    (key,) = backups.read().keys.values()
    written = [f.read_bytes() for f in backups.folder.rglob("*") if f.is_file()]
    shown = [f for f in written if key in f or str(person.customer_id).encode() in f]
    assert shown == []
    (backups.folder / "keyring" / KEYRING).unlink()
    with pytest.raises(BackupError, match="keyring is missing"):
        backups.restore(new, "one")
    with new.database.begin() as transaction:
        assert snapshots.is_empty(transaction)


def test_place_that_was_not_reached_is_behind_until_it_is(
    installation: Callable[[], Installation], backups: Backups, tmp_path: Path
) -> None:
    old = installation().prepared()
    erased = old.sealed_person()
    backups.create(old, "one")
    backups.folder.rename(tmp_path / "unplugged")
    old.erase(erased)
    (copy,) = backups.as_seen_by(old).rewrite()
    assert copy.is_behind
    (tmp_path / "unplugged").rename(backups.folder)
    assert erased.customer_id in backups.read().keys
    (copy,) = backups.as_seen_by(old).rewrite()
    assert not copy.is_behind
    assert backups.read().keys == {}
    assert backups.read().destroyed.keys() == {erased.customer_id}


def test_place_given_up_is_taken_up_again_when_it_is_back(
    installation: Callable[[], Installation], backups: Backups, tmp_path: Path
) -> None:
    old = installation().prepared()
    erased, name = old.sealed_person(), str(backups.folder)
    backups.create(old, "one")
    seen = backups.as_seen_by(old)
    assert seen.reaches(name)
    backups.folder.rename(tmp_path / "lost")
    assert not seen.reaches(name)
    old.erase(erased)
    with old.database.begin() as transaction:
        declared = GivenUp(name, Fate.UNREACHABLE, "The shelf is sealed by the court.", NOW)
        assert keyring.give_up(transaction, declared, by="dpo")
    (copy,) = seen.rewrite()
    assert (copy.is_behind, copy.is_away, copy.given_up) == (True, False, declared)
    (tmp_path / "lost").rename(backups.folder)
    (copy,) = seen.rewrite()
    assert (copy.is_behind, copy.given_up) == (False, None)
    assert backups.read().keys == {}
    with old.database.look() as reader:
        newest = reader.scalar(
            select(AuditEntry.action).order_by(AuditEntry.number.desc()).limit(1)
        )
    assert newest == "backup_place.return"


def test_new_disk_in_the_place_of_one_that_held_keys_does_not_stand_for_it(
    installation: Callable[[], Installation], backups: Backups, tmp_path: Path
) -> None:
    """Else an erasure would be told as complete, whose key lies on the disk before."""
    old = installation().prepared()
    erased, name = old.sealed_person(), str(backups.folder)
    backups.create(old, "one")
    backups.folder.rename(tmp_path / "taken out")
    backups.create(old, "two")
    old.erase(erased)
    here, before = backups.as_seen_by(old).rewrite()
    assert (here.place, here.is_behind) == (name, False)
    assert before.place.startswith(f"{name} (until ") and before.is_away


def test_bucket_that_a_release_before_called_s3_is_one_place_still(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    old = installation().prepared()
    old.sealed_person()
    for name, formerly in (("s3", None), ("s3: door at store:9000", "s3")):
        write_keyring(
            old.database, old.key, backups.beside, CIPHER, name=name, formerly=formerly, now=NOW
        )
    with old.database.look() as reader:
        assert [copy.place for copy in keyring.copies(reader)] == ["s3: door at store:9000"]


def test_erasures_during_backups_never_leave_a_key_behind(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    """Whoever writes last has seen what was destroyed before."""
    old = installation().prepared()
    people = [old.sealed_person() for _ in range(12)]
    backups.create(old, "one")
    over = threading.Event()

    def back_up_again() -> None:
        while not over.is_set():
            backups.write(old)

    writing = threading.Thread(target=back_up_again)
    writing.start()
    try:
        for person in people[:8]:
            old.erase(person)
            backups.as_seen_by(old).rewrite()
    finally:
        over.set()
        writing.join()
    assert not backups.as_seen_by(old).rewrite()[0].is_behind
    assert backups.read().keys.keys() == {person.customer_id for person in people[8:]}


def test_backup_of_a_restored_old_one_keeps_the_keys_of_newer_backups(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    old, drill, new = installation().prepared(), installation(), installation()
    first = old.sealed_person()
    backups.create(old, "monday")
    later = old.sealed_person()
    backups.create(old, "tuesday")
    backups.restore(drill, "monday")
    backups.create(drill, "drill")
    backups.restore(new, "tuesday")
    assert new.reads(first) == new.reads(later) == (True, True)


def test_keyring_is_opened_by_todays_key_though_the_backup_has_a_former_one(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    old = installation().prepared()
    person, today = old.sealed_person(), AesGcmStreams(bytes([5]) * 32)
    backups.create(old, "one")
    backups.write(old, today)
    assert backups.read(today).keys.keys() == {person.customer_id}
    with pytest.raises(DamagedBackupError):
        backups.read(CIPHER)


def test_keyring_of_another_installation_is_not_written_over(
    installation: Callable[[], Installation], backups: Backups
) -> None:
    one, other = installation().prepared(), installation().prepared()
    person = one.sealed_person()
    backups.create(one, "one")
    other.key = AesGcmSealer(bytes([9]) * 32)
    with pytest.raises(BackupError, match="another installation"):
        backups.write(other, AesGcmStreams(bytes([5]) * 32))
    assert backups.read().keys.keys() == {person.customer_id}
