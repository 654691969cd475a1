"""How many look so much alike, and how many guests are missed: never more than was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.score_shares import MatedScores, PairTail, in_steps

TAIL = PairTail((0.1, 0.01, 0.001), (0.2, 0.35, 0.45))
MATED = MatedScores((0.01, 0.1, 0.5), (0.4, 0.55, 0.7))

scores = st.floats(-1, 1)


@given(scores, scores)
def test_rate_never_rises_with_the_score(one, other):
    low, high = sorted((one, other))
    rates = [TAIL.rate(score) or 0.0 for score in (low, high)]

    assert rates[0] >= rates[1]


def test_rate_between_two_measured_ones_is_interpolated_in_the_logarithm():
    assert TAIL.rate(0.4) == pytest.approx(10**-2.5)
    assert TAIL.rate(0.45) == pytest.approx(0.001)


def test_nothing_is_said_beyond_the_rarest_measured_rate():
    assert TAIL.rate(0.4501) is None
    assert TAIL.rate(-1) == pytest.approx(0.1)


@given(st.floats(0.5, 1e7), st.floats(0.5, 1e7))
def test_counts_in_steps_keep_their_order_and_never_exaggerate(one, other):
    few, many = sorted((one, other))

    assert in_steps(few) <= in_steps(many)
    assert in_steps(many) <= max(many, 1) * (1 + 1e-6)
    assert in_steps(many) * 2.5 * (1 + 1e-6) >= many


@pytest.mark.parametrize(
    ("count", "steps"),
    [(0.2, 1), (1, 1), (4.9, 2), (5, 5), (9.99, 5), (10, 10), (2000, 2000), (49_999, 20_000)],
)
def test_counts_are_told_in_ones_twos_and_fives(count, steps):
    assert in_steps(count) == steps


@given(scores, scores)
def test_missed_guests_never_fall_with_the_threshold(one, other):
    low, high = sorted((one, other))

    assert MATED.missed(low) <= MATED.missed(high)


@pytest.mark.parametrize(
    ("rates", "values"),
    [
        ((), ()),
        ((0.1,), (0.1, 0.2)),
        ((0.1, 0.1), (0.1, 0.2)),
        ((0.01, 0.1), (0.1, 0.2)),
        ((0.1, 0.01), (0.2, 0.1)),
        ((0.1, 0.0), (0.1, 0.2)),
        ((0.1,), (float("nan"),)),
    ],
)
def test_a_tail_that_cannot_be_a_measurement_is_refused(rates, values):
    with pytest.raises(ValueError):
        PairTail(rates, values)


@pytest.mark.parametrize(
    ("shares", "values"),
    [((), ()), ((0.5, 0.1), (0.1, 0.2)), ((0.1, 0.5), (0.2, 0.1)), ((0.1, 1.0), (0.1, 0.2))],
)
def test_mated_quantiles_that_cannot_be_a_measurement_are_refused(shares, values):
    with pytest.raises(ValueError):
        MatedScores(shares, values)
