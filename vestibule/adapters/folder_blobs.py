"""Photos and crops as files under one folder, sealed."""

import contextlib
import errno
import os
import secrets
import shutil
import threading
from pathlib import Path

import structlog

from vestibule.domain.blob_key import segments_of
from vestibule.domain.errors import BlobMissingError, StorageFullError
from vestibule.ports import Sealer

_PARTS = ".parts"  # a name that no key can have
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_SEALED = b"VB\xff\x7f"
"""Before what is sealed. No picture, and nothing else that was ever stored plain, begins so."""
_log = structlog.get_logger(__name__)


class FolderBlobReader:
    """Looks at a store that another process may be writing to, and changes nothing.

    What was stored before there was a ``sealer`` is read as it is.
    """

    def __init__(self, folder: Path, *, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def get(self, key: str) -> bytes:
        try:
            return self._opened(key, self._path(key).read_bytes())
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise BlobMissingError(key=key) from error

    def _opened(self, key: str, content: bytes) -> bytes:
        if not content.startswith(_SEALED):
            return content
        try:
            return self._sealer.unseal(content[len(_SEALED) :], context=key)
        except ValueError as error:
            _log.exception("blobs.unreadable", kind=key.split("/", maxsplit=1)[0])
            raise BlobMissingError(key=key) from error

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins with ``prefix``, sorted."""
        found = []
        root = str(self._folder)
        # Nothing outside the prefix's own folder can begin with it.
        start = self._folder.joinpath(*prefix.split("/")[:-1])
        for directory, folders, files in os.walk(start):
            if directory == root:
                folders[:] = [name for name in folders if name != _PARTS]
            inside = directory[len(root) + 1 :].replace(os.sep, "/")
            for name in files:
                key = f"{inside}/{name}" if inside else name
                if key.startswith(prefix):
                    found.append(key)
        return sorted(found)

    def _path(self, key: str) -> Path:
        return self._folder.joinpath(*segments_of(key))


class FolderBlobStore(FolderBlobReader):
    """A file an object, readable by this account alone, sealed and bound to its key. Safe to call
    from several threads.

    An object is written beside its place, flushed to the disk and renamed, so a reader or a power
    cut finds the old one, the new one or none.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sealer: Sealer,
        reserve_bytes: int,
        transient: tuple[str, ...] = (),
    ) -> None:
        """``reserve_bytes`` of the disk stay free: the database needs room to go on working.

        Objects whose keys begin with one of ``transient`` are not flushed: they live for hours at
        most, a killed process loses none of them, and a power cut may lose the last seconds'.
        """
        super().__init__(folder, sealer=sealer)
        self._changing = threading.Lock()
        self._transient = transient
        self._reserve_bytes = reserve_bytes
        self._parts = folder / _PARTS
        self._parts.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for leftover in self._parts.iterdir():  # of a process that was killed while writing
            leftover.unlink(missing_ok=True)

    def put(self, key: str, content: bytes) -> None:
        path, content = self._path(key), self._sealed(key, content)
        if shutil.disk_usage(self._folder).free - len(content) < self._reserve_bytes:
            raise StorageFullError(size_bytes=len(content), reserve_bytes=self._reserve_bytes)
        part = self._parts / secrets.token_hex(8)
        try:
            lasts = not key.startswith(self._transient)
            _write(part, content, flush=lasts)
            with self._changing:
                _move_into_place(part, path)
            if lasts:
                _flush_folder(path.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            self._prune(path.parent)
            if error.errno in _NO_ROOM:
                raise StorageFullError(size_bytes=len(content)) from error
            raise

    def delete(self, key: str) -> None:
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            with self._changing:
                path.unlink()
            if not key.startswith(self._transient):
                _flush_folder(path.parent)
            self._prune(path.parent)

    def seal_plain_ones(self, stopping: threading.Event) -> int:
        """Seal what was stored before there was a key; how many those were.

        May be killed at any moment: each is the old file or the new one. What is deleted or
        replaced meanwhile is left so.
        """
        count = 0
        for key in self.keys(""):
            if stopping.is_set():
                break
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, StorageFullError):
                count += self._seal_in_place(key)
        return count

    def _seal_in_place(self, key: str) -> bool:
        path = self._path(key)
        with path.open("rb") as file:
            begins, before = file.read(len(_SEALED)), os.fstat(file.fileno())
            if begins == _SEALED:
                return False
            content = begins + file.read()
        if self.free_bytes() - len(content) < self._reserve_bytes:
            raise StorageFullError(size_bytes=len(content), reserve_bytes=self._reserve_bytes)
        part = self._parts / secrets.token_hex(8)
        try:
            _write(part, self._sealed(key, content), flush=True)
            with self._changing:
                now = path.stat()
                if (now.st_ino, now.st_mtime_ns) != (before.st_ino, before.st_mtime_ns):
                    return False
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _flush_folder(path.parent)
        return True

    def _sealed(self, key: str, content: bytes) -> bytes:
        return _SEALED + self._sealer.seal(content, context=key)

    def free_bytes(self) -> int:
        """What the disk has left, the reserve included."""
        return shutil.disk_usage(self._folder).free

    def _prune(self, folder: Path) -> None:
        """Remove ``folder`` and those above it while they are empty."""
        while folder != self._folder:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent


def _write(path: Path, content: bytes, *, flush: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(descriptor)


def _move_into_place(part: Path, path: Path) -> None:
    """Rename, making the folders on the way; again if a delete pruned one meanwhile."""
    for attempt in range(10):
        try:
            _make_private_folders(path.parent)
            part.replace(path)
        except FileNotFoundError:
            if attempt == 9:
                raise
        else:
            return


def _make_private_folders(folder: Path) -> None:
    """Like ``mkdir(parents=True)``, which would give the parents the default mode."""
    if not folder.is_dir():
        _make_private_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename or an unlink survive a power cut."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # pruned by another thread, so there is nothing left to keep
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
