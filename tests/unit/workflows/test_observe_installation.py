"""Looking at an installation costs a hundredth of the time, however large it is."""

from datetime import UTC, datetime, timedelta

import pytest

from vestibule.workflows.observe_installation import LONGEST, Pauses

EVERY = timedelta(minutes=2)
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("took_s", "pause"),
    [
        (0.01, EVERY),
        (5.0, timedelta(seconds=500)),
        (600.0, LONGEST),
    ],
)
def test_look_that_takes_long_is_taken_less_often(took_s, pause):
    moments = iter([100.0, 100.0 + took_s])
    pauses = Pauses(EVERY, monotonic=lambda: next(moments))
    assert pauses.is_over(NOW)
    with pauses.after(NOW):
        pass
    assert not pauses.is_over(NOW + pause - timedelta(seconds=1))
    assert pauses.is_over(NOW + pause)


def test_look_that_failed_is_taken_again_at_once_and_so_is_a_forgotten_one():
    pauses = Pauses(EVERY)
    with pytest.raises(OSError, match="gone"), pauses.after(NOW):
        raise OSError("gone")
    assert pauses.is_over(NOW)
    with pauses.after(NOW):
        pass
    pauses.forget()
    assert pauses.is_over(NOW)
