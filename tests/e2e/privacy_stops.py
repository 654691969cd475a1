"""The privacy desk: requests about data."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue


def privacy_stops(visitor: Visitor, venue: Venue, name: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(name)["id"]
    visitor.open("/privacy/requests")
    yield "requests-none"
    visitor.open(f"/privacy/requests/new?guest={guest_id}")
    page.locator("#words").fill("I want to know what you hold about me. " * 6)
    yield "request-new"
    visitor.press(page.get_by_role("button", name=say("Take it down")))
    expect(page.locator(".request-steps li")).to_have_count(1)
    yield "request"
    visitor.open("/privacy/requests")
    expect(page.locator(".entry-row")).to_have_count(1)
    yield "requests"
