"""Files as tills and spreadsheets write them, and what is wrong with the others, row by row."""

from datetime import UTC, datetime

import pytest

from services.api.purchase_csv import read_purchases
from vestibule.domain.errors import InvalidInputError

HEAD = "till,receipt,line,time,amount_minor,currency,category,alcohol_units,loyalty_number"
ROW = "bar-1,r1,1,2026-11-22T00:31:00+01:00,1250,EUR,cocktail,2.00,L-1"


def read(*rows: str, head: str = HEAD):
    return read_purchases("\n".join([head, *rows]).encode(), timezone="Europe/Paris")


def test_row_becomes_a_line():
    (line,) = read(ROW).lines
    assert (line.till, line.amount_minor, str(line.alcohol_units)) == ("bar-1", 1250, "2.00")
    assert line.loyalty_number == "L-1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_every_country_are_read(delimiter):
    text = f"\ufeff{HEAD}\r\n{ROW}\r\n".replace(",", delimiter)
    assert len(read_purchases(text.encode(), timezone="Europe/Paris").lines) == 1


def test_time_without_a_zone_is_the_venues_also_on_the_night_of_the_change():
    summer, winter = read(
        ROW.replace("2026-11-22T00:31:00+01:00", "2026-10-25 01:30"),
        ROW.replace("2026-11-22T00:31:00+01:00", "2026-10-25 03:30"),
    ).lines
    assert summer.occurred_at.astimezone(UTC) == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert winter.occurred_at.astimezone(UTC) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)


def test_hour_that_the_clocks_skip_is_told():
    found = read(ROW.replace("2026-11-22T00:31:00+01:00", "2026-03-29 02:30"))
    assert [(p.row, p.field) for p in found.problems] == [(2, "time")]
    assert "skip" in found.problems[0].problem


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW.replace("EUR", "EURO"), "currency"),
        (ROW.replace("EUR", "XXX"), "currency"),
        (ROW.replace("1250", "12.50"), "amount_minor"),
        (ROW.replace("2.00", "2.005"), "alcohol_units"),
        (ROW.replace("2.00", "-1"), "alcohol_units"),
        (ROW.replace("2.00", "NaN"), "alcohol_units"),
        (ROW.replace("2026-11-22T00:31:00+01:00", "yesterday"), "time"),
        (ROW.replace("cocktail", ""), "category"),
        (ROW.replace("L-1", ""), ""),
        (ROW + ",more", ""),
        ("bar-1,r1", ""),
    ],
)
def test_row_that_does_not_fit_is_told_and_the_others_are_read(row, field):
    found = read(ROW, row)
    assert len(found.lines) == 1
    assert {(p.row, p.field) for p in found.problems} == {(3, field)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"till,receipt\nx,y",
        f"{HEAD},extra\n".encode(),
        f"{HEAD},till\n".encode(),
        f'{HEAD}\n"never closed'.encode(),
        b"\x00" * 100,
        b"x" * 5_000_001,
    ],
)
def test_what_is_no_such_file_is_refused_whole(content):
    with pytest.raises(InvalidInputError):
        read_purchases(content, timezone="Europe/Paris")
