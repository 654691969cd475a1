"""Guessing is slow, and nobody can lock somebody else out."""

from datetime import UTC, datetime, timedelta

import pytest

from vestibule.domain.sign_in_throttle import RULES, Count, Failures, delay_s, keys, wait_s

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("count", Count)
def test_delay_grows_and_never_becomes_a_lock(count):
    delays = [delay_s(count, failures) for failures in range(5_000)]

    assert delays == sorted(delays)
    assert delays[0] == 0
    assert delays[-1] == RULES[count].longest_s <= 900


def test_known_device_is_not_slowed_down_by_what_others_tried():
    named = {"account": "a@club.example", "source": "192.0.2.7", "scope": "password"}

    assert not set(keys(**named, device="k").values()) & set(keys(**named, device=None).values())


def test_failures_of_one_source_do_not_count_for_the_account_elsewhere():
    here = keys(account="a", source="192.0.2.7", device=None, scope="password")
    there = keys(account="a", source="192.0.2.8", device=None, scope="password")

    assert {count for count in here if here[count] == there[count]} == {Count.ACCOUNT}
    assert delay_s(Count.ACCOUNT, 1_000_000) <= 60


def test_keys_show_neither_account_nor_source():
    found = keys(account="a@club.example", source="192.0.2.7", device=None, scope="password")

    assert all(len(key) == 64 and "club" not in key for key in found.values())


def test_wait_is_the_longest_of_all_counts_and_ends():
    found = [
        (Count.ACCOUNT_AND_SOURCE, Failures(9, NOW)),
        (Count.SOURCE, Failures(31, NOW - timedelta(seconds=5))),
    ]

    assert wait_s(found, now=NOW) == 16
    assert wait_s(found, now=NOW + timedelta(seconds=15.5)) == 1
    assert wait_s(found, now=NOW + timedelta(seconds=16)) == 0
    assert wait_s([], now=NOW) == 0
