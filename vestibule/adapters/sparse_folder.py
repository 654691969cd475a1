"""A folder of files that are mostly holes, as one stream and back: the holes take no room in it."""

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_PIECE_BYTES = 2**16
_NOTHING = bytes(_PIECE_BYTES)
_RUN = struct.Struct(">QI")
"""Where a piece belongs in its file, and its length; a length of 0 ends the file."""
_LONGEST_LINE = 2**16


def write_folder(folder: Path, into: BinaryIO) -> None:
    """Everything in it, with its names below it. Nobody may write to it meanwhile."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            _write_line(into, {"folder": name})
        elif path.is_file():
            _write_line(into, {"file": name, "size_bytes": path.stat().st_size})
            for begin, piece in _written(path):
                into.write(_RUN.pack(begin, len(piece)))
                into.write(piece)
            into.write(_RUN.pack(0, 0))
    _write_line(into, {"end": True})


def read_folder(stream: BinaryIO, folder: Path) -> None:
    """Fill ``folder``, which is there and empty. Raises ValueError unless the stream is whole."""
    while True:
        line = stream.readline(_LONGEST_LINE)
        match json.loads(line) if line.endswith(b"\n") else None:
            case {"folder": str(name)}:
                _below(folder, name).mkdir(mode=0o700)
            case {"file": str(name), "size_bytes": int(size_bytes)}:
                _read_file(stream, _below(folder, name), size_bytes)
            case {"end": True}:
                if stream.read(1):
                    raise ValueError("something follows the end")
                return
            case _:
                raise ValueError("this is not a folder, or it is cut short")


def copy_folder(source: Path, target: Path) -> None:
    """The same from one place to another; ``target`` is there and empty."""
    for path in sorted(source.rglob("*")):
        there = target / path.relative_to(source)
        if path.is_dir():
            there.mkdir(mode=0o700)
        elif path.is_file():
            with _created(there, path.stat().st_size) as file:
                for begin, piece in _written(path):
                    os.pwrite(file.fileno(), piece, begin)


def allocated_bytes(folder: Path) -> int:
    """What its files take, holes left out; 0 where there is none."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _written(path: Path) -> Iterator[tuple[int, bytes]]:
    """What is not zero: reading a mapped hole fills it with zeros, so holes alone say little."""
    with path.open("rb", buffering=0) as file:
        size_bytes, begin = os.fstat(file.fileno()).st_size, 0
        while begin < size_bytes:
            begin = _next_data(file.fileno(), begin, size_bytes)
            piece = os.pread(file.fileno(), _PIECE_BYTES, begin)
            if not piece:
                return
            if piece != _NOTHING[: len(piece)]:
                yield begin, piece
            begin += len(piece)


def _next_data(descriptor: int, begin: int, size_bytes: int) -> int:
    try:
        return os.lseek(descriptor, begin, os.SEEK_DATA)
    except OSError:  # nothing but a hole from here on
        return size_bytes


def _read_file(stream: BinaryIO, path: Path, size_bytes: int) -> None:
    with _created(path, size_bytes) as file:
        while True:
            begin, length = _RUN.unpack(_exactly(stream, _RUN.size))
            if not length:
                return
            if length > _PIECE_BYTES or begin + length > size_bytes:
                raise ValueError("a piece lies outside its file")
            os.pwrite(file.fileno(), _exactly(stream, length), begin)


def _created(path: Path, size_bytes: int) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.truncate(descriptor, size_bytes)
    return os.fdopen(descriptor, "wb", buffering=0)


def _exactly(stream: BinaryIO, size_bytes: int) -> bytes:
    found = stream.read(size_bytes)
    if len(found) != size_bytes:
        raise ValueError("cut short")
    return found


def _write_line(into: BinaryIO, line: dict[str, object]) -> None:
    into.write(json.dumps(line).encode() + b"\n")


def _below(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise ValueError("a name leads out of the folder")
    return folder.joinpath(*parts)
