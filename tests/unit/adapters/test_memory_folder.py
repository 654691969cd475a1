"""A folder in memory is one installation's, and nobody else's."""

import os
from pathlib import Path

import pytest

from vestibule.adapters import memory_folder
from vestibule.adapters.memory_folder import MARK, MemoryFolder, remove_abandoned
from vestibule.domain.errors import DataDirInUseError, StartUpError

KEY = bytes(32)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    made = tmp_path / "memory"
    made.mkdir()
    return made


def test_name_is_the_data_folders_and_cannot_be_known_without_the_key(memory: Path) -> None:
    names = set()
    for data_dir, key in ((Path("/a"), KEY), (Path("/b"), KEY), (Path("/a"), bytes([1] * 32))):
        house = MemoryFolder(memory, data_dir, key=key)
        names.add(house.path.name)
        house.release()
    again = MemoryFolder(memory, Path("/a"), key=KEY)
    assert len(names) == 3 and again.path.name in names
    assert again.path.stat().st_mode & 0o777 == 0o700


def test_one_process_holds_it(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_folder, "_PATIENCE_S", 0.0)
    held = MemoryFolder(memory, Path("/a"), key=KEY)
    with pytest.raises(DataDirInUseError):
        MemoryFolder(memory, Path("/a"), key=KEY)
    held.remove()
    MemoryFolder(memory, Path("/a"), key=KEY).remove()
    assert not list(memory.iterdir())


@pytest.mark.parametrize("kind", ["link", "file", "open to others"])
def test_what_somebody_put_in_its_place_is_refused(memory: Path, kind: str) -> None:
    house = MemoryFolder(memory, Path("/a"), key=KEY)
    path = house.path
    house.remove()
    if kind == "link":
        (memory / "elsewhere").mkdir(mode=0o700)
        path.symlink_to(memory / "elsewhere")
    elif kind == "file":
        path.touch()
    else:
        path.mkdir()
        path.chmod(0o777)
    with pytest.raises(StartUpError):
        MemoryFolder(memory, Path("/a"), key=KEY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another account")
def test_folder_of_another_account_is_refused(memory: Path) -> None:
    house = MemoryFolder(memory, Path("/a"), key=KEY)
    house.release()
    os.chown(house.path, 65534, 65534)
    with pytest.raises(StartUpError):
        MemoryFolder(memory, Path("/a"), key=KEY)


def test_abandoned_ones_go_and_those_in_use_or_of_others_stay(memory: Path, tmp_path: Path) -> None:
    there, restored = tmp_path / "there", tmp_path / "restored"
    for data_dir, mark in ((there, "mark"), (restored, "another")):
        data_dir.mkdir()
        (data_dir / MARK).write_text(mark)
    gone, running, killed, replaced = (
        MemoryFolder(memory, data_dir, key=KEY)
        for data_dir in (tmp_path / "gone", tmp_path / "gone too", there, restored)
    )
    for house in (gone, running, killed, replaced):
        house.mark("mark")
    for house in (gone, killed, replaced):
        house.release()
    remove_abandoned(memory)
    assert not gone.path.exists() and not replaced.path.exists()
    assert running.path.exists() and killed.path.exists()
