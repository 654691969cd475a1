"""A backup in a bucket, best one of another store than the product's."""

import io
import queue
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import BinaryIO, cast

from vestibule.adapters.s3_blobs import S3BlobStore
from vestibule.domain.errors import BlobMissingError, DamagedBackupError

_PIECES_AHEAD = 4
_LOOK_AGAIN_S = 0.5


class S3BackupPlace:
    """Objects under the backup's name, sent in parts while they are written, never held whole."""

    def __init__(self, store: S3BlobStore, name: str) -> None:
        self._store = store
        self._name = name

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        pipe = _Pipe()
        with ThreadPoolExecutor(1) as beside:
            sending = beside.submit(
                self._store.put_stream, self._key(name), cast(BinaryIO, pipe), size_bytes=None
            )
            pipe.reader = sending
            try:
                yield cast(BinaryIO, pipe)
            except BaseException:
                pipe.break_off()
                raise
            pipe.end()
            sending.result()

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

    def remove(self, name: str) -> None:
        """With its versions and what was never finished of it. Safe to run twice."""
        self._store.delete(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._name}/{name}"


class _BrokenOffError(Exception):
    """Whoever wrote gave up: what was sent so far must not become an object."""


class _Pipe:
    """Written by one thread and read by another that sends; neither waits for one that is gone."""

    def __init__(self) -> None:
        self.reader: Future[None] | None = None
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_PIECES_AHEAD)
        self._left = b""
        self._is_over = self._is_broken = False

    def write(self, content: "bytes | bytearray | memoryview") -> int:
        if content:
            self._put(bytes(content))
        return len(content)

    def end(self) -> None:
        self._put(None)

    def break_off(self) -> None:
        self._is_broken = True
        self._put(None)

    def read(self, size: int) -> bytes:
        while not self._left and not self._is_over:
            piece = self._pieces.get()
            self._is_over, self._left = piece is None, piece or b""
        if self._is_broken:
            raise _BrokenOffError()
        given, self._left = self._left[:size], self._left[size:]
        return given

    def _put(self, piece: bytes | None) -> None:
        """Raises what the reader raised, if it has ended."""
        while True:
            try:
                self._pieces.put(piece, timeout=_LOOK_AGAIN_S)
            except queue.Full:
                if self.reader is not None and self.reader.done():
                    if not self._is_broken:
                        self.reader.result()
                    return
            else:
                return


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
