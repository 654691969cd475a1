"""Times in words, by night and by language."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.web.i18n import VenueTime, Wording, load_catalogues
from services.web.main import STATIC_FOLDER

# Sunday 03:00 in Paris: still Saturday's night.
NOW = datetime(2026, 5, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def wording():
    catalogues = load_catalogues(STATIC_FOLDER.parent / "translations")
    time = VenueTime(ZoneInfo("Europe/Paris"), closes_at_hour=8, clock=lambda: NOW)
    return {name: Wording(name, catalogues[name], time=time) for name in ("en", "fr")}


@pytest.mark.parametrize(
    ("moment", "english"),
    [
        ("2026-05-02T21:30:00Z", "Already here tonight, since 23:30"),
        ("2026-05-02T01:00:00Z", "Last visit: last night"),
        ("2026-04-29T21:00:00Z", "Last visit: 3 nights ago"),
        ("2025-04-01T21:00:00Z", "Last visit: 1 April 2025"),
        (None, "No visit on record yet"),
    ],
)
def test_last_visit_is_counted_in_nights(wording, moment, english):
    assert wording["en"].last_visit(moment) == english


def test_french_counts_nights_its_own_way(wording):
    assert wording["fr"].last_visit("2026-04-29T21:00:00Z").endswith("il y a 3 nuits")


def test_an_upload_before_midnight_was_yesterday_after_it(wording):
    assert wording["en"].when("2026-05-02T20:14:00Z") == "yesterday at 22:14"
    assert wording["fr"].when("2026-05-03T00:14:00Z") == "aujourd’hui à 02:14"


def test_numbers_follow_the_language(wording):
    assert wording["en"].score(0.456) == "0.46"
    assert wording["fr"].score(0.456) == "0,46"


def test_end_at_midnight_closes_the_day_before(wording):
    assert wording["en"].last_day("2026-05-02T22:00:00Z") == "Sat 2 May"  # midnight in Paris


def test_plain_dates_are_days(wording):
    assert wording["en"].day("2026-05-02") == "Sat 2 May"
    assert wording["fr"].day("2026-05-02") == "sam. 2 mai"
    assert wording["fr"].day("2026-12-05") == "sam. 5 décembre"  # no dot before the sentence's own
