"""A backup in a bucket, best one of another store than the product's."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.domain.errors import BlobMissingError, DamagedBackupError

_IN_MEMORY_BYTES = 2**25


class S3BackupPlace:
    """Objects under the backup's name. What is on the way waits sealed in a temporary file."""

    def __init__(self, store: S3BlobStore, name: str) -> None:
        self._store = store
        self._name = name

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            yield cast(BinaryIO, file)
            size_bytes = file.tell()
            file.seek(0)
            self._store.put_stream(self._key(name), cast(BinaryIO, file), size_bytes=size_bytes)

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        try:
            with io.BufferedReader(_Chunks(self._store.read_chunks(self._key(name)))) as file:
                yield cast(BinaryIO, file)
        except BlobMissingError as error:
            raise DamagedBackupError(f"{name} is missing in {self._name}.", name=name) from error

    def names(self) -> list[str]:
        under = self._key("")
        return [key.removeprefix(under) for key in self._store.keys(under)]

    def _key(self, name: str) -> str:
        return f"{self._name}/{name}"


class _Chunks(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
