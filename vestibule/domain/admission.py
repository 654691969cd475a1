"""Whether one more photo can be worked on in time, or should rather come back."""

from dataclasses import dataclass

UNKNOWN_PACE_S = 0.5
"""Work on one photo, as long as none was finished lately: about two of docs/benchmarks.md's."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open photos, and the mean time of work on those that were finished last, if there are any.

    While photos wait, every worker has one: ``running`` is then how many workers there are.
    """

    waiting: int
    running: int
    seconds_each: float | None


def pace_s(backlog: Backlog) -> float:
    """From the beginning of one photo to that of the next, at the pace of the last ones."""
    each_s = UNKNOWN_PACE_S if backlog.seconds_each is None else backlog.seconds_each
    return each_s / max(backlog.running, 1)


def expected_wait_s(backlog: Backlog) -> float:
    """Until a photo that comes now would be begun."""
    return backlog.waiting * pace_s(backlog)


def seconds_until_room(backlog: Backlog, *, limit_s: float) -> float:
    """Until half of what may wait is gone, so that who comes back does not find it full again."""
    return max(0.0, expected_wait_s(backlog) - limit_s / 2)
