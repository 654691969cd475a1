"""Offers: for one guest, on their page, and for a segment."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue


def offer_stops(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest("Eileen Collins")["id"]
    visitor.open(f"/guests/{guest_id}/offer")
    visitor.expect_refusal(422)
    visitor.press(page.get_by_role("button", name=say("Make the offer")))
    expect(page.locator("#words-error")).to_be_visible()
    yield "guest-offer-refused"
    page.locator("#words_en").fill("A table on the terrace for the whole party " * 2)
    visitor.press(page.get_by_role("button", name=say("Make the offer")))
    expect(page.locator("#offers .offer").first).to_be_visible()
    yield "guest-offers"
    visitor.open("/offers")
    page.locator("#words_fr").fill("Un verre de bienvenue")
    visitor.press(page.get_by_role("button", name=say("Look first")))
    expect(page.locator("#seen-title")).to_be_visible()
    yield "offers-preview"
    visitor.press(page.locator("form[action='/offers/rounds'] button"))
    expect(page.locator("#rounds-title")).to_be_visible()
    yield "offers"
