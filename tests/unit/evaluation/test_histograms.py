"""Scores fall into the bins that hold them."""

import numpy as np

from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.histograms import BIN_EDGES, score_histogram


def test_pairs_are_counted_once_in_each_order_and_never_with_themselves() -> None:
    persons = np.array([0, 0, 1])
    scores = np.array([[1, 0.72, 0.1], [0.71, 1, -0.9], [0.1, -np.inf, 1]], np.float32)
    histogram = score_histogram(Degradation.CLEAN, scores, persons)
    assert sum(histogram.mated) == 2
    assert histogram.mated[BIN_EDGES.index(0.7)] == 2
    assert sum(histogram.non_mated) == 3
    assert histogram.non_mated[BIN_EDGES.index(0.1)] == 2
    assert histogram.non_mated[0] == 1


def test_bins_lie_between_neighbouring_edges() -> None:
    histogram = score_histogram(
        Degradation.CLEAN, np.array([[1, 1], [1, 1]], np.float32), np.array([0, 0])
    )
    assert len(histogram.mated) == len(BIN_EDGES) - 1
    assert histogram.mated[-1] == 2
