"""The camera in the page, and what is said where there is none."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.usefixtures("demo_venue")


def test_photo_is_taken_with_the_shutter_and_recognised(visit):
    visitor = visit(PHONE, permissions=["camera"])
    page, say = visitor.page, visitor.say
    visitor.press(page.locator(".take"))
    shutter = page.get_by_role("button", name=say("Take the photo"))
    expect(shutter).to_be_enabled()
    expect(page.locator("#camera-status")).to_have_text(say("The camera is ready."))
    visitor.press(shutter)
    expect(page.locator("dialog#camera")).not_to_be_visible()
    visitor.see_result()
    expect(visitor.card("known").locator(".card-name")).to_have_text("Eileen Collins")


def test_closed_camera_stops_filming(visit):
    visitor = visit(DESKTOP, permissions=["camera"])
    page = visitor.page
    page.locator(".take").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
    page.evaluate("window.filmed = document.getElementById('camera-video').srcObject.getTracks()")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#camera")).not_to_be_visible()
    page.wait_for_function("window.filmed.every(track => track.readyState === 'ended')")


def test_denied_camera_says_so_and_offers_another_way(visit, scenes):
    visitor = visit(PHONE)
    page, say = visitor.page, visitor.say
    visitor.press(page.locator(".take"))
    problem = page.locator("#camera-problem")
    expect(problem).to_contain_text(
        say(
            "The camera is blocked for this page. Allow it in the browser’s address bar, "
            "or use the phone’s own camera."
        )
    )
    with page.expect_file_chooser() as chooser:
        visitor.press(problem.get_by_role("button", name=say("Choose photo")))
    chooser.value.set_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": scenes.known()})
    visitor.see_result()
