"""What every place for backups promises; S3 on SeaweedFS, a real server from a package."""

import os
from pathlib import Path

import pytest

from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.backup_folder import FolderBackupPlace
from vestibule.adapters.s3_backup import S3BackupPlace
from vestibule.adapters.s3_client import Patience
from vestibule.domain.errors import BackupError, DamagedBackupError, StorageUnavailableError
from vestibule.ports_backup import BackupPlace

BRIEFLY = Patience(connect_s=0.5, read_s=1.0, retries=0)
LARGE = [os.urandom(700_001) for _ in range(40)]


@pytest.fixture(params=["folder", "s3-on-seaweedfs"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> BackupPlace:
    if request.param == "folder":
        return FolderBackupPlace(tmp_path / "not" / "there" / "yet")
    seaweed: SeaweedServer = request.getfixturevalue("seaweed")
    return S3BackupPlace(seaweed.store(seaweed.new_bucket()), "vestibule-20261125t052300z")


# ── the contract ────────────────────────────────────────────────────────────────────────────
def test_place_begins_empty_and_lists_what_was_written(place: BackupPlace) -> None:
    assert place.names() == []
    for name in ("b.sealed", "a.sealed"):
        with place.writing(name) as file:
            file.write(b"")
    assert place.names() == ["a.sealed", "b.sealed"]


def test_what_is_removed_is_gone_and_can_be_removed_again(place: BackupPlace) -> None:
    for name in ("b.sealed", "a.sealed"):
        with place.writing(name) as file:
            file.write(b"x")
    for _ in range(2):
        place.remove("a.sealed")
        assert place.names() == ["b.sealed"]
    place.remove("b.sealed")
    assert place.names() == []


@pytest.mark.parametrize("pieces", [[], [b"x"], LARGE], ids=["nothing", "a byte", "28 MB"])
def test_file_comes_back_as_it_was_written(place: BackupPlace, pieces: list[bytes]) -> None:
    with place.writing("objects.sealed") as file:
        for piece in pieces:
            file.write(piece)
    with place.reading("objects.sealed") as file:
        assert file.read() == b"".join(pieces)


@pytest.mark.parametrize("pieces", [[b"x"], LARGE], ids=["a byte", "28 MB"])
def test_file_whose_writer_fails_is_not_there(place: BackupPlace, pieces: list[bytes]) -> None:
    def write() -> None:
        with place.writing("objects.sealed") as file:
            for piece in pieces:
                file.write(piece)
            raise BackupError("as told")

    with pytest.raises(BackupError, match="as told"):
        write()
    assert place.names() == []


def test_missing_file_is_a_damaged_backup(place: BackupPlace) -> None:
    def read() -> None:
        with place.reading("none.sealed") as file:
            file.read()

    with pytest.raises(DamagedBackupError):
        read()


# ── the folder ──────────────────────────────────────────────────────────────────────────────
def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    def write() -> None:
        with FolderBackupPlace(tmp_path / "file" / "backup").writing("a.sealed") as file:
            file.write(b"x")

    with pytest.raises(BackupError, match="cannot be written"):
        write()


# ── S3 ──────────────────────────────────────────────────────────────────────────────────────
def test_store_that_dies_in_between_ends_the_backup(tmp_path: Path) -> None:
    with SeaweedServer(tmp_path / "seaweedfs") as mortal:
        place = S3BackupPlace(mortal.store(mortal.new_bucket(), patience=BRIEFLY), "backup")

        def write() -> None:
            with place.writing("objects.sealed") as file:
                file.write(LARGE[0])
                mortal.kill()
                for piece in LARGE * 3:
                    file.write(piece)

        with pytest.raises(StorageUnavailableError):
            write()
        mortal.start()
        assert place.names() == []


def test_nothing_unfinished_is_left_when_the_writer_fails(seaweed: SeaweedServer) -> None:
    bucket = seaweed.new_bucket()

    def write() -> None:
        with S3BackupPlace(seaweed.store(bucket), "backup").writing("objects.sealed") as file:
            for piece in LARGE:
                file.write(piece)
            raise BackupError("as told")

    with pytest.raises(BackupError):
        write()
    assert seaweed.client()._list_multipart_uploads(bucket).uploads == []
