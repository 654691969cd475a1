"""One-to-one rates against counting pairs by hand."""

import numpy as np
import pytest

from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.intervals import Weights, person_weights
from vestibule.evaluation.verification import verification_rates

PEOPLE = 60
PERSONS = np.repeat(np.arange(PEOPLE), 2)


@pytest.fixture
def scores() -> np.ndarray:
    drawn = np.random.default_rng(0).normal(0, 0.2, (len(PERSONS), len(PERSONS)))
    same = PERSONS[:, None] == PERSONS[None, :]
    return (drawn + 0.5 * same).astype(np.float32)


@pytest.fixture
def weights() -> Weights:
    return person_weights(PEOPLE, replicates=100, rng=np.random.default_rng(0))


def test_rates_equal_those_of_counting_pairs(scores: np.ndarray, weights: Weights) -> None:
    rates = verification_rates(Degradation.GAMMA, scores, PERSONS, weights=weights)
    same = PERSONS[:, None] == PERSONS[None, :]
    mated = scores[same & ~np.eye(len(PERSONS), dtype=bool)]
    non_mated = scores[~same]
    assert [rate.fmr for rate in rates] == [0.01, 0.001]  # 0.0001 would be decided by one pair
    for rate in rates:
        assert (non_mated > rate.threshold + 1e-4).mean() <= rate.fmr
        assert (non_mated >= rate.threshold - 1e-4).mean() >= rate.fmr - 1 / len(non_mated)
        assert rate.fnmr.value == pytest.approx((mated <= rate.threshold).mean(), abs=0.009)
        assert (rate.mated_pairs, rate.non_mated_pairs) == (len(mated), len(non_mated))


def test_the_interval_holds_the_value(scores: np.ndarray, weights: Weights) -> None:
    for rate in verification_rates(Degradation.CLEAN, scores, PERSONS, weights=weights):
        fnmr = rate.fnmr
        assert fnmr.value is not None
        assert fnmr.low is not None
        assert fnmr.high is not None
        assert fnmr.low <= fnmr.value <= fnmr.high
        assert fnmr.low < fnmr.high


def test_without_two_photos_of_anyone_there_are_no_rates(weights: Weights) -> None:
    persons = np.arange(PEOPLE)
    scores = np.zeros((PEOPLE, PEOPLE), np.float32)
    assert verification_rates(Degradation.CLEAN, scores, persons, weights=weights) == ()
