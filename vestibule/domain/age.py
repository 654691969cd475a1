"""How old somebody is on a day, and whether that is old enough to be a guest of a venue."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from vestibule.domain.jurisdiction import FRANCE

OLDEST = 120
"""Whoever would be older was mistyped."""


def day_at(moment: datetime, *, timezone: str) -> date:
    """The calendar's day there. A birthday begins at midnight, not when the night ends."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def age_on(birth_date: date, day: date) -> int:
    """In whole years. Who was born on 29 February is a year older on 1 March of other years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def is_minor(birth_date: date | None, day: date, *, minimum_age: int) -> bool:
    """Below the venue's age on that day, or the law's where the venue asked for less once.

    Nobody is a minor without a birth date.
    """
    least = max(minimum_age, FRANCE.minimum_age)
    return birth_date is not None and age_on(birth_date, day) < least
