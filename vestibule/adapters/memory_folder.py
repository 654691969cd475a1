"""A folder in memory that belongs to one data folder; no other account can take or read it."""

import fcntl
import hashlib
import hmac
import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

import structlog

from vestibule.domain.errors import DataDirInUseError, StartUpError

MARK = "index.mark"
"""In the data folder: the mark of the run whose folder in memory may be used again."""
_BEGINS = "vestibule-"
_OWNER = "owner"
_PATIENCE_S = 5.0
_log = structlog.get_logger(__name__)


class MemoryFolder:
    """Held by one process at a time; what a killed one left is there for the next.

    Its name is made with the installation's key: who cannot read that cannot make it beforehand.
    """

    def __init__(self, memory: Path, data_dir: Path, *, key: bytes) -> None:
        """Raises DataDirInUseError, and StartUpError when it is somebody else's all the same."""
        name = hmac.new(key, f"memory of {data_dir}".encode(), hashlib.sha256).hexdigest()[:32]
        self.path = memory / f"{_BEGINS}{name}"
        self._data_dir = data_dir
        self._held: int | None = _take(self.path)

    def clear(self) -> None:
        for path in self.path.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def mark(self, mark: str) -> None:
        """Say whose it is, by the data folder and what stands in there."""
        (self.path / _OWNER).write_text(f"{mark}\n{self._data_dir}\n")

    def marked(self) -> str | None:
        found = _owner(self.path)
        return found[0] if found else None

    def remove(self) -> None:
        """With all that is in it. Safe to run twice."""
        if self._held is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._held)
            self._held = None

    def release(self) -> None:
        """Let go of it and leave it as it is, as a kill does."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def remove_abandoned(memory: Path) -> None:
    """Folders of this account that no process holds and no run would take up: their data folder is
    gone, or bears another mark, as after a restore."""
    for path in memory.glob(f"{_BEGINS}*"):
        owner = _owner(path)
        if owner is None or _mark_in(Path(owner[1])) == owner[0]:
            continue
        with suppress(OSError):
            descriptor = _open(path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
                _log.info("memory_folder.abandoned_removed", folder=path.name)
            finally:
                os.close(descriptor)


def _owner(path: Path) -> tuple[str, str] | None:
    try:
        mark, data_dir, *_ = (path / _OWNER).read_text().split("\n")
    except (OSError, ValueError):
        return None
    return mark, data_dir


def _mark_in(data_dir: Path) -> str | None:
    try:
        return (data_dir / MARK).read_text()
    except OSError:
        return None


def _take(path: Path) -> int:
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        with suppress(FileNotFoundError):  # somebody has just removed what was abandoned
            descriptor = _open(path)
            if _is_locked(descriptor) and _is_still(path, descriptor):
                return descriptor
            os.close(descriptor)
        if time.monotonic() > give_up_at:
            raise DataDirInUseError(f"Another Vestibule uses {path}.", path=str(path))
        time.sleep(0.05)


def _open(path: Path) -> int:
    """Of this account, for it alone, and no link. Raises StartUpError, FileNotFoundError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (NotADirectoryError, PermissionError) as error:
        raise StartUpError(f"{path} is not ours.", reason="memory_folder_taken") from error
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        os.close(descriptor)
        raise StartUpError(
            f"{path} belongs to another account or is open to others.", reason="memory_folder_taken"
        )
    return descriptor


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    held = os.fstat(descriptor)
    there = path.stat(follow_symlinks=False)
    return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)
