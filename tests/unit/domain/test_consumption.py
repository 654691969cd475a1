"""Units and money add up exactly, and a window is as long as it says, whatever clocks do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.consumption import (
    DEFAULT_POLICY,
    MOST_UNITS_HUNDREDTHS,
    Care,
    ConsumptionPolicy,
    Drunk,
    Money,
    care_for,
    hundredths,
    sums,
    units_in_window,
)

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(
    ["Europe/Paris", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC)
)
DRINKS = st.lists(
    st.tuples(st.integers(-600, 600), st.integers(0, 500)).map(
        lambda pair: (timedelta(minutes=pair[0]), pair[1])
    ),
    max_size=30,
)
WINDOWS = st.integers(1, 24).map(lambda hours: timedelta(hours=hours))


def drunk(now: datetime, drinks) -> list[Drunk]:
    return [Drunk(now - ago, units) for ago, units in drinks]


@given(MOMENTS, DRINKS, WINDOWS, ZONES)
def test_zone_in_which_a_moment_is_written_changes_nothing(now, drinks, window, zone):
    there = ZoneInfo(zone)
    moved = [Drunk(d.at.astimezone(there), d.units_hundredths) for d in drunk(now, drinks)]

    assert units_in_window(drunk(now, drinks), now=now, window=window) == units_in_window(
        moved, now=now.astimezone(there), window=window
    )


@given(MOMENTS, DRINKS, WINDOWS, st.randoms())
def test_order_does_not_matter_and_windows_only_grow(now, drinks, window, random):
    whole = drunk(now, drinks)
    shuffled = random.sample(whole, len(whole))
    within = units_in_window(shuffled, now=now, window=window)

    assert within == units_in_window(whole, now=now, window=window)
    assert within <= units_in_window(whole, now=now, window=window * 2)


@given(MOMENTS, DRINKS, WINDOWS)
def test_what_was_drunk_is_over_once_the_window_has_passed(now, drinks, window):
    past = [(abs(ago), units) for ago, units in drinks]

    assert units_in_window(drunk(now, past), now=now + window, window=window) == 0


@pytest.mark.parametrize(
    "night",
    [
        datetime(2026, 10, 25, 0, 0, tzinfo=UTC),  # 02:00 summer time; 03:00 comes twice
        datetime(2026, 3, 29, 0, 0, tzinfo=UTC),  # 01:00 winter time; 02:00 does not come
    ],
)
def test_night_on_which_clocks_change_has_the_same_window(night):
    window = timedelta(hours=4)
    local = [(night + timedelta(minutes=30 * step)).astimezone(PARIS) for step in range(12)]
    glasses = [Drunk(moment, 100) for moment in local]

    found = [units_in_window(glasses, now=moment, window=window) for moment in local]

    assert found == [100 * min(step + 1, 8) for step in range(12)]


def test_purchases_of_the_future_do_not_count_yet():
    now = datetime(2026, 11, 21, 23, tzinfo=UTC)
    later = Drunk(now + timedelta(seconds=1), 100)
    assert units_in_window([later], now=now, window=timedelta(hours=4)) == 0


# ── care ────────────────────────────────────────────────────────────────────────────────────
@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_more_never_asks_for_less_care(less, more):
    rank = {None: 0, Care.WATCH: 1, Care.CARE: 2}
    low, high = sorted((less, more))
    assert rank[care_for(low, DEFAULT_POLICY)] <= rank[care_for(high, DEFAULT_POLICY)]


@pytest.mark.parametrize(
    ("units", "asked"), [(599, None), (600, Care.WATCH), (999, Care.WATCH), (1000, Care.CARE)]
)
def test_thresholds_belong_to_what_they_begin(units, asked):
    policy = ConsumptionPolicy(timedelta(hours=4), 600, 1000)
    assert care_for(units, policy) is asked


# ── arithmetic ──────────────────────────────────────────────────────────────────────────────
@given(st.integers(0, MOST_UNITS_HUNDREDTHS))
def test_units_are_kept_exactly(count):
    assert hundredths(Decimal(count) / 100) == count


@pytest.mark.parametrize(
    "units", ["-0.01", "1.005", "1000.01", "NaN", "Infinity", "-Infinity", "sNaN"]
)
def test_what_is_no_number_of_units_is_refused(units):
    with pytest.raises(ValueError, match="units"):
        hundredths(Decimal(units))


MONEY = st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "CHF", "JPY"]))


@given(st.lists(MONEY), st.lists(MONEY))
def test_sums_of_parts_are_the_sum_and_currencies_never_mix(first, second):
    assert sums([*sums(first), *sums(second)]) == sums([*first, *second])
    for total in sums([*first, *second]):
        assert total.minor == sum(m.minor for m in first + second if m.currency == total.currency)
