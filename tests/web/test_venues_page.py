"""Venues of the chain: their hours, their minimum age, how many fit in."""

import pytest

from services.web.routes import venues
from vestibule.domain.jurisdiction import FRANCE

pytestmark = pytest.mark.anyio

QUAY = {
    "name": "Quay",
    "timezone": "Europe/Paris",
    "closes_at_hour": "7",
    "minimum_age": "21",
    "capacity": "250",
}


async def test_venue_is_opened_with_its_age_and_capacity(browser, fake):
    page = await browser.open("/system/venues")
    assert 'name="minimum_age" type="number" inputmode="numeric" min="18" max="25"' in page.text
    page = await browser.submit("/system/venues", QUAY)
    assert "Quay is saved." in page.text
    assert (fake.venues[-1]["minimum_age"], fake.venues[-1]["capacity"]) == (21, 250)


async def test_emptied_capacity_is_taken_away(browser, fake):
    main = fake.venues[0]
    main["capacity"] = 300
    await browser.open("/system/venues")
    await browser.submit(f"/system/venues/{main['id']}", {**QUAY, "capacity": " "})
    assert main["capacity"] is None


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("minimum_age", "17", "The minimum age is a whole number from 18 to 25."),
        ("minimum_age", "18.5", "The minimum age is a whole number from 18 to 25."),
        ("minimum_age", "", "The minimum age is a whole number from 18 to 25."),
        ("capacity", "0", "The capacity is a whole number from 1 to 100,000, or empty."),
        ("capacity", "100001", "The capacity is a whole number from 1 to 100,000, or empty."),
        ("capacity", "9" * 5000, "The capacity is a whole number from 1 to 100,000, or empty."),
    ],
)
async def test_what_does_not_fit_is_said_and_kept(browser, fake, field, typed, said):
    await browser.open("/system/venues")
    page = await browser.submit("/system/venues", {**QUAY, field: typed})
    assert page.status_code == 422
    assert said in page.text and f'value="{typed}"' in page.text
    assert len(fake.venues) == 1


def test_page_asks_for_what_the_law_asks_at_least():
    assert FRANCE.minimum_age == venues.LEAST_AGE
