"""A night belongs to the day it began."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vestibule.domain.night import night_end, night_of, night_start

PARIS = {"timezone": "Europe/Paris", "closes_at_hour": 8}


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (datetime(2026, 11, 21, 22, 30, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 22, 6, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 22, 7, 0, tzinfo=UTC), date(2026, 11, 22)),
        # The hour that the clocks repeat in autumn, and the one they skip in spring.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 28)),
    ],
)
def test_night_ends_when_the_venue_closes(moment, night):
    assert night_of(moment, **PARIS) == night


def test_night_starts_at_the_last_closing_time():
    during = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    assert night_start(during, **PARIS) == datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def test_night_ends_at_the_next_closing_hour_and_not_at_midnight():
    def end(moment: datetime) -> datetime:
        return night_end(moment, timezone="Europe/Paris", closes_at_hour=8)

    closing = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)

    assert end(datetime(2026, 11, 21, 22, 0, tzinfo=UTC)) == closing
    assert end(datetime(2026, 11, 22, 3, 0, tzinfo=UTC)) == closing
    assert end(closing) == closing + timedelta(days=1)
