"""How long a photo would wait, and when there is room again."""

from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.admission import (
    UNKNOWN_PACE_S,
    Backlog,
    expected_wait_s,
    pace_s,
    seconds_until_room,
)


def test_nobody_waits_nobody_has_to_wait() -> None:
    assert expected_wait_s(Backlog(waiting=0, running=2, seconds_each=3.0)) == 0


def test_workers_share_the_line() -> None:
    assert expected_wait_s(Backlog(waiting=20, running=2, seconds_each=0.5)) == 5
    assert expected_wait_s(Backlog(waiting=20, running=4, seconds_each=0.5)) == 2.5
    assert pace_s(Backlog(waiting=20, running=4, seconds_each=0.5)) == 0.125


def test_line_without_a_worker_counts_as_one() -> None:
    assert expected_wait_s(Backlog(waiting=6, running=0, seconds_each=0.5)) == 3


def test_pace_that_nobody_knows_is_assumed() -> None:
    backlog = Backlog(waiting=4, running=1, seconds_each=None)
    assert expected_wait_s(backlog) == 4 * UNKNOWN_PACE_S


def test_one_comes_back_when_half_of_the_line_is_gone() -> None:
    assert seconds_until_room(Backlog(60, 2, 1.0), limit_s=20) == 20
    assert seconds_until_room(Backlog(10, 2, 1.0), limit_s=20) == 0


@given(waiting=st.integers(0, 10_000), more=st.integers(0, 10_000), limit=st.floats(0.1, 600))
def test_a_longer_line_never_asks_back_sooner(waiting: int, more: int, limit: float) -> None:
    short, long = Backlog(waiting, 2, 1.0), Backlog(waiting + more, 2, 1.0)
    assert seconds_until_room(long, limit_s=limit) >= seconds_until_room(short, limit_s=limit)
