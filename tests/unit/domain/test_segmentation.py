"""Segments go by nights: in any order, whatever the time zone, and more of them never lower."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.night import night_of, night_start
from vestibule.domain.segmentation import (
    ORDER,
    POLICY,
    Segment,
    SegmentationPolicy,
    attendance,
    segment_of,
)

TONIGHT = date(2026, 11, 21)
ZONES = ("Europe/Paris", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "UTC")
ago = st.integers(0, 400)
some_nights = st.lists(ago.map(lambda days: TONIGHT - timedelta(days=days)), max_size=30)


@st.composite
def policies(draw):
    window = draw(st.integers(1, 200))
    return SegmentationPolicy(window, draw(st.integers(1, 12)), window + draw(st.integers(0, 200)))


def segment(nights, policy=POLICY, tonight=TONIGHT) -> Segment:
    return segment_of(
        attendance(nights, tonight=tonight, policy=policy), tonight=tonight, policy=policy
    )


@given(some_nights, st.randoms(use_true_random=False), policies())
def test_order_and_repetition_of_visits_do_not_matter(nights, random, policy):
    shuffled = nights + nights[: len(nights) // 2]
    random.shuffle(shuffled)

    assert segment(shuffled, policy) is segment(nights, policy)


@given(some_nights, ago, policies())
def test_one_more_night_never_puts_a_guest_lower(nights, days, policy):
    before = segment(nights, policy)
    after = segment([*nights, TONIGHT - timedelta(days=days)], policy)

    assert ORDER.index(after) >= ORDER.index(before)


@given(some_nights, st.integers(0, 300), policies())
def test_who_does_not_come_never_rises(nights, later, policy):
    now = segment(nights, policy)
    then = segment(nights, policy, tonight=TONIGHT + timedelta(days=later))

    assert ORDER.index(then) <= ORDER.index(now)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 20)),
    st.floats(0, 0.999),
    st.sampled_from(ZONES),
    st.integers(0, 12),
)
def test_visits_of_one_night_are_one_wherever_the_clocks_stand(moment, share, zone, closes):
    """Before and after midnight, over a change of the clocks, told in any zone."""
    place = {"timezone": zone, "closes_at_hour": closes}
    first = night_start(moment.replace(tzinfo=UTC), **place)
    night = night_of(first, **place)
    hours = timedelta(hours=22)  # the shortest night of a year has 23
    times = (first, first + share * hours, (first + hours).astimezone(ZoneInfo("Asia/Kolkata")))
    nights = [night_of(time, **place) for time in times]

    assert segment(nights, tonight=night) is Segment.NEW


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ([], Segment.NEVER),
        ([0], Segment.NEW),
        ([119], Segment.NEW),
        ([120], Segment.LAPSED),
        ([0, 300], Segment.RETURNING),
        ([0, 30, 89], Segment.RETURNING),
        ([0, 1, 30, 89], Segment.REGULAR),
        ([0, 1, 30, 90], Segment.RETURNING),
        (list(range(120, 160)), Segment.LAPSED),
        ([-1], Segment.NEW),  # a venue further east is in its next night
    ],
)
def test_rules_of_the_policy_at_their_edges(days_ago, expected):
    assert segment(TONIGHT - timedelta(days=days) for days in days_ago) is expected


def test_no_regular_has_lapsed_by_the_policy_in_use():
    assert POLICY.window_days <= POLICY.lapsed_after_days
