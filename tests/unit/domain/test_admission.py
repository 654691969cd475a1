"""How long a photo would wait, and when to come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.admission import (
    LONGEST_RETRY_S,
    UNKNOWN_PACE_S,
    Backlog,
    expected_wait_s,
    retry_after_s,
)


def test_nobody_waits_nobody_has_to_wait() -> None:
    assert expected_wait_s(Backlog(waiting=0, running=2, seconds_each=3.0)) == 0


def test_workers_share_the_line() -> None:
    assert expected_wait_s(Backlog(waiting=20, running=2, seconds_each=0.5)) == 5
    assert expected_wait_s(Backlog(waiting=20, running=4, seconds_each=0.5)) == 2.5


def test_line_without_a_worker_counts_as_one() -> None:
    assert expected_wait_s(Backlog(waiting=6, running=0, seconds_each=0.5)) == 3


def test_pace_that_nobody_knows_is_assumed() -> None:
    backlog = Backlog(waiting=4, running=1, seconds_each=None)
    assert expected_wait_s(backlog) == 4 * UNKNOWN_PACE_S


@pytest.mark.parametrize(
    ("wait_s", "seconds"), [(20.1, 11), (30.0, 20), (1_000, LONGEST_RETRY_S), (10.2, 1), (0, 1)]
)
def test_one_comes_back_when_half_of_the_line_is_gone(wait_s: float, seconds: int) -> None:
    assert retry_after_s(wait_s, limit_s=20) == seconds


@given(wait=st.floats(0, 1e6), more=st.floats(0, 1e6), limit=st.floats(0.1, 600))
def test_a_longer_line_never_asks_back_sooner(wait: float, more: float, limit: float) -> None:
    assert retry_after_s(wait + more, limit_s=limit) >= retry_after_s(wait, limit_s=limit)
