"""Search over synthetic galleries of growing size: time, and recall against an exact search."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.bench.figures import as_json, exact_neighbours, latency, recall
from tests.bench.synthetic_gallery import TEMPLATES_A_PERSON, SyntheticGallery, draw_gallery
from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry, VectorIndex

LIMIT = 10
PROBES = 200
FACES_IN_A_GROUP = 6
WRITE_CHUNK = 5_000
BYTES_NEEDED_A_FLOAT = 14
"""Of free memory for each number of the gallery: the drawn set, the index, and room to build it."""

OpenIndex = Callable[[Path], VectorIndex]


def measure_search(
    open_index: OpenIndex,
    space: EmbeddingSpace,
    *,
    sizes: Sequence[int],
    folder: Path,
    seconds_a_size: float,
) -> list[dict[str, object]]:
    """One row a size; a size that would not fit into memory or time has ``skipped`` say so."""
    rows: list[dict[str, object]] = []
    for size in sizes:
        needed = size * space.dimension * BYTES_NEEDED_A_FLOAT
        free = psutil.virtual_memory().available
        if needed > free:
            words = f"needs {needed >> 20} MiB of free memory, {free >> 20} MiB are there"
            rows.append({"templates": size, "skipped": words})
            continue
        with closing(open_index(folder / str(size))) as index:
            rows.append(_measure_size(index, space, size=size, seconds=seconds_a_size))
    return rows


def _measure_size(
    index: VectorIndex, space: EmbeddingSpace, *, size: int, seconds: float
) -> dict[str, object]:
    gallery = draw_gallery(size=size, dimension=space.dimension, probes=PROBES, seed=size)
    started = time.perf_counter()
    for entries in entries_of(gallery):
        index.upsert(IndexGeneration(1, space), entries)
        if time.perf_counter() - started > seconds:
            return {"templates": size, "skipped": f"filling took longer than {seconds:.0f} s"}
    filled_s = time.perf_counter() - started
    found, single_s = _search_one_by_one(index, space, gallery.probes, seconds=seconds)
    probes = gallery.probes[: len(found)]
    true_rows = exact_neighbours(gallery.templates, probes, limit=LIMIT).tolist()
    return {
        "templates": size,
        "people": -(-size // TEMPLATES_A_PERSON),
        "dimension": space.dimension,
        "filled_s": round(filled_s, 2),
        "one_face": as_json(latency(single_s)),
        "six_faces": as_json(latency(_search_groups(index, space, probes, seconds=seconds))),
        "recall_at_1": recall([row[:1] for row in found], [row[:1] for row in true_rows]),
        "recall_at_10": recall(found, true_rows),
        "right_person_first": _right_person_first(found, gallery.people),
        "skipped": None,
    }


def _search_one_by_one(
    index: VectorIndex, space: EmbeddingSpace, probes: NDArray[np.float32], *, seconds: float
) -> tuple[list[list[int]], list[float]]:
    """Rows of the gallery that each probe found, and the seconds each search took."""
    for probe in probes[:5]:
        index.search(IndexGeneration(1, space), probe[None], limit=LIMIT)
    found: list[list[int]] = []
    took_s: list[float] = []
    deadline = time.perf_counter() + seconds
    for probe in probes:
        started = time.perf_counter()
        (neighbours,) = index.search(IndexGeneration(1, space), probe[None], limit=LIMIT)
        took_s.append(time.perf_counter() - started)
        found.append([neighbour.template_id.int for neighbour in neighbours])
        if time.perf_counter() > deadline:
            break
    return found, took_s


def _search_groups(
    index: VectorIndex, space: EmbeddingSpace, probes: NDArray[np.float32], *, seconds: float
) -> list[float]:
    took_s: list[float] = []
    deadline = time.perf_counter() + seconds
    for start in range(0, max(1, len(probes) - FACES_IN_A_GROUP + 1), FACES_IN_A_GROUP):
        started = time.perf_counter()
        index.search(
            IndexGeneration(1, space), probes[start : start + FACES_IN_A_GROUP], limit=LIMIT
        )
        took_s.append(time.perf_counter() - started)
        if time.perf_counter() > deadline:
            break
    return took_s


def entries_of(gallery: SyntheticGallery) -> Iterator[list[IndexEntry]]:
    """In chunks; the template's id holds its row, so that results can be read back."""
    for start in range(0, len(gallery.templates), WRITE_CHUNK):
        yield [
            IndexEntry(
                template_id=TemplateId(uuid.UUID(int=row)),
                customer_id=CustomerId(uuid.UUID(int=row // TEMPLATES_A_PERSON)),
                embedding=gallery.templates[row],
            )
            for row in range(start, min(start + WRITE_CHUNK, len(gallery.templates)))
        ]


def _right_person_first(found: Sequence[Sequence[int]], people: NDArray[np.intp]) -> float:
    first_people = [row[0] // TEMPLATES_A_PERSON if row else -1 for row in found]
    right = sum(first == shown for first, shown in zip(first_people, people, strict=False))
    return round(float(right) / len(found), 4)
