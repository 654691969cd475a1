"""A policy that could ban on one person's word, or for ever, is none."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.watchlist_policy import (
    AS_SHIPPED,
    LONG_DAYS,
    content_of,
    policy_of,
    problems_of,
)


def _changed(**values):
    return {**content_of(AS_SHIPPED), **values}


def test_the_shipped_policy_is_sound() -> None:
    assert policy_of(content_of(AS_SHIPPED)) == AS_SHIPPED


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"reporter_cap": 60}, "reporter_cap", "must_be_under"),
        ({"venue_threshold": 130}, "venue_threshold", "must_not_exceed"),
        ({"approvals_long": 1}, "approvals_long", "out_of_bounds"),
        ({"approvals_chain": 1}, "approvals_chain", "out_of_bounds"),
        ({"approvals_short": 3}, "approvals_short", "must_not_exceed"),
        ({"half_life_days": 365, "forgotten_after_days": 90}, "half_life_days", "must_not_exceed"),
        ({"half_life_days": True}, "half_life_days", "out_of_bounds"),
        ({"half_life_days": 30.5}, "half_life_days", "out_of_bounds"),
        ({"ladder_days": []}, "ladder_days", "missing"),
        ({"ladder_days": [30, 30]}, "ladder_days", "must_rise"),
        ({"ladder_days": [30, 100_000]}, "ladder_days", "out_of_bounds"),
        ({"surprise": 1}, "surprise", "unknown"),
        ({"points": {}}, "points.violence", "missing"),
        ({"points": None}, "points", "missing"),
    ],
)
def test_what_is_wrong_is_named(changes, field, code) -> None:
    assert (field, code) in [
        (found.field, found.code) for found in problems_of(_changed(**changes))
    ]


def test_more_severe_worth_less_is_refused() -> None:
    points = {**content_of(AS_SHIPPED)["points"], "theft": [5, 12, 11, 35, 50]}
    with pytest.raises(InvalidInputError) as refused:
        policy_of(_changed(points=points))
    (problem,) = refused.value.facts["fields"]
    assert (problem["field"], problem["code"]) == ("points.theft", "more_severe_is_less")


def test_all_problems_are_said_at_once() -> None:
    found = {problem.field for problem in problems_of({"ladder_days": "x", "night_cap": -1})}
    assert {"points", "ladder_days", "night_cap", "half_life_days"} <= found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(content_of(AS_SHIPPED))), json_values, min_size=1))
def test_nonsense_is_refused_and_breaks_nothing(changes) -> None:
    try:
        policy = policy_of(_changed(**changes))
    except InvalidInputError as refused:
        assert refused.facts["fields"]
    else:
        assert content_of(policy) == _changed(**changes)


def test_a_long_entry_and_one_for_the_chain_need_two_people_at_least() -> None:
    for is_chain_wide, days in product([True, False], [1, LONG_DAYS, LONG_DAYS + 1, 365]):
        needed = AS_SHIPPED.approvals_for(is_chain_wide=is_chain_wide, total_days=days)
        assert needed >= (2 if is_chain_wide or days > LONG_DAYS else 1)
