"""Which night a moment belongs to: a night ends when the venue closes, not at midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def night_of(moment: datetime, *, timezone: str, closes_at_hour: int) -> date:
    """The local date on which the night began. ``moment`` must be timezone-aware."""
    local = moment.astimezone(ZoneInfo(timezone))
    return (local - timedelta(hours=closes_at_hour)).date()


def night_start(moment: datetime, *, timezone: str, closes_at_hour: int) -> datetime:
    """When the night that ``moment`` belongs to began, in UTC: closing time of the day before."""
    night = night_of(moment, timezone=timezone, closes_at_hour=closes_at_hour)
    local = datetime.combine(night, time(closes_at_hour), tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC)


def night_end(moment: datetime, *, timezone: str, closes_at_hour: int) -> datetime:
    """When the night that ``moment`` belongs to ends, in UTC: the next closing time."""
    night = night_of(moment, timezone=timezone, closes_at_hour=closes_at_hour)
    closing_day = night + timedelta(days=1)
    local = datetime.combine(closing_day, time(closes_at_hour), tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC)
