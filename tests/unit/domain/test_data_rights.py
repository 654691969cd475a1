"""Deadlines of requests, counted as article 12(3) of the GDPR counts them."""

from datetime import date, timedelta

import pytest

from vestibule.domain.data_rights import due_on, extended_due_on


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ("2026-11-03", "2026-12-03", "2027-02-03"),
        ("2026-01-31", "2026-02-28", "2026-04-30"),
        ("2028-01-30", "2028-02-29", "2028-04-30"),
        ("2026-08-31", "2026-09-30", "2026-11-30"),
        ("2026-12-31", "2027-01-31", "2027-03-31"),
        ("2026-10-01", "2026-11-01", "2027-01-01"),  # Sunday and holiday; New Year's Day
        ("2026-02-28", "2026-03-28", "2026-05-28"),
    ],
)
@pytest.mark.duty("GDPR 12")
def test_art_12_month_ends_on_the_same_day_and_holidays_do_not_move_it(received, due, extended):
    day = date.fromisoformat(received)
    assert due_on(day) == date.fromisoformat(due)
    assert extended_due_on(day) == date.fromisoformat(extended)


@pytest.mark.duty("GDPR 12")
def test_art_12_who_asks_later_is_never_due_earlier():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(800)]
    assert [due_on(day) for day in days] == sorted(due_on(day) for day in days)
    assert all(28 <= (due_on(day) - day).days <= 31 for day in days)
    assert all(day < due_on(day) < extended_due_on(day) for day in days)
