"""Sealed streams open to what was sealed, and to nothing else."""

import io
import stat
from pathlib import Path

import pytest

from vestibule.adapters.sealed_stream import AesGcmStreams, load_backup_key, make_backup_key
from vestibule.domain.errors import BackupError, DamagedBackupError

KEY = bytes(range(32))
PIECE = 2**20


def sealed(content: bytes, *, name: str = "a", key: bytes = KEY, step: int = 300_000) -> bytes:
    into = io.BytesIO()
    with AesGcmStreams(key).sealing(into, name=name) as stream:
        for begin in range(0, len(content), step):
            stream.write(content[begin : begin + step])
    return into.getvalue()


def opened(content: bytes, *, name: str = "a", key: bytes = KEY) -> bytes:
    return AesGcmStreams(key).opening(io.BytesIO(content), name=name).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17])
def test_content_of_any_length_comes_back(size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert opened(sealed(content)) == content


def test_same_content_is_never_sealed_alike_and_shows_nothing() -> None:
    content = b"a name in clear " * 100
    one, two = sealed(content), sealed(content)
    assert one != two
    assert b"a name" not in one


@pytest.mark.parametrize("where", [0, 30, 60, PIECE, -1])
def test_every_changed_byte_is_noticed(where: int) -> None:
    whole = bytearray(sealed(b"x" * (2 * PIECE + 5)))
    whole[where] ^= 1
    with pytest.raises(DamagedBackupError):
        opened(bytes(whole))


@pytest.mark.parametrize("left", [0, 10, 51, 52, PIECE + 51 + 16, 2 * (PIECE + 16) + 51, -1])
def test_cut_off_end_is_noticed_wherever_it_is_cut(left: int) -> None:
    with pytest.raises(DamagedBackupError):
        opened(sealed(b"x" * (3 * PIECE))[:left])


def test_pieces_that_change_places_or_files_are_noticed() -> None:
    whole = sealed(b"".join(bytes([n]) * PIECE for n in range(3)))
    head, piece = len(whole) - 3 * (PIECE + 16), PIECE + 16
    swapped = whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece]
    with pytest.raises(DamagedBackupError):
        opened(swapped + whole[head + 2 * piece :])
    with pytest.raises(DamagedBackupError):
        opened(sealed(b"x", name="a"), name="b")


def test_other_key_opens_nothing() -> None:
    with pytest.raises(DamagedBackupError):
        opened(sealed(b"x"), key=bytes(32))


def test_key_is_made_once_for_this_account_alone(tmp_path: Path) -> None:
    file = tmp_path / "backup.key"
    make_backup_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = load_backup_key(file)
    with pytest.raises(BackupError, match="No key was written"):
        make_backup_key(file)
    assert load_backup_key(file) == key


def test_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"too short")
    for name in ("short", "none"):
        with pytest.raises(BackupError):
            load_backup_key(tmp_path / name)
