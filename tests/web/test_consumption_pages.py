"""Care is asked for at the door without a reason; figures are for those who may see them."""

import pytest

from tests.web.fake_consumption import consumption

pytestmark = pytest.mark.anyio

MUCH = {
    "purchases": 4,
    "money": [{"amount_minor": 4850, "currency": "EUR"}, {"amount_minor": 900, "currency": "JPY"}],
    "alcohol_units": 6.5,
}


async def test_guests_page_says_what_was_bought_and_asks_for_care(browser, fake):
    guest = fake.add_guest("Zoé Lefèvre")
    favourites = [{"category": "cocktail", "times": 6}]
    shown = {"care": "watch", "units_in_window": 6.5, "tonight": MUCH, "last_30_days": MUCH}
    fake.consumption = consumption(**shown, favourites=favourites)
    page = await browser.get(f"/guests/{guest['id']}")

    for words in ("Offer water, keep an eye.", "€48.50, JP¥900", "cocktail", "This is no reason"):
        assert words in page.text


async def test_who_may_not_see_purchases_sees_none_and_asks_for_none(browser, fake):
    fake.permissions = frozenset({"customers.view"})
    guest = fake.add_guest("Zoé Lefèvre")
    page = await browser.get(f"/guests/{guest['id']}")
    assert page.status_code == 200
    assert "At the bar" not in page.text


@pytest.mark.parametrize(
    ("care", "words"),
    [("watch", "Offer water, keep an eye."), ("care", "Look after them: water, a seat,")],
)
async def test_door_is_asked_to_take_care_and_told_no_figures(browser, fake, care, words):
    fake.permissions = frozenset({"photos.identify", "faces.answer"})
    fake.add_guest("Zoé Lefèvre")
    fake.care = care
    photo = fake.add_photo(b"photo")
    page = await browser.get(f"/photos/{photo['id']}")

    assert words in page.text
    assert "€" not in page.text
    assert "units of alcohol" not in page.text
