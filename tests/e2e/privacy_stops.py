"""The privacy desk: requests about data."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue


def privacy_stops(visitor: Visitor, venue: Venue, name: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(name)["id"]
    visitor.open("/privacy/requests")
    yield "requests-before"
    visitor.open(f"/privacy/requests/new?guest={guest_id}")
    page.locator("#words").fill("I want to know what you hold about me. " * 6)
    yield "request-new"
    visitor.press(page.get_by_role("button", name=say("Take it down")))
    expect(page.locator(".request-steps li")).to_have_count(1)
    yield "request"
    visitor.open("/privacy/requests")
    expect(page.locator(".entry-row").first).to_be_visible()
    yield "requests"
    yield from _own_page(visitor, venue)


def _own_page(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest("Eileen Collins")["id"]
    visitor.open(f"/guests/{guest_id}/own-page")
    yield "own-page-links"
    visitor.press(page.get_by_role("button", name=say("Make a link")))
    expect(page.locator(".qr svg")).to_be_visible()
    link = page.locator("pre code").inner_text()
    yield "own-page-link-made"
    visitor.open("/me")
    expect(page.locator("#own-door")).to_be_visible()
    yield "own-page-door"
    visitor.open("/privacy/requests")  # so that the link is a page of its own and not a fragment
    page.goto(link)
    expect(page.locator(".own .panel").first).to_be_visible()
    page.locator(".own details summary").first.click()
    yield "own-page"
    visitor.open("/me/erase")
    yield "own-page-erase"
    page.locator("[name=sure]").check()
    visitor.press(page.locator("button.button-final"))
    expect(page.locator(".own-request")).to_have_count(1)
    visitor.press(page.locator("form[action='/me/leave'] button"))
    expect(page.locator("#own-title")).to_be_visible()
    yield "own-page-left"
