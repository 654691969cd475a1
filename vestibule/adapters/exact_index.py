"""Exact search in memory: what every other vector index is measured against."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import TemplateId
from vestibule.domain.index_generation import IndexFiles, IndexGeneration
from vestibule.ports import IndexEntry, Neighbour


@dataclass(slots=True)
class _Gallery:
    entries: dict[TemplateId, IndexEntry] = field(default_factory=dict)
    matrix: Embeddings | None = None
    """The entries' embeddings in their order, (n, d); None when it must be built again."""


class ExactIndex:
    """Every probe against every template, in float32, one multiplication a search."""

    def __init__(self) -> None:
        self._galleries: dict[str, _Gallery] = {}
        self._lock = threading.Lock()

    def upsert(self, generation: IndexGeneration, entries: Sequence[IndexEntry]) -> None:
        for entry in entries:
            _check_shape(entry.embedding, (generation.space.dimension,))
        with self._lock:
            gallery = self._galleries.setdefault(generation.name, _Gallery())
            gallery.entries.update((entry.template_id, entry) for entry in entries)
            gallery.matrix = None

    def search(
        self,
        generation: IndexGeneration,
        probes: Embeddings,
        *,
        limit: int,
        venue_id: UUID | None = None,
    ) -> list[list[Neighbour]]:
        _check_shape(probes, (len(probes), generation.space.dimension))
        with self._lock:
            gallery = self._galleries.get(generation.name)
            if gallery is None or not gallery.entries:
                return [[] for _ in probes]
            if gallery.matrix is None:
                gallery.matrix = np.stack([e.embedding for e in gallery.entries.values()])
            entries, matrix = list(gallery.entries.values()), gallery.matrix
        if venue_id is not None:
            held = [i for i, e in enumerate(entries) if _holds_for(e, venue_id)]
            entries, matrix = [entries[i] for i in held], matrix[held]
        scores = _SCORES[generation.space.metric](probes, matrix)
        best_first = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
        return [
            [
                Neighbour(entries[i].template_id, entries[i].customer_id, float(row[i]))
                for i in order
            ]
            for row, order in zip(scores, best_first, strict=True)
        ]

    def delete(self, generation: IndexGeneration, template_ids: Iterable[TemplateId]) -> None:
        with self._lock:
            gallery = self._galleries.get(generation.name)
            if gallery is not None:
                for template_id in template_ids:
                    gallery.entries.pop(template_id, None)
                gallery.matrix = None

    def prints(
        self,
        generation: IndexGeneration,  # noqa: ARG002 - nothing of it is in a file of ours
        template_ids: Iterable[TemplateId],  # noqa: ARG002 - as above
    ) -> list[bytes]:
        return []

    def look_for(
        self,
        prints: Sequence[bytes],  # noqa: ARG002 - as above
    ) -> IndexFiles | None:
        """It has no files."""
        return IndexFiles(files=0, size_bytes=0, traces=0)

    def scrub(self, generation: IndexGeneration, prints: Sequence[bytes]) -> None:
        """It has no files."""

    def keep_only(self, generations: Iterable[IndexGeneration]) -> None:
        with self._lock:
            for other in self._galleries.keys() - {generation.name for generation in generations}:
                del self._galleries[other]

    def serve(self, generation: IndexGeneration) -> None:
        """Nobody looks at it from outside."""

    def template_ids(self, generation: IndexGeneration) -> set[TemplateId]:
        with self._lock:
            gallery = self._galleries.get(generation.name)
            return set(gallery.entries) if gallery is not None else set()

    def template_ids_after(
        self, generation: IndexGeneration, after: TemplateId | None, *, limit: int
    ) -> list[TemplateId]:
        ids = sorted(self.template_ids(generation))
        return [one for one in ids if after is None or one > after][:limit]

    def holding(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> set[TemplateId]:
        return self.template_ids(generation).intersection(template_ids)

    def close(self) -> None:
        """Nothing to release."""


def _holds_for(entry: IndexEntry, venue_id: UUID) -> bool:
    return entry.venue_ids is None or venue_id in entry.venue_ids


def _check_shape(embeddings: Embeddings, shape: tuple[int, ...]) -> None:
    if embeddings.shape != shape:
        raise ValueError(f"expected embeddings of shape {shape}, got {embeddings.shape}")


def _cosine(probes: Embeddings, matrix: Embeddings) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = _unit(probes) @ _unit(matrix).T
    return scores


def _euclidean(probes: Embeddings, matrix: Embeddings) -> NDArray[np.float32]:
    # A probe at a time: the expanded form |a|² + |b|² - 2ab loses the small distances.
    distances = [np.linalg.norm(matrix - probe, axis=1) for probe in probes]
    scores = 1.0 - np.array(distances, np.float32).reshape(len(probes), len(matrix))
    return scores.astype(np.float32)


def _unit(rows: Embeddings) -> Embeddings:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Embeddings = (rows / np.maximum(norms, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit


_SCORES = {Metric.COSINE: _cosine, Metric.EUCLIDEAN: _euclidean}
