"""The pages of incidents and of the till, as whoever works there sees them."""

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue


def incident_stops(visitor: Visitor, venue: Venue, name: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(name)["id"]
    visitor.open("/incidents/new")
    yield "incident-new"
    visitor.open(f"/incidents/new?guest={guest_id}")
    page.locator("[name=kind][value=harassment]").check()
    page.locator("[name=severity][value='4']").check()
    page.locator("#account").fill("Followed a guest to the cloakroom. " * 8)
    page.locator("[name=ago][value=at]").check()
    expect(page.locator("#at")).to_be_visible()
    page.get_by_role("button", name=say("Somebody else was in it")).click()
    expect(page.locator("#person-1-description")).to_be_focused()
    page.locator("#person-1-description").fill("W" * 90)
    page.locator("#guest-query").fill(name)
    page.locator("#guest-query").press("Enter")
    expect(page.locator(".incident-found li").first).to_be_visible()
    expect(page.locator("#account")).to_have_value(re.compile("cloakroom"))
    yield "incident-new-filled"
    page.locator("[name=ago][value='15']").check()
    visitor.press(page.get_by_role("button", name=say("Report"), exact=True))
    expect(page.locator(".incident-people li")).to_have_count(2)
    yield "incident"
    here = page.url.removeprefix(visitor.product.url)
    visitor.open(f"{here}/people?query=e")
    expect(page.locator(".incident-list li").first).to_be_visible()
    yield "incident-people"
    visitor.open(f"{here}/edit")
    page.locator("[name=severity][value='2']").check()
    yield "incident-edit"
    visitor.press(page.get_by_role("button", name=say("Save")))
    expect(page.locator(".incident-history li")).to_have_count(2)
    yield "incident-corrected"
    visitor.open("/incidents")
    yield "incidents"
    visitor.open("/incidents?state=closed&kind=fraud")
    yield "incidents-none"
    visitor.open("/till")
    yield "till"
    csv = b"till,receipt,time,amount_minor,currency,category\nbar,1,yesterday,700,EUR,beer\n"
    page.locator("#file").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": csv})
    visitor.press(page.get_by_role("button", name=say("Read the file")))
    expect(page.locator("#found-title")).to_be_visible()
    yield "till-looked-at"
