"""Galleries and probes for the suites of the vector index, and how near one comes to the oracle."""

from uuid import UUID

import numpy as np
import pytest

from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.ports import IndexEntry, VectorIndex

COSINE = IndexGeneration(1, EmbeddingSpace("c05e" * 4, "cosine-pack", Metric.COSINE, 32))
EUCLIDEAN = IndexGeneration(1, EmbeddingSpace("e0c1" * 4, "euclidean-pack", Metric.EUCLIDEAN, 16))
GENERATIONS = pytest.mark.parametrize(
    "generation", [COSINE, EUCLIDEAN], ids=lambda generation: generation.space.metric
)


def some_entries(generation: IndexGeneration, count: int, *, seed: int = 0) -> list[IndexEntry]:
    """Like a gallery: people are clusters, a template is its person's centre and some noise."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, count // 3), generation.space.dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    people = [CustomerId(UUID(bytes=random.bytes(16))) for _ in centres]
    chosen = random.integers(len(centres), size=count)
    noise = random.normal(scale=0.05, size=(count, generation.space.dimension))
    embeddings = (centres[chosen] + noise).astype(np.float32)
    return [
        IndexEntry(TemplateId(UUID(bytes=random.bytes(16))), people[person], embedding)
        for person, embedding in zip(chosen, embeddings, strict=True)
    ]


def some_probes(generation: IndexGeneration, count: int, *, seed: int = 1) -> Embeddings:
    entries = some_entries(generation, 3 * count, seed=0)[:count]
    noise = np.random.default_rng(seed).normal(scale=0.05, size=(count, generation.space.dimension))
    return (np.stack([e.embedding for e in entries]) + noise).astype(np.float32)


def assert_agrees_with_oracle(
    fast: VectorIndex, oracle: VectorIndex, generation: IndexGeneration, probes: Embeddings
) -> None:
    found = fast.search(generation, probes, limit=10)
    expected = oracle.search(generation, probes, limit=10)
    for ours, theirs in zip(found, expected, strict=True):
        assert [n.score for n in ours] == pytest.approx([n.score for n in theirs], abs=1e-4)
        # Templates whose scores are equal to float32 may stand in either order.
        places = {n.template_id: n.score for n in theirs[:-1]}
        for template_id, score in places.items():
            if score > theirs[-1].score + 1e-5:
                assert template_id in {n.template_id for n in ours}
