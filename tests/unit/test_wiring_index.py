"""Never plain on a disk without being asked for or told of."""

from pathlib import Path

import pytest

from vestibule import wiring_index
from vestibule.adapters.free_memory import is_in_memory
from vestibule.adapters.index_home import IndexInMemory, IndexOnDisk
from vestibule.domain.errors import StartUpError
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.settings import Settings

MIB = 2**20


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    memory = tmp_path / "memory"
    memory.mkdir()
    return Settings(_env_file=None, data_dir=tmp_path / "data", memory_dir=memory)  # type: ignore[call-arg]  # pydantic's own


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring_index, "is_in_memory", lambda _: True)


def free(monkeypatch: pytest.MonkeyPatch, free_bytes: int) -> None:
    monkeypatch.setattr(wiring_index, "free_memory_bytes", lambda _: free_bytes)


def opened(settings: Settings, **values: object):
    changed = settings.model_copy(update=values)
    return wiring_index.open_index_home(changed, templates=20_000, dimension=128)


@pytest.mark.usefixtures("in_memory")
def test_memory_with_room_is_used(settings, monkeypatch) -> None:
    free(monkeypatch, 1_000 * MIB)
    home, at_rest = opened(settings)
    assert isinstance(home, IndexInMemory) and at_rest is IndexAtRest.SEALED
    assert home.folder.is_relative_to(settings.memory_dir)
    home.close()


@pytest.mark.usefixtures("in_memory")
def test_too_little_memory_is_told_and_the_disk_used(settings, monkeypatch) -> None:
    """As the 64 MB that a container has in /dev/shm."""
    free(monkeypatch, 64 * MIB)
    home, at_rest = opened(settings)
    assert isinstance(home, IndexOnDisk) and at_rest is IndexAtRest.PLAIN
    with pytest.raises(StartUpError) as refused:
        opened(settings, index_at_rest="sealed")
    assert refused.value.facts["reason"] == "no_memory_for_the_index"


def test_no_memory_file_system_is_the_same(settings) -> None:
    assert not is_in_memory(settings.data_dir)
    assert opened(settings)[1] is IndexAtRest.PLAIN
    with pytest.raises(StartUpError):
        opened(settings, index_at_rest="sealed")


@pytest.mark.usefixtures("in_memory")
def test_disk_that_was_asked_for_is_told_as_such(settings, monkeypatch) -> None:
    free(monkeypatch, 1_000 * MIB)
    assert opened(settings, index_at_rest="plain")[1] is IndexAtRest.PLAIN_AS_SET


def test_larger_gallery_needs_more(settings) -> None:
    small, large = (
        wiring_index.needed_bytes(settings, templates=count, dimension=512)
        for count in (1_000, 100_000)
    )
    assert small < 140 * MIB and large > 600 * MIB


def test_memory_is_known_by_the_kernels_list(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    device = tmp_path.stat().st_dev
    number = f"{device >> 8 & 0xFFF}:{device & 0xFF}"
    for kind, expected in (("tmpfs", True), ("ext4", False)):
        mounts.write_text(f"36 35 {number} / /x rw,nosuid shared:1 - {kind} x rw\n")
        assert is_in_memory(tmp_path, mounts=mounts) is expected
    assert not is_in_memory(tmp_path, mounts=tmp_path / "none")
