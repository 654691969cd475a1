"""What is kept of a customer, and who is old enough."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vestibule.domain.age import age_on, day_at, is_minor
from vestibule.domain.contact import clean_email, clean_language, clean_phone, phone_key
from vestibule.domain.profile import cleaned

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 11, 26), TODAY, 18),
        (date(2008, 11, 27), TODAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_age_is_reached_on_the_birthday_and_not_before(born, day, age):
    assert age_on(born, day) == age
    assert is_minor(born, day, minimum_age=18) == (age < 18)


def test_nobody_is_a_minor_without_a_birth_date():
    assert not is_minor(None, TODAY, minimum_age=18)


def test_birthday_begins_at_midnight_of_the_venue():
    before_midnight_utc = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert day_at(before_midnight_utc, timezone="Europe/Paris") == TODAY


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033 6.12.34.56.78", "+33612345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("06 12 34 56 78", "0612345678"),
        ("１２３４５６", "123456"),
        ("12", None),
        ("+1 234 567 890 123 456", None),
        ("call me", None),
        ("06 12 34 56 78 x2", None),
    ],
)
def test_phone_is_written_in_one_way(written, kept):
    assert clean_phone(written) == kept


def test_same_phone_with_and_without_the_country_has_the_same_key():
    assert phone_key("+33612345678") == phone_key("0612345678") == "612345678"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Zoe@Example.ORG ", "zoe@example.org"),
        ("zoé@exämple.fr", "zoé@exämple.fr"),
        ("zoe@localhost", None),
        ("zoe@@example.org", None),
        ("zoe example.org", None),
        (".zoe@example.org", None),
        ("a..b@example.org", None),
        ("zoe@example.org\r\nBcc: all@example.org", None),
        ("z" * 65 + "@example.org", None),
    ],
)
def test_email_is_one_address_in_lower_case(written, kept):
    assert clean_email(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"), [("FR", "fr"), ("pt_br", "pt-BR"), ("french", None), ("f", None)]
)
def test_language_is_a_tag(written, kept):
    assert clean_language(written) == kept


def test_every_field_that_does_not_fit_is_named_with_its_code():
    profile = cleaned(
        {
            "name": " \u202e ",
            "birth_date": date(2027, 1, 1),
            "phone": "no",
            "email": "no",
            "language": "no way",
            "tags": ["x" * 41],
            "reference": "r" * 201,
            "notes": "n" * 4_001,
        },
        today=TODAY,
    )
    assert profile.problems == {
        "name": "empty",
        "birth_date": "in_the_future",
        "phone": "not_a_phone",
        "email": "not_an_email",
        "language": "not_a_language",
        "tags": "too_long",
        "reference": "too_long",
        "notes": "too_long",
    }


def test_empty_takes_a_field_off_and_tags_are_kept_once():
    profile = cleaned({"phone": " ", "email": None, "tags": ["VIP", " vip ", ""]}, today=TODAY)
    assert profile.values == {"phone": None, "email": None, "tags": ["VIP"]}


@pytest.mark.parametrize("asked", [0, 16, 17])
def test_venue_that_asked_for_less_than_the_law_is_held_to_the_law(asked):
    eighteen = date(TODAY.year - 18, TODAY.month, TODAY.day)
    assert is_minor(eighteen + timedelta(days=1), TODAY, minimum_age=asked)
    assert not is_minor(eighteen, TODAY, minimum_age=asked)
