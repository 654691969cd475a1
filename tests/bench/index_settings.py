"""`make bench-search`: what settings of the index find, and what they cost, at growing sizes.

Writes build/search.json and the table in docs/benchmarks.md. Recall is against an exact search of
the same vectors, for photos of people in the gallery (mated) and of people who are not (non-mated:
their nearest neighbour decides whether they are called somebody).
"""

import argparse
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.bench import report
from tests.bench.figures import as_json, exact_neighbours, latency, recall
from tests.bench.machine import ROOT, describe_machine
from tests.bench.search_scale import entries_of
from tests.bench.synthetic_gallery import SyntheticGallery, draw_gallery
from vestibule.adapters.qdrant_edge import OVERSAMPLING, QdrantEdgeIndex
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry
from vestibule.workflows.identify_photo import NEIGHBOURS_PER_FACE

START = "<!-- search: written by `make bench-search`, do not edit -->"
END = "<!-- search: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
GENERATION = IndexGeneration(1, EmbeddingSpace("be0c" * 4, "open", Metric.COSINE, 192))
SIZES = (10_000, 100_000, 1_000_000)
PROBES = 500
CHOICES = ((NEIGHBOURS_PER_FACE, OVERSAMPLING), (1, OVERSAMPLING), (1, 2.0), (1, 1.0))
"""Neighbours asked for and oversampling; the first is what the product does."""

Vectors = NDArray[np.float32]


def measure_size(size: int, folder: Path, *, probes: int = PROBES, seed: int = 0) -> dict[str, Any]:
    """Fill once, then open the same files with each choice."""
    gallery = draw_gallery(
        size=size, dimension=GENERATION.space.dimension, probes=probes, seed=seed
    )
    true = {
        kind: exact_neighbours(gallery.templates, vectors, limit=1).tolist()
        for kind, vectors in _kinds(gallery)
    }
    started = time.perf_counter()
    with closing(QdrantEdgeIndex(folder)) as index:
        for entries in entries_of(gallery):
            index.upsert(GENERATION, entries)
    filled_s = time.perf_counter() - started
    rows = [_measured(gallery, true, folder, limit=n, oversampling=o) for n, o in CHOICES]
    bytes_on_disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "templates": size,
        "filled_s": round(filled_s, 2),
        "disk_mib": round(bytes_on_disk / 2**20, 1),
        "exact_ms": round(_exact_ms(gallery), 3),
        "choices": rows,
    }


def _measured(
    gallery: SyntheticGallery,
    true: dict[str, list[list[int]]],
    folder: Path,
    *,
    limit: int,
    oversampling: float,
) -> dict[str, Any]:
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    with closing(QdrantEdgeIndex(folder, oversampling=oversampling)) as index:
        index.search(GENERATION, gallery.probes[:1], limit=limit)
        opened_s = time.perf_counter() - started
        took_s: list[float] = []
        found = {kind: list(_first(index, v, limit, took_s)) for kind, v in _kinds(gallery)}
        memory = psutil.Process().memory_info().rss - before
        deleted_s = _deletion_s(index, gallery)
    people = [row[0] // 4 if row else -1 for row in found["mated"]]
    return {
        "limit": limit,
        "oversampling": oversampling,
        "recall_at_1": {kind: recall(found[kind], true[kind]) for kind in found},
        "right_person_first": round(float(np.mean(np.array(people) == gallery.people)), 4),
        "one_face": as_json(latency(took_s)),
        "opened_s": round(opened_s, 2),
        "memory_mib": round(memory / 2**20, 1),
        "deleted_ms": round(1000 * deleted_s, 1),
    }


def _first(
    index: QdrantEdgeIndex, probes: Vectors, limit: int, took_s: list[float]
) -> Iterator[list[int]]:
    for probe in probes:
        started = time.perf_counter()
        (neighbours,) = index.search(GENERATION, probe[None], limit=limit)
        took_s.append(time.perf_counter() - started)
        yield [neighbour.template_id.int for neighbour in neighbours[:1]]


def _deletion_s(index: QdrantEdgeIndex, gallery: SyntheticGallery) -> float:
    """One template erased; it is put back, so that the next choice finds the same gallery."""
    row = int(gallery.people[0]) * 4
    entry = IndexEntry(
        TemplateId(uuid.UUID(int=row)), CustomerId(uuid.UUID(int=0)), gallery.templates[row]
    )
    started = time.perf_counter()
    index.delete(GENERATION, [entry.template_id])
    deleted_s = time.perf_counter() - started
    index.upsert(GENERATION, [entry])
    return deleted_s


def _kinds(gallery: SyntheticGallery) -> Sequence[tuple[str, Vectors]]:
    return (("mated", gallery.probes), ("non_mated", gallery.strangers))


def _exact_ms(gallery: SyntheticGallery) -> float:
    """One probe against all vectors in float32: what an index has to beat."""
    took = []
    for probe in gallery.probes[:20]:
        started = time.perf_counter()
        int((gallery.templates @ probe).argmax())
        took.append(time.perf_counter() - started)
    return 1000 * float(np.median(took))


def as_markdown(figures: report.Figures) -> str:
    lines = [
        report.machine_line(figures["machine"]),
        "",
        "| templates | neighbours x oversampling | recall@1 mated / non-mated | right person "
        "first | p50 / p99 | exact scan | memory | opened | filled | one erased |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for size in figures["sizes"]:
        for choice in size["choices"]:
            took, found = choice["one_face"], choice["recall_at_1"]
            lines.append(
                f"| {size['templates']:,} | {choice['limit']} x {choice['oversampling']:g} | "
                f"{found['mated']:.4f} / {found['non_mated']:.4f} | "
                f"{choice['right_person_first']:.3f} | "
                f"{took['p50_ms']:.1f} / {took['p99_ms']:.1f} ms | {size['exact_ms']:.1f} ms | "
                f"{choice['memory_mib']:.0f} MiB | {choice['opened_s']:.1f} s | "
                f"{size['filled_s']:.0f} s | {choice['deleted_ms']:.0f} ms |"
            )
    return "\n".join(lines)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vestibule-search-") as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.index_settings")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "search.json")
    arguments = parser.parse_args()
    machine, sizes = describe_machine(), []
    for size in map(int, arguments.sizes.split(",")):
        with _scratch() as folder:
            sizes.append(measure_size(size, folder))
        figures = {"machine": machine, "probes_of_each_kind": PROBES, "sizes": sizes}
        report.write_json(figures, arguments.out)
    report.write_between(START, as_markdown(figures), END, DOCUMENT)
    sys.stderr.write(as_markdown(figures) + "\n")


if __name__ == "__main__":
    main()
