"""What backing up and restoring need of the outside world, beside the ports of every day."""

from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class BlobReader(Protocol):
    """The part of ``BlobStore`` that looks and changes nothing."""

    def get(self, key: str) -> bytes:
        """Raises BlobMissingError."""
        ...

    def keys(self, prefix: str) -> list[str]: ...


class BackupPlace(Protocol):
    """Where one backup lies, or will: a few large files by name."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """The file is there when the block ends, whole, and not at all if it raised.

        Raises StorageFullError, StorageUnavailableError, BackupError.
        """
        ...

    def reading(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Raises DamagedBackupError if there is no such file."""
        ...

    def names(self) -> list[str]:
        """Sorted; empty for a place that is not there yet."""
        ...

    def remove(self, name: str) -> None:
        """For good. Safe to run twice. Raises StorageUnavailableError, BackupError."""
        ...


class StreamCipher(Protocol):
    """Authenticated encryption of files that are larger than the memory."""

    def sealing(self, into: BinaryIO, *, name: str) -> AbstractContextManager[BinaryIO]:
        """What is written there goes to ``into`` sealed, to be opened by this ``name`` alone."""
        ...

    def opening(self, sealed: BinaryIO, *, name: str) -> BinaryIO:
        """Reads what was sealed. Raises DamagedBackupError before it gives out what was changed."""
        ...


class DatabaseDump(Protocol):
    """Postgres as one stream, by its own programs."""

    def dump(self, snapshot: str, into: BinaryIO) -> None:
        """All that a transaction sees which exported ``snapshot`` and is still open."""
        ...

    def restore(self, dumped: BinaryIO) -> None:
        """Into an empty database, in one transaction: all of it or nothing."""
        ...

    def look_through(self, dumped: BinaryIO) -> None:
        """Read all of it as ``restore`` would, changing nothing. Raises BackupError."""
        ...
