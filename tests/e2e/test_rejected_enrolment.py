"""From a rejected photo to an accepted one, in the sheet and without a script."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, PHONE
from tests.e2e.rejections import in_sunglasses, twice

REASON = "Eye surgery, glasses for six weeks."


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_a_manager_accepts_a_photo_and_the_guests_page_says_why(device, visit, demo_venue, scenes):
    guest_id = demo_venue.add_guest("Ada Okafor")
    photo = in_sunglasses(demo_venue.product, scenes.friend_alone())
    rejected = demo_venue.rejected(photo, guest_id)
    visitor = visit(device)
    page, say = visitor.page, visitor.say
    visitor.open(f"/enrolments/{rejected['id']}")
    expect(page.locator(".finding-title").first).to_have_text(say("Eyes covered"))
    visitor.press(page.get_by_text(say("Accept it anyway")))
    page.locator("#override-reason").fill(REASON)
    visitor.press(page.get_by_role("button", name=say("Enrol in spite of it")))
    expect(page.locator(".outcome-done")).to_be_visible(timeout=30_000)
    visitor.press(page.get_by_role("link", name=say("To the guest")))
    visitor.press(page.locator(".override-note summary"))
    expect(page.locator(".override-note")).to_contain_text(REASON)


def test_of_two_faces_the_guests_is_picked(visit, demo_venue, scenes):
    guest_id = demo_venue.add_guest("Ada Okafor")
    photo = twice(demo_venue.product, scenes.friend_alone())
    rejected = demo_venue.rejected(photo, guest_id)
    visitor = visit(DESKTOP)
    visitor.open(f"/enrolments/{rejected['id']}")
    visitor.press(visitor.page.get_by_role("button", name=visitor.say("The left one")))
    expect(visitor.page.locator(".outcome-done")).to_be_visible(timeout=30_000)
