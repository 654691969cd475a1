"""Looking for bytes in every file of a folder, holes passed over."""

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PIECE_BYTES = 8 * 2**20
_BLOCK = bytes(64 * 2**10)
"""Files of an index are laid out ahead of what they hold: zeros are compared, not searched."""


@dataclass(frozen=True, slots=True)
class Scan:
    """``size_bytes`` is what was read: files of an index are mostly holes. ``hits`` may count one
    twice where pieces overlap; none is missed."""

    files: int
    size_bytes: int
    hits: int


def scan(folder: Path, wanted: Sequence[bytes]) -> Scan:
    """Files that go away meanwhile are passed over."""
    files = size_bytes = hits = 0
    for directory, _, names in os.walk(folder):
        for name in sorted(names):
            try:
                for piece in _pieces(
                    Path(directory, name), overlap=max(map(len, wanted), default=1)
                ):
                    size_bytes += len(piece)
                    hits += _count(piece, wanted)
            except FileNotFoundError:
                continue
            files += 1
    return Scan(files, size_bytes, hits)


def _count(piece: bytes, wanted: Sequence[bytes]) -> int:
    """Between stretches of zeros, in which nothing that is wanted lies whole."""
    if not all(one.strip(b"\0") for one in wanted):
        return sum(piece.count(one) for one in wanted)
    reach = max(map(len, wanted), default=1) - 1
    return sum(
        piece.count(one, max(first - reach, 0), last + reach)
        for first, last in _written(piece)
        for one in wanted
    )


def _written(piece: bytes) -> Iterator[tuple[int, int]]:
    """From where to where there are blocks that are not all zeros."""
    first = None
    for at in range(0, len(piece), len(_BLOCK)):
        is_empty = piece.startswith(_BLOCK, at)
        if is_empty and first is not None:
            yield first, at
            first = None
        elif not is_empty and first is None:
            first = at
    if first is not None:
        yield first, len(piece)


def _pieces(path: Path, *, overlap: int) -> Iterator[bytes]:
    """What of a file is written, in pieces that share ``overlap`` bytes with the one before."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        end = os.fstat(descriptor).st_size
        at = 0
        while (start := _data_from(descriptor, at, end)) is not None:
            stop = _hole_from(descriptor, start, end)
            for begin in range(start, stop, _PIECE_BYTES):
                first = max(begin - overlap + 1, 0)
                yield os.pread(descriptor, min(begin + _PIECE_BYTES, stop) - first, first)
            at = stop
    finally:
        os.close(descriptor)


def _data_from(descriptor: int, at: int, end: int) -> int | None:
    if at >= end:
        return None
    try:
        return os.lseek(descriptor, at, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole
            return None
        return at


def _hole_from(descriptor: int, at: int, end: int) -> int:
    try:
        return os.lseek(descriptor, at, os.SEEK_HOLE)
    except OSError:  # a file system that knows of no holes
        return end
