"""Scores between a few embeddings: what the index does for a gallery, for a handful of faces."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId


def scores_between(metric: Metric, ones: Embeddings, others: Embeddings) -> NDArray[np.float32]:
    """float32 (n, m): each of ``ones`` (n, d) with each of ``others`` (m, d), higher more alike."""
    if not len(ones) or not len(others):
        return np.zeros((len(ones), len(others)), np.float32)
    if metric is Metric.COSINE:
        scores = _unit(ones) @ _unit(others).T
    else:
        # One at a time: the expanded form |a|² + |b|² - 2ab loses the small distances.
        scores = 1.0 - np.stack([np.linalg.norm(others - one, axis=1) for one in ones])
    return scores.astype(np.float32)


def best_by_customer(
    customers: Sequence[CustomerId], scores: Sequence[float]
) -> dict[CustomerId, float]:
    """Of the scores with several faces of a customer, the highest."""
    best: dict[CustomerId, float] = {}
    for customer, score in zip(customers, scores, strict=True):
        best[customer] = max(score, best.get(customer, score))
    return best


def _unit(rows: Embeddings) -> Embeddings:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Embeddings = (rows / np.maximum(norms, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit
