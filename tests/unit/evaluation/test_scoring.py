"""Scores mean what the metric says."""

import numpy as np
import pytest

from vestibule.domain.embedding_space import Metric
from vestibule.evaluation.scoring import score_matrix

A = np.array([[3, 4], [0, 2]], np.float32)
B = np.array([[6, 8], [4, 0]], np.float32)


def test_cosine_is_the_cosine_of_the_angle() -> None:
    assert score_matrix(Metric.COSINE, A, B) == pytest.approx(np.array([[1, 0.6], [0.8, 0]]))


def test_euclidean_is_one_minus_the_distance() -> None:
    expected = [[1 - 5, 1 - np.sqrt(17)], [1 - np.sqrt(72), 1 - np.sqrt(20)]]
    assert score_matrix(Metric.EUCLIDEAN, A, B) == pytest.approx(np.array(expected), rel=1e-5)


@pytest.mark.parametrize("metric", Metric)
def test_a_missing_face_is_like_nobody(metric: Metric) -> None:
    missing = np.full((1, 2), np.nan, np.float32)
    assert (score_matrix(metric, missing, A) == -np.inf).all()
    assert (score_matrix(metric, A, missing) == -np.inf).all()
