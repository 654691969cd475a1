"""Which guests are new, come again, are regulars or stay away: by the nights on which they came.

Worked out whenever somebody asks and kept nowhere. Two visits of one night are one night, whatever
the venue; a night belongs to the day it began (``domain/night.py``), so neither time zones nor a
change of the clocks make two of one. The order of visits does not matter, and one more night never
puts a guest lower.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Segment(StrEnum):
    """From the lowest to the highest."""

    NEVER = "never"
    """On file, and no night is on record."""
    LAPSED = "lapsed"
    """Not here for long, however often before."""
    NEW = "new"
    """One night, not long ago."""
    RETURNING = "returning"
    """Came again."""
    REGULAR = "regular"
    """Comes often."""


ORDER = tuple(Segment)


@dataclass(frozen=True, slots=True)
class SegmentationPolicy:
    """``window_days`` is at most ``lapsed_after_days``: no regular has lapsed.

    A regular came on ``regular_nights`` of the last ``window_days`` nights, tonight among them.
    Somebody has lapsed whose last night is ``lapsed_after_days`` ago or more.
    """

    window_days: int
    regular_nights: int
    lapsed_after_days: int


POLICY = SegmentationPolicy(window_days=90, regular_nights=4, lapsed_after_days=120)
"""A night in three weeks makes a regular, a season without one a lapsed guest. Choices of this
product, measured on nobody: they are to be read as rules, not as findings."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """All that a segment goes by. ``last_night`` is None without any night."""

    nights: int
    nights_in_window: int
    last_night: date | None


def window_begins(tonight: date, policy: SegmentationPolicy) -> date:
    """The first night of the window."""
    return tonight - timedelta(days=policy.window_days - 1)


def attendance(nights: Iterable[date], *, tonight: date, policy: SegmentationPolicy) -> Attendance:
    """A night that began later than tonight, at a venue further east, is of the window too."""
    different = set(nights)
    since = window_begins(tonight, policy)
    return Attendance(
        nights=len(different),
        nights_in_window=sum(night >= since for night in different),
        last_night=max(different, default=None),
    )


def segment_of(seen: Attendance, *, tonight: date, policy: SegmentationPolicy) -> Segment:
    if seen.last_night is None:
        return Segment.NEVER
    if (tonight - seen.last_night).days >= policy.lapsed_after_days:
        return Segment.LAPSED
    if seen.nights_in_window >= policy.regular_nights:
        return Segment.REGULAR
    return Segment.RETURNING if seen.nights > 1 else Segment.NEW
