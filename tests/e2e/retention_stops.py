"""The privacy desk: what goes when, and what is held back."""

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue


def retention_stops(visitor: Visitor, venue: Venue, name: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(name)["id"]
    visitor.open("/privacy/retention")
    yield "retention"
    page.locator("#days-visit").fill("30")
    visitor.press(page.get_by_role("button", name=say("Show what it would do")))
    expect(page.locator("#trial-title")).to_be_visible()
    yield "retention-tried"
    visitor.open("/privacy/retention/reminders")
    yield "retention-reminders"
    visitor.open(f"/privacy/retention/holds?guest={guest_id}")
    yield "legal-hold-form"
    page.locator("#hold-reason").fill("The insurer asked for everything about that night. " * 4)
    page.locator("#hold-until").fill(page.locator("#hold-until").get_attribute("max") or "")
    visitor.press(page.get_by_role("button", name=say("Place the hold")))
    expect(page.locator("#kept-title")).to_be_visible()
    yield "guest-held"
    incident_id = venue.get("/v1/incidents")["items"][0]["id"]
    visitor.open(f"/privacy/retention/holds?incident={incident_id}")
    page.locator("#hold-reason").fill("The insurer asked for the whole night. " * 4)
    page.locator("#hold-until").fill(page.locator("#hold-until").get_attribute("max") or "")
    visitor.press(page.get_by_role("button", name=say("Place the hold")))
    expect(page).to_have_url(re.compile(r"/privacy/retention/holds$"))
    visitor.open(f"/incidents/{incident_id}")
    expect(page.locator(".hold-note").first).to_be_visible()
    yield "incident-held"
    visitor.open("/privacy/retention/holds")
    page.locator(".retention-holds summary").first.click()
    yield "legal-holds"
