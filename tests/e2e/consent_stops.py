"""Consent by the guest's own hand, the notice's desk, provisions of law, and erasures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue
from tests.people import headers, sign_in_as
from vestibule.domain.permissions import Role

BY_LAW = ("Safety of large nights", "Order around stadiums", "Peace of the neighbours")
ERASED = "Barthélemy-Emmanuel de la Rochefoucauld"


def consent_stops(visitor: Visitor, venue: Venue, name: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    guest_id = venue.guest(name)["id"]
    visitor.open("/privacy")  # leads to the first tab
    visitor.open("/privacy/consents")
    yield "consents-none-end"
    yield from _the_notice(visitor)
    visitor.open(f"/guests/{guest_id}/consent/sign")
    draw(page.locator("canvas"))
    visitor.expect_refusal(422)
    visitor.press(page.get_by_role("button", name=say("I agree")))
    expect(page.locator("#purposes-error")).to_be_visible()
    yield "consent-sign-refused"
    page.locator("[name=purpose_recognition]").check()
    visitor.press(page.get_by_role("button", name=say("I agree")))
    expect(page.locator(".consent")).to_have_count(1)
    visitor.open("/privacy/consents")
    expect(page.locator(".entry-row").first).to_be_visible()
    yield "consents"
    visitor.open(f"/guests/{guest_id}/consent/paper")
    yield "consent-paper"
    yield from _by_phone(visitor, guest_id)
    yield from _by_law(visitor, venue)
    yield from _erased(visitor, venue)


def draw(pad: Locator) -> None:
    """A signature of one stroke, from the left to the right of a canvas."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse, left, middle = pad.page.mouse, box["x"], box["y"] + box["height"] / 2
    mouse.move(left + box["width"] * 0.2, middle)
    mouse.down()
    for step in range(1, 9):
        rise = box["height"] * (0.25 if step % 2 else -0.25)
        mouse.move(left + box["width"] * (0.2 + step * 0.07), middle + rise)
    mouse.up()


def _the_notice(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/privacy/notices")
    page.locator("#validity").fill("30")  # so that what is agreed to ends soon
    visitor.press(page.get_by_role("button", name=say("Keep as a draft")))
    expect(page.locator("#draft-title")).to_be_visible()
    yield "notices-draft"
    visitor.press(page.get_by_role("button", name=say("Publish: show it to guests from now on")))
    expect(page.locator("#draft-title")).to_have_count(0)
    yield "notices"
    visitor.press(page.locator(".entry-row").first)
    expect(page.locator("#notice-title")).to_be_visible()
    yield "notice"


def _by_phone(visitor: Visitor, guest_id: str) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open(f"/guests/{guest_id}/consent/phone")
    visitor.press(page.get_by_role("button", name=say("Show the QR code")))
    expect(page.locator(".qr svg")).to_be_visible()
    yield "consent-phone"
    link = PurePosixPath(urlsplit(str(page.locator("#phone-answer").get_attribute("hx-get"))).path)
    visitor.open(str(page.locator(".secret a").get_attribute("href")))
    page.locator("[name=purpose_offers]").check()
    page.locator("#typed-name").fill("Maximiliane")
    yield "agree"
    visitor.press(page.get_by_role("button", name=say("I agree")))
    expect(page.locator(".empty")).to_be_visible()
    yield "agreed"
    visitor.open(str(link))
    expect(page.locator(".phone-answer ul")).to_be_visible()
    yield "consent-phone-answered"


def _by_law(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    for title in BY_LAW:
        _named_by_a_manager(visitor, venue, title)
    visitor.open("/privacy/provisions")
    page.locator("#provision-title").fill("Security of places open to the public")
    page.locator("#provision-reference").fill("Code, article L. 1, 1 January 2026")
    page.locator("#provision-wording").fill("Whoever runs such a place may compare faces. " * 3)
    page.locator("#provision-ends").fill("2026-01-01")
    visitor.expect_refusal(422)
    visitor.press(page.get_by_role("button", name=say("Name it")))
    expect(page.locator(".message-warning")).to_be_visible()
    yield "provisions-refused"
    decided, refused, open_still = (_provision(page, title) for title in BY_LAW)
    visitor.press(decided.get_by_role("button", name=say("Approve")))
    expect(decided.locator(".pill-known")).to_be_visible()
    visitor.press(refused.get_by_role("button", name=say("Refuse")))
    expect(refused.locator(".pill-unknown")).to_be_visible()
    expect(open_still.locator(".pill-check")).to_be_visible()
    yield "provisions-decided"
    visitor.press(decided.get_by_role("button", name=say("End it now")))
    visitor.press(open_still.get_by_role("button", name=say("Refuse")))
    expect(page.locator(".pill-check")).to_have_count(0)


def _named_by_a_manager(visitor: Visitor, venue: Venue, title: str) -> None:
    runtime = venue.product.installation.runtime
    body = {
        "title": title,
        "reference": "Code, article L. 1, 1 January 2026",
        "wording": "Whoever runs such a place may compare faces. " * 3,
        "ends_at": (runtime.clock.now() + timedelta(days=30)).isoformat(),
    }
    url = f"{visitor.product.url}/v1/legal-provisions"
    manager = headers(sign_in_as(runtime, Role.MANAGER, name="Ben Noir"))
    httpx.post(url, json=body, headers=manager, trust_env=False).raise_for_status()


def _provision(page: Page, title: str) -> Locator:
    """The latest of that title."""
    return page.locator("section.panel").filter(has=page.get_by_role("heading", name=title)).first


def _erased(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    venue.erase(venue.add_guest(ERASED))
    visitor.open("/privacy/erasures")
    page.locator(".erasure-list summary").first.click()
    yield "erasures"
    visitor.press(page.get_by_role("button", name=say("Look again everywhere")).first)
    expect(page.locator("#report-title")).to_be_visible()
    yield "erasures-verified"
    visitor.open("/privacy/erasures/places")
    yield "backup-places"
