"""The exact distribution of strangers' best scores, against counting every gallery."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.evaluation.top_scores import (
    BIN_EDGES,
    one_photo_each,
    rate_at,
    stranger_rates,
    threshold_at,
)

PERSONS = np.array([0, 0, 1, 2, 3, 4, 4, 4, 5])


def symmetric_scores(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).uniform(-0.2, 0.7, (len(PERSONS), len(PERSONS)))
    return ((drawn + drawn.T) / 2).astype(np.float32)


def counted_rate(scores: np.ndarray, chosen: np.ndarray, size: int, threshold: float) -> float:
    """Every gallery of that size, every probe, every person weighing the same."""
    rates = []
    for person in np.unique(PERSONS):
        others = chosen[PERSONS[chosen] != person]
        best = [
            scores[probe, list(gallery)].max()
            for probe in np.nonzero(person == PERSONS)[0]
            for gallery in combinations(others.tolist(), size)
        ]
        rates.append(np.mean(np.array(best) >= threshold))
    return float(np.mean(rates))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_rates_equal_those_of_counting_all_galleries(size: int) -> None:
    scores = symmetric_scores(1)
    rates = stranger_rates(
        scores, PERSONS, gallery_sizes=[size], draws=1, rng=np.random.default_rng(7)
    )[0]
    chosen = one_photo_each(PERSONS, np.unique(PERSONS), rng=np.random.default_rng(7))
    for threshold in (0.1, 0.3, 0.45, 0.6):
        edge = float(BIN_EDGES[np.searchsorted(BIN_EDGES, threshold)])
        assert rate_at(rates, edge) == pytest.approx(counted_rate(scores, chosen, size, edge))


@given(st.integers(0, 50), st.floats(0.001, 0.9))
def test_the_threshold_for_a_rate_does_not_exceed_it_and_is_the_lowest(
    seed: int, target: float
) -> None:
    rates = stranger_rates(
        symmetric_scores(seed), PERSONS, gallery_sizes=[3], draws=2, rng=np.random.default_rng(0)
    )[0]
    threshold = threshold_at(rates, target)
    assert rate_at(rates, threshold) <= target
    assert rates[np.searchsorted(BIN_EDGES, threshold) - 1] > target


def test_a_probe_without_a_face_matches_nobody() -> None:
    scores = symmetric_scores(3)
    scores[4, :] = scores[:, 4] = -np.inf
    rates = stranger_rates(
        scores, PERSONS, gallery_sizes=[1], draws=1, rng=np.random.default_rng(0)
    )[0]
    assert rates[0] < 1


def test_every_person_gives_one_photo_of_their_own() -> None:
    people = np.unique(PERSONS)
    chosen = one_photo_each(PERSONS, people, rng=np.random.default_rng(5))
    assert PERSONS[chosen].tolist() == people.tolist()
    seen = {
        int(one_photo_each(PERSONS, people, rng=np.random.default_rng(seed))[4])
        for seed in range(60)
    }
    assert seen == {5, 6, 7}
