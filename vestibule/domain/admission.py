"""Whether one more photo can be worked on in time, or should rather come back."""

import math
from dataclasses import dataclass

UNKNOWN_PACE_S = 0.5
"""Work on one photo, as long as none was finished lately: about two of docs/benchmarks.md's."""

LONGEST_RETRY_S = 60


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open photos, and the mean time of work on those that were finished last, if there are any.

    While photos wait, every worker has one: ``running`` is then how many workers there are.
    """

    waiting: int
    running: int
    seconds_each: float | None


def expected_wait_s(backlog: Backlog) -> float:
    """Until a photo that comes now would be begun, at the pace of the last ones."""
    each_s = UNKNOWN_PACE_S if backlog.seconds_each is None else backlog.seconds_each
    return backlog.waiting * each_s / max(backlog.running, 1)


def retry_after_s(wait_s: float, *, limit_s: float) -> int:
    """Whole seconds until half of the limit is free again, so that not all come back to a full
    queue."""
    return min(max(1, math.ceil(wait_s - limit_s / 2)), LONGEST_RETRY_S)
