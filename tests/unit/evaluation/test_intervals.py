"""Bootstrap over people."""

import numpy as np
import pytest

from vestibule.evaluation.intervals import (
    Interval,
    person_weights,
    share_interval,
    weighted_share,
)


def test_the_first_row_is_the_sample_and_each_replicate_counts_as_many_people() -> None:
    weights = person_weights(30, replicates=50, rng=np.random.default_rng(0))
    assert (weights[0] == 1).all()
    assert weights.shape == (51, 30)
    assert (weights.sum(1) == 30).all()


def test_an_interval_over_independent_people_is_that_of_a_share() -> None:
    hits = np.arange(400) < 100
    weights = person_weights(400, replicates=2000, rng=np.random.default_rng(0))
    measured = share_interval(weighted_share(hits, weights), people=400)
    assert measured.value == 0.25
    half_width = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert measured.low == pytest.approx(0.25 - half_width, abs=0.005)
    assert measured.high == pytest.approx(0.25 + half_width, abs=0.005)


def test_what_cannot_be_measured_has_no_value() -> None:
    nobody = np.zeros((3, 4))
    shares = weighted_share(np.ones(4, bool), nobody)
    assert share_interval(shares, people=0) == Interval(None, None, None)


def test_no_hit_among_ten_people_is_not_certainty() -> None:
    weights = person_weights(10, replicates=100, rng=np.random.default_rng(0))
    none = share_interval(weighted_share(np.zeros(10, bool), weights), people=10)
    every = share_interval(weighted_share(np.ones(10, bool), weights), people=10)
    assert none == Interval(0, 0, pytest.approx(0.3085, abs=1e-4))
    assert every == Interval(1, pytest.approx(0.6915, abs=1e-4), 1)
