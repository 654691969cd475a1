"""A folder comes back as it was, holes and all, or not at all."""

import io
import json
from pathlib import Path

import pytest

from vestibule.adapters.sparse_folder import (
    allocated_bytes,
    copy_folder,
    read_folder,
    write_folder,
)

HOLE_BYTES = 30_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "a" / "empty").mkdir(parents=True)
    (made / "a" / "nothing").touch()
    (made / "a" / "text").write_bytes(b"some text" * 20_000)
    with (made / "holes").open("wb") as file:
        file.truncate(HOLE_BYTES)
        file.seek(HOLE_BYTES // 2)
        file.write(b"in the middle")
    return made


def written(folder: Path) -> bytes:
    into = io.BytesIO()
    write_folder(folder, into)
    return into.getvalue()


def content_of(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_stream_and_copy_give_the_same_folder_and_holes_take_no_room(
    folder: Path, tmp_path: Path
) -> None:
    streamed, copied = tmp_path / "streamed", tmp_path / "copied"
    for each in (streamed, copied):
        each.mkdir()
    stream = written(folder)
    read_folder(io.BytesIO(stream), streamed)
    copy_folder(folder, copied)
    assert len(stream) < 400_000
    assert content_of(streamed) == content_of(copied) == content_of(folder)
    assert max(allocated_bytes(streamed), allocated_bytes(copied)) < 1_000_000


@pytest.mark.parametrize("cut_bytes", [1, 14, 5_000, 150_000])
def test_stream_that_is_cut_short_is_refused(folder: Path, tmp_path: Path, cut_bytes: int) -> None:
    stream = written(folder)
    with pytest.raises(ValueError):
        read_folder(io.BytesIO(stream[: len(stream) - cut_bytes]), tmp_path)


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    line = json.dumps({"file": name, "size_bytes": 0}).encode() + b"\n"
    with pytest.raises(ValueError):
        read_folder(io.BytesIO(line + bytes(12) + b'{"end": true}\n'), tmp_path)
