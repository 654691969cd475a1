"""Which night a moment belongs to: a night ends when the venue closes, not at midnight."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def night_of(moment: datetime, *, timezone: str, closes_at_hour: int) -> date:
    """The local date on which the night began. ``moment`` must be timezone-aware."""
    local = moment.astimezone(ZoneInfo(timezone))
    return (local - timedelta(hours=closes_at_hour)).date()
