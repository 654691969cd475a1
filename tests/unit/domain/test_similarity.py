"""Scores between a handful of embeddings."""

import numpy as np
import pytest

from vestibule.adapters.exact_index import ExactIndex
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.ids import CustomerId, TemplateId, new_uuid
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.similarity import scores_between
from vestibule.ports import IndexEntry


@pytest.mark.parametrize("metric", Metric)
def test_scores_are_those_that_a_search_would_find(metric):
    rng = np.random.default_rng(0)
    probes, gallery = rng.standard_normal((2, 5, 8)).astype(np.float32)
    generation = IndexGeneration(1, EmbeddingSpace("s", "open", metric, 8))
    ids = [TemplateId(new_uuid()) for _ in gallery]
    index = ExactIndex()
    index.upsert(
        generation,
        [IndexEntry(i, CustomerId(new_uuid()), e) for i, e in zip(ids, gallery, strict=True)],
    )

    scores = scores_between(metric, probes, gallery)

    for row, found in zip(scores, index.search(generation, probes, limit=5), strict=True):
        by_id = {neighbour.template_id: neighbour.score for neighbour in found}
        assert row.tolist() == pytest.approx([by_id[i] for i in ids], abs=1e-6)


def test_nothing_compared_gives_no_score():
    nothing, two = np.zeros((0, 8), np.float32), np.ones((2, 8), np.float32)

    assert scores_between(Metric.COSINE, two, nothing).shape == (2, 0)
    assert scores_between(Metric.EUCLIDEAN, nothing, two).shape == (0, 2)
