"""Scores between many embeddings at once."""

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings

Scores = NDArray[np.float32]
"""float32, shape (probes, gallery); higher is more alike, -inf where either has no usable face."""

LOWEST_SCORE = -1.0
"""Two found faces score higher than this in every metric; thresholds need not be lower."""


def score_matrix(metric: Metric, probes: Embeddings, gallery: Embeddings) -> Scores:
    """Every probe (n, d) against every gallery embedding (m, d); see ``Metric`` for the scores."""
    dots = probes @ gallery.T
    squares = (probes**2).sum(1)[:, None], (gallery**2).sum(1)[None, :]
    if metric is Metric.COSINE:
        scores = dots / np.sqrt(squares[0] * squares[1])
    else:
        scores = 1 - np.sqrt(np.maximum(squares[0] + squares[1] - 2 * dots, 0))
    known: Scores = np.nan_to_num(scores.astype(np.float32), nan=-np.inf)
    return known
