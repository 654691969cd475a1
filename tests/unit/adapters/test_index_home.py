"""Between runs the index is one sealed file or nothing, and what is not whole is given up."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vestibule.adapters import index_home
from vestibule.adapters.index_home import IndexInMemory, IndexOnDisk
from vestibule.adapters.memory_folder import MemoryFolder
from vestibule.adapters.sealed_stream import AesGcmStreams

KEY, FORMER = bytes(32), bytes([7] * 32)
VECTOR = b"the numbers of a face" * 10
Open = Callable[..., IndexInMemory]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    made = tmp_path / "memory"
    made.mkdir()
    return made


@pytest.fixture
def houses() -> list[MemoryFolder]:
    return []


@pytest.fixture
def open_home(data_dir: Path, memory: Path, houses: list[MemoryFolder]) -> Open:
    def make(*keys: bytes) -> IndexInMemory:
        houses.append(MemoryFolder(memory, data_dir, key=KEY))
        ciphers = [AesGcmStreams(key) for key in keys or (KEY,)]
        return IndexInMemory(data_dir, houses[-1], ciphers)

    return make


def fill(folder: Path) -> None:
    (folder / "shard").mkdir(parents=True)
    (folder / "shard" / "vectors").write_bytes(VECTOR)


def is_filled(folder: Path) -> bool:
    vectors = folder / "shard" / "vectors"
    return vectors.exists() and vectors.read_bytes() == VECTOR


def plain_files(*folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if VECTOR in path.read_bytes()]


def test_it_is_sealed_when_it_closes_and_the_file_goes_when_it_opens(
    open_home: Open, data_dir: Path, memory: Path
) -> None:
    first = open_home()
    assert first.began == "empty"
    fill(first.folder)
    assert not plain_files(data_dir)
    first.close()
    first.close()
    assert not list(memory.iterdir()) and not plain_files(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["index.sealed"]

    second = open_home()
    assert second.began == "sealed" and is_filled(second.folder)
    assert [path.name for path in data_dir.iterdir()] == ["index.mark"]


def test_empty_index_leaves_nothing(open_home: Open, data_dir: Path, memory: Path) -> None:
    open_home().close()
    assert not list(data_dir.iterdir()) and not list(memory.iterdir())


def change_a_byte(sealed: Path) -> None:
    content = bytearray(sealed.read_bytes())
    content[-30] ^= 1
    sealed.write_bytes(content)


def cut_short(sealed: Path) -> None:
    sealed.write_bytes(sealed.read_bytes()[:-40])


def put_another(sealed: Path) -> None:
    """Sealed by the same key, for something else."""
    with sealed.open("wb") as file, AesGcmStreams(KEY).sealing(file, name="a photo") as stream:
        stream.write(b'{"end": true}\n')


@pytest.mark.parametrize("damage", [change_a_byte, cut_short, put_another])
def test_file_that_is_not_whole_is_given_up(
    open_home: Open, data_dir: Path, damage: Callable[[Path], None]
) -> None:
    first = open_home()
    fill(first.folder)
    first.close()
    damage(data_dir / "index.sealed")
    second = open_home()
    assert second.began == "unreadable"
    assert not list(second.folder.iterdir())
    assert not (data_dir / "index.sealed").exists()


def test_former_key_opens_what_it_sealed(open_home: Open) -> None:
    first = open_home(FORMER)
    fill(first.folder)
    first.close()
    second = open_home(KEY, FORMER)
    assert second.began == "sealed" and is_filled(second.folder)


def test_what_a_kill_left_is_used_again(open_home: Open, houses: list[MemoryFolder]) -> None:
    fill(open_home().folder)
    houses[-1].release()
    again = open_home()
    assert again.began == "left_by_a_kill" and is_filled(again.folder)


def test_what_a_kill_left_is_not_taken_for_another_data_folder_at_that_place(
    open_home: Open, houses: list[MemoryFolder], data_dir: Path
) -> None:
    """A backup was restored there since, so the mark is not there, or another one."""
    fill(open_home().folder)
    houses[-1].release()
    (data_dir / "index.mark").write_text("another")
    again = open_home()
    assert again.began == "empty" and not list(again.folder.iterdir())


def test_kill_while_it_was_opened_opens_it_again(
    open_home: Open, houses: list[MemoryFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_home()
    fill(first.folder)
    first.close()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(index_home, "_flush_folder", killed)
        dying.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            open_home()
    houses[-1].release()
    again = open_home()
    assert again.began == "sealed" and is_filled(again.folder)


def test_no_room_to_seal_gives_it_up_and_leaves_nothing_plain(
    open_home: Open, data_dir: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home()
    fill(home.folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_home, "write_folder", full)
    home.close()
    assert not list(memory.iterdir()) and not list(data_dir.iterdir())


def test_plain_folder_of_a_release_before_is_moved_and_wins_over_an_older_file(
    open_home: Open, data_dir: Path
) -> None:
    fill(data_dir / "index")
    (data_dir / "index.sealed").write_bytes(b"older")
    home = open_home()
    assert home.began == "plain" and is_filled(home.folder)
    assert not plain_files(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["index.mark"]


def test_linked_plain_folder_is_emptied_where_it_lies(
    open_home: Open, data_dir: Path, tmp_path: Path
) -> None:
    fill(tmp_path / "elsewhere")
    (data_dir / "index").symlink_to(tmp_path / "elsewhere")
    assert is_filled(open_home().folder)
    assert not plain_files(tmp_path / "elsewhere", data_dir)


def test_disk_takes_what_was_sealed_and_gives_it_back(open_home: Open, data_dir: Path) -> None:
    first = open_home()
    fill(first.folder)
    first.close()
    disk = IndexOnDisk(data_dir, [AesGcmStreams(KEY)])
    disk.close()
    assert disk.began == "sealed" and is_filled(data_dir / "index")
    assert [path.name for path in data_dir.iterdir()] == ["index"]
    assert is_filled(open_home().folder)
    assert not plain_files(data_dir)
