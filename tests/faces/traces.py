"""Looking for an embedding in bytes, however it was written there."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from sqlalchemy import text

from tests.index_files import places_of
from vestibule.wiring import EmbeddedInstallation

RUN = 8
"""Components in a row: 32 bytes of float32, or 8 of int8, which chance does not write."""
EMPTY = 1024
_LAID_OUT = re.compile(rb"\0{%d,}" % EMPTY)
"""Longer than any trace: of files that are laid out ahead so much is looked through and no more."""


def traces_of(vectors: Iterable[np.ndarray]) -> set[bytes]:
    """Each vector at four places, as numbers of every width and as text."""
    found: set[bytes] = set()
    for vector in vectors:
        for start in np.linspace(0, len(vector) - 2 * RUN, 4).astype(int):
            part = vector[start : start + 2 * RUN].astype(np.float64)
            found.update(_as_numbers(part))
            found.update(_as_text(part[:RUN]))
    return found


def _as_numbers(part: np.ndarray) -> Iterator[bytes]:
    for kind in ("<f4", ">f4", "<f8", ">f8", "<f2"):
        written = part[:RUN].astype(kind).tobytes()
        yield written
        yield written.hex().encode()
        # In base64 three bytes make four characters: the middle is the same from three places on.
        for shift in range(3):
            encoded = base64.b64encode(bytes(shift) + written)
            yield encoded[4:-4]
    yield np.clip(np.round(part * 127), -128, 127).astype(np.int8).tobytes()
    yield np.clip(np.round(part * 127 + 128), 0, 255).astype(np.uint8).tobytes()


def _as_text(part: np.ndarray) -> Iterator[bytes]:
    single = [float(np.float32(value)) for value in part[:2]]
    for between in (", ", ",", " "):
        yield between.join(json.dumps(value) for value in single).encode()
        yield between.join(repr(np.float32(value).item()) for value in single).encode()
        yield between.join(str(np.float32(value)) for value in single).encode()


def where_found(traces: set[bytes], sources: Mapping[str, bytes]) -> list[str]:
    """The sources that hold one of them."""
    by_content: dict[bytes, list[str]] = {}
    for name, content in sources.items():
        by_content.setdefault(_LAID_OUT.sub(bytes(EMPTY), content), []).append(name)
    found = {
        name
        for content, names in by_content.items()
        if any(one in content for one in traces)
        for name in names
    }
    return [name for name in sources if name in found]


def everything_kept(installation: EmbeddedInstallation) -> dict[str, bytes]:
    """Every file, on the disk and in memory, every object as the product reads it, every row."""
    return {
        **{k: v for at in places_of(installation.settings) for k, v in _files(at)},
        **dict(_objects(installation)),
        **dict(_tables(installation)),
    }


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    places = {folder.resolve(), *(path.resolve() for path in folder.iterdir() if path.is_symlink())}
    for place in places:
        for path in place.rglob("*"):
            if path.is_file() and not path.is_symlink():
                try:
                    yield f"file {path.relative_to(place)}", path.read_bytes()
                except (FileNotFoundError, PermissionError):
                    continue


def _objects(installation: EmbeddedInstallation) -> Iterator[tuple[str, bytes]]:
    blobs = installation.runtime.blobs
    for key in blobs.keys(""):
        yield f"object {key}", blobs.get(key)


def _tables(installation: EmbeddedInstallation) -> Iterator[tuple[str, bytes]]:
    with installation.runtime.database.begin() as transaction:
        names = transaction.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        for name in list(names):
            rows = transaction.scalars(text(f'SELECT t::text FROM "{name}" t'))
            yield f"table {name}", "\n".join(rows).encode()
