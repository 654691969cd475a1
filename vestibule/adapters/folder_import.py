"""Photos of people under the one folder that imports may read."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vestibule.domain.errors import (
    BlobMissingError,
    ImportRefusedError,
    PhotoTooLargeError,
    StorageUnavailableError,
)
from vestibule.ports import ImportPerson, ImportPhoto

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_GONE = (errno.ENOENT,)
_NOT_PLAIN = (errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EACCES, errno.ENAMETOOLONG)
_ODD = "\ufffd"
"""Stands for bytes of a name that are not UTF-8: such an entry is listed, and cannot be read."""


class FolderImport:
    """One folder under the place for imports. No link is followed on the way to anything.

    Every step down is opened relative to the one before, so nothing can be swapped meanwhile.
    """

    def __init__(self, import_dir: Path, folder: str = "") -> None:
        """``folder`` is relative.

        Raises ImportRefusedError if it does not lie inside, BlobMissingError if it is not there.
        """
        self._root = import_dir
        self._steps = tuple(folder.split("/")) if folder else ()
        if not all(_is_plain(step) for step in self._steps):
            raise ImportRefusedError("The folder must lie inside the place for imports.")
        with self._opened(()):
            pass

    def people(self, *, after: str | None = None) -> Iterator[ImportPerson]:
        with self._opened(()) as here:
            names = sorted(_visible(here))
        for name in names:
            if (after is None or name > after) and (person := self._person(name)) is not None:
                yield person

    def read(self, photo: ImportPhoto, *, limit_bytes: int) -> bytes:
        *folders, name = photo.path.split("/")
        if len(folders) > 1 or not all(_is_plain(step) for step in (*folders, name)):
            raise ImportRefusedError("A photo is named by its person's folder and its file.")
        with self._opened(tuple(folders)) as folder, _opening(photo.path):
            descriptor = os.open(name, _FILE, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise ImportRefusedError("It is not a plain file.")
            if found.st_size > limit_bytes:
                raise PhotoTooLargeError(limit_bytes=limit_bytes)
            with _opening(photo.path):
                content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:  # it grew meanwhile
            raise PhotoTooLargeError(limit_bytes=limit_bytes)
        return content

    def _person(self, name: str) -> ImportPerson | None:
        """None for what is plainly not a folder: a file beside the people's folders."""
        with self._opened(()) as here:
            try:
                kind = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
            except FileNotFoundError:
                kind = stat.S_IFDIR if _ODD in name else 0
        if stat.S_ISLNK(kind):
            return ImportPerson(name, (ImportPhoto(name, None),))
        if not stat.S_ISDIR(kind):
            return None
        try:
            return ImportPerson(name, tuple(self._photos(name)))
        except (BlobMissingError, ImportRefusedError):
            return ImportPerson(name, (ImportPhoto(name, None),))

    def _photos(self, person: str) -> Iterator[ImportPhoto]:
        with self._opened((person,)) as folder:
            for name in sorted(_visible(folder)):
                try:
                    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except FileNotFoundError:  # gone, or not a name in UTF-8: reading it says so
                    yield ImportPhoto(f"{person}/{name}", None)
                    continue
                if not stat.S_ISDIR(found.st_mode):
                    yield ImportPhoto(f"{person}/{name}", found.st_size)

    @contextmanager
    def _opened(self, further: tuple[str, ...]) -> Iterator[int]:
        """A descriptor of a folder inside. The root itself may be a link: the operator set it."""
        with _opening("/".join(further)):
            here = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            for step in (*self._steps, *further):
                try:
                    below = os.open(step, _FOLDER, dir_fd=here)
                finally:
                    os.close(here)
                here = below
        try:
            yield here
        finally:
            os.close(here)


@contextmanager
def _opening(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _GONE:
            raise BlobMissingError(key=path) from error
        if error.errno in _NOT_PLAIN:
            raise ImportRefusedError("It is a link, or not readable, or not a folder.") from error
        raise StorageUnavailableError(reason="store_fault") from error


def _is_plain(step: str) -> bool:
    return step not in ("", ".", "..") and "/" not in step and "\0" not in step


def _visible(folder: int) -> Iterator[str]:
    """Names in the folder of that descriptor, which pathlib does not know."""
    for name in os.listdir(folder):
        if not name.startswith("."):
            yield os.fsencode(name).decode("utf-8", "replace")
