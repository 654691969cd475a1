"""Where the index of the embedded mode lies: in memory and, when it stops, in one sealed file.

A search reads plain vectors, so they never lie on a disk: while the product runs they are in a
folder in memory, and when it stops they are packed into ``index.sealed``. That file is removed
when it is opened, so that none is ever older than the record. Without it, as after a power cut, the
index begins empty and the start fills it from Postgres.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from vestibule.adapters.free_memory import free_memory_bytes
from vestibule.adapters.memory_folder import MARK, MemoryFolder
from vestibule.adapters.sealed_stream import AesGcmStreams
from vestibule.adapters.sparse_folder import (
    allocated_bytes,
    copy_folder,
    read_folder,
    write_folder,
)
from vestibule.domain.errors import DamagedBackupError

PURPOSE = "index of faces"
"""Binds the file to what it is for: nothing that was sealed for something else opens as this."""
RESERVE_BYTES = 64 * 2**20
"""A deletion writes a segment anew, of up to 40 MB (``qdrant_edge``)."""
_PLAIN = "index"
_SEALED = "index.sealed"
_PART = "index.part"
_NOTHING = ("empty", "unreadable")
_log = structlog.get_logger(__name__)


def size_at_rest_bytes(data_dir: Path) -> int:
    """What is there to be opened, sealed or plain."""
    sealed = data_dir / _SEALED
    return max(sealed.stat().st_size if sealed.exists() else 0, allocated_bytes(data_dir / _PLAIN))


class IndexInMemory:
    """Opened for one run of the product; ``close`` seals it, once the index itself is closed."""

    def __init__(
        self, data_dir: Path, house: MemoryFolder, ciphers: Sequence[AesGcmStreams]
    ) -> None:
        """The first of ``ciphers`` seals, each may open."""
        self._data_dir, self._house, self._ciphers = data_dir, house, ciphers
        self.folder = house.path / "index"
        self.began = self._move_in()
        _log.info("index_home.opened", began=self.began, folder=str(self.folder))

    @property
    def is_to_be_filled(self) -> bool:
        return self.began in _NOTHING

    def has_room(self) -> bool:
        return free_memory_bytes(self._house.path) > RESERVE_BYTES

    def close(self) -> None:
        """Seal it and leave nothing plain, here or in memory. What cannot be sealed is given up:
        the next start fills it again. Safe to run twice."""
        if self._house.path.exists():
            if _shards(self.folder):
                self._seal()
            self._house.remove()
        (self._data_dir / MARK).unlink(missing_ok=True)

    def _move_in(self) -> str:
        """From where it lies; says from where. Safe to be killed in: each step can be done anew."""
        if _shards(self._data_dir / _PLAIN):
            began = self._take_over()
        elif (self._data_dir / _SEALED).exists():
            began = self._unseal()
        elif self._is_ours():
            return "left_by_a_kill"
        else:
            self._house.clear()
            began = "empty"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._sign()
        _remove_plain(self._data_dir)
        (self._data_dir / _SEALED).unlink(missing_ok=True)
        (self._data_dir / f"{_SEALED}.part").unlink(missing_ok=True)
        _flush_folder(self._data_dir)  # or a power cut would bring it back, older than the record
        return began

    def _is_ours(self) -> bool:
        """Of the last run on this very data folder, not of one that a backup replaced since."""
        with suppress(OSError):
            mark = (self._data_dir / MARK).read_text()
            return self.folder.is_dir() and mark == self._house.marked()
        return False

    def _sign(self) -> None:
        mark = secrets.token_hex(16)
        self._house.mark(mark)
        _write_private(self._data_dir / MARK, mark)

    def _take_over(self) -> str:
        """What a release before left plain, or a run without room in memory."""
        part = self._emptied()
        copy_folder((self._data_dir / _PLAIN).resolve(), part)
        part.rename(self.folder)
        return "plain"

    def _unseal(self) -> str:
        part = self._emptied()
        if not opened(self._data_dir / _SEALED, part, self._ciphers):
            shutil.rmtree(part)
            return "unreadable"
        part.rename(self.folder)
        return "sealed"

    def _emptied(self) -> Path:
        self._house.clear()
        part = self._house.path / _PART
        part.mkdir(mode=0o700)
        return part

    def _seal(self) -> None:
        sealed = self._data_dir / _SEALED
        part = sealed.with_name(f"{_SEALED}.part")
        try:
            part.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                with self._ciphers[0].sealing(file, name=PURPOSE) as stream:
                    write_folder(self.folder, stream)
                file.flush()
                os.fsync(descriptor)
            part.replace(sealed)
            _flush_folder(self._data_dir)
        except OSError as error:
            _log.error("index_home.not_sealed", reason=error.strerror)
            part.unlink(missing_ok=True)
            return
        _log.info("index_home.sealed", size_bytes=sealed.stat().st_size)


class IndexOnDisk:
    """Plain in the data folder: where there is no room in memory, or where it was set so."""

    def __init__(self, data_dir: Path, ciphers: Sequence[AesGcmStreams]) -> None:
        self.folder = data_dir / _PLAIN
        self.began = "plain" if _shards(self.folder) else "empty"
        sealed = data_dir / _SEALED
        if self.began == "empty" and sealed.exists():
            self.began = _unsealed_onto_disk(data_dir, ciphers)
        sealed.unlink(missing_ok=True)
        (data_dir / MARK).unlink(missing_ok=True)

    @property
    def is_to_be_filled(self) -> bool:
        return self.began in _NOTHING

    def has_room(self) -> bool:
        """Of the disk, which objects and the database share; ``storage`` tells of it."""
        return True

    def close(self) -> None:
        """It lies where it lay."""


def opened(sealed: Path, into: Path, ciphers: Sequence[AesGcmStreams]) -> bool:
    """Fill ``into`` from the file; False where it was changed or cut short, or no key opens it."""
    for cipher in ciphers:
        try:
            with sealed.open("rb") as file:
                read_folder(cipher.opening(file, name=PURPOSE), into)
        except (DamagedBackupError, ValueError, OSError) as error:
            # Changed, cut short, or sealed by another key; or there is no room.
            _log.warning("index_home.not_opened", reason=type(error).__name__)
            shutil.rmtree(into)
            into.mkdir(mode=0o700)
        else:
            return True
    return False


def _unsealed_onto_disk(data_dir: Path, ciphers: Sequence[AesGcmStreams]) -> str:
    part = data_dir / _PART
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    if not opened(data_dir / _SEALED, part, ciphers):
        shutil.rmtree(part)
        return "unreadable"
    shutil.rmtree(data_dir / _PLAIN, ignore_errors=True)
    part.rename(data_dir / _PLAIN)
    return "sealed"


def _shards(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _remove_plain(data_dir: Path) -> None:
    plain = data_dir / _PLAIN
    if plain.is_symlink():
        shutil.rmtree(plain.resolve(), ignore_errors=True)
        plain.unlink()
    elif plain.exists():
        shutil.rmtree(plain)
    shutil.rmtree(data_dir / _PART, ignore_errors=True)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
