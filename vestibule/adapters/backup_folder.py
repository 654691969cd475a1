"""A backup in a folder: on another disk, or where something carries it away from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from vestibule.domain.errors import BackupError, DamagedBackupError


class FolderBackupPlace:
    """Files are written beside their place, flushed to the disk and renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        part = self._folder / f".{name}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BackupError(f"{self._folder} cannot be written: {error.strerror}.") from error
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                yield cast(BinaryIO, file)
                file.flush()
                os.fsync(descriptor)
            part.replace(self._folder / name)
            _flush(self._folder)
        except OSError as error:
            raise BackupError(f"{self._folder} cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        try:
            file = (self._folder / name).open("rb")
        except OSError as error:
            raise DamagedBackupError(f"{name} is missing in {self._folder}.", name=name) from error
        with file:
            yield cast(BinaryIO, file)

    def names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(f.name for f in self._folder.iterdir() if not f.name.startswith("."))

    def remove(self, name: str) -> None:
        """Remove one file, and the folder with the last of them. Safe to run twice."""
        try:
            (self._folder / name).unlink(missing_ok=True)
            if self._folder.is_dir():
                for part in self._folder.glob(".*.part"):  # of a backup that was cut short
                    part.unlink(missing_ok=True)
                if not any(self._folder.iterdir()):
                    self._folder.rmdir()
        except OSError as error:
            raise BackupError(f"{self._folder} cannot be written: {error.strerror}.") from error


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
