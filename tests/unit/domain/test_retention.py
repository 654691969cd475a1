"""How long things are kept: what a chain may set, and when a face goes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.retention import (
    CLOCKS,
    NOTICE,
    Kept,
    as_shipped,
    bounds,
    content_of,
    face_goes_at,
    limited,
    policy_of,
)

NOW = datetime(2026, 11, 21, 23, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def test_every_kind_has_a_clock_that_its_profile_allows():
    for kind, allowed in bounds().items():
        assert allowed.least <= CLOCKS[kind].days <= allowed.most
    assert policy_of(content_of(as_shipped())) == as_shipped()


@pytest.mark.duty("GDPR 5(1)(e)")
@pytest.mark.parametrize("kind", Kept)
@pytest.mark.parametrize("days", [0, -1, 10**6, 30.5, "30", True, None])
def test_art_5_1_e_no_chain_keeps_longer_than_the_profile_allows(kind, days):
    with pytest.raises(InvalidInputError) as refused:
        policy_of({**content_of(as_shipped()), kind.value: days})
    assert [one["field"] for one in refused.value.facts["fields"]] == [kind.value]


def test_what_is_missing_or_unknown_is_said_all_at_once():
    with pytest.raises(InvalidInputError) as refused:
        policy_of({"faces": 3})
    assert len(refused.value.facts["fields"]) == len(Kept) + 1


@given(st.dictionaries(st.sampled_from([kind.value for kind in Kept]), st.integers(0, 10**5)))
def test_policy_of_the_past_is_held_to_the_limits_of_today(content):
    for kind, days in limited(content).days.items():
        assert bounds()[kind].least <= days <= bounds()[kind].most


@given(MOMENTS, st.none() | MOMENTS, st.integers(60, 1095), MOMENTS)
def test_no_face_goes_before_its_clock_and_a_notice_that_came_after_the_last_visit(
    active, reminded, days, now
):
    goes = face_goes_at(active, days=days, reminded_at=reminded, now=now)
    assert goes >= active + timedelta(days=days)
    if reminded is not None and reminded >= active:
        assert goes >= reminded + NOTICE
    else:
        assert goes >= now + NOTICE
