"""An offer says what and until when, and is one thing at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.offers import OfferKind, OfferState, OfferTerms, checked_terms, state_of

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = OfferTerms(OfferKind.DRINK, "A drink", "", NOW, NOW + 7 * DAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words_en": "  "}, "words_en"),
        ({"words_fr": "x" * 121}, "words_fr"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + 181 * DAY}, "ends_at"),
        ({"starts_at": NOW + 2 * DAY, "ends_at": NOW + DAY}, "ends_at"),
        ({"starts_at": NOW - 9 * DAY, "ends_at": NOW - DAY}, "ends_at"),
        ({"starts_at": NOW + 181 * DAY, "ends_at": NOW + 182 * DAY}, "starts_at"),
    ],
)
def test_what_does_not_fit_is_named(changes, field):
    with pytest.raises(InvalidInputError) as refused:
        checked_terms(replace(TERMS, **changes), now=NOW)
    assert refused.value.facts["fields"] == [field]


def test_words_are_tidied():
    assert checked_terms(replace(TERMS, words_en=" A \n drink "), now=NOW).words_en == "A drink"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OfferState.OPEN),
        ({"starts_at": NOW + DAY}, OfferState.WAITING),
        ({"ends_at": NOW}, OfferState.EXPIRED),
        ({"ends_at": NOW, "redeemed_at": NOW - DAY}, OfferState.REDEEMED),
        ({"ends_at": NOW, "taken_back_at": NOW - DAY}, OfferState.TAKEN_BACK),
    ],
)
def test_state_is_one_of_them(changes, state):
    told = {"starts_at": NOW, "ends_at": NOW + DAY, "redeemed_at": None, "taken_back_at": None}
    assert state_of(**{**told, **changes}, now=NOW) is state
