"""A photo on its way: followed, left, come back to."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, PHONE
from tests.e2e.scenes import retouched
from tests.e2e.venue import engine_held

pytestmark = pytest.mark.usefixtures("demo_venue")

PHOTO_URL = re.compile(r"/photos/[0-9a-f-]{36}$")


def test_faces_appear_on_the_photo_as_they_are_found(visit, scenes):
    visitor = visit(PHONE)
    page = visitor.page
    with engine_held(visitor.product, "embed") as release:
        visitor.upload(scenes.evening())
        expect(page.locator("#live-boxes rect")).to_have_count(2)
        expect(page.locator("#live-image")).to_be_visible()
        expect(page.locator("[data-step=recognising]")).to_have_class(re.compile("is-current"))
        for name in ("received", "detecting"):
            expect(page.locator(f"[data-step={name}]")).to_have_class(re.compile("is-done"))
            expect(page.locator(f"[data-step={name}] .step-time")).not_to_be_empty()
        release()
    visitor.see_result()


def test_reload_in_the_middle_goes_on_to_the_result(visit, scenes):
    visitor = visit(DESKTOP)
    page = visitor.page
    with engine_held(visitor.product, "embed") as release:
        visitor.upload(scenes.evening())
        expect(page).to_have_url(PHOTO_URL)
        page.reload()
        expect(page.locator("#progress-title")).to_be_visible()
        expect(page.locator("[data-step=recognising]")).to_have_class(re.compile("is-current"))
        expect(page.locator("#live-boxes rect")).to_have_count(2)
        release()
    visitor.see_result()
    expect(page.locator("article.card")).to_have_count(2)


def test_closed_page_loses_nothing_and_the_door_shows_the_result(visit, scenes):
    visitor = visit(PHONE)
    page = visitor.page
    with engine_held(visitor.product, "embed") as release:
        visitor.upload(scenes.evening())
        expect(page).to_have_url(PHOTO_URL)
        visitor.open("/")
        row = page.locator(".recent-row").first
        expect(row).to_contain_text(visitor.say("Being looked at"))
        release()
    visitor.press(row)
    visitor.see_result()
    visitor.open("/")
    expect(row).to_contain_text(visitor.say.count("%(num)s face", "%(num)s faces", 2))


def test_long_wait_says_why(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    photo = scenes.known()
    with engine_held(visitor.product, "detect") as release:
        for _ in range(3):  # more than the two workers can look at
            photo = retouched(photo)
            demo_venue.submit(photo)
        visitor.upload(scenes.evening())
        reason = visitor.page.locator("#wait-reason")
        expect(reason).to_have_text(
            visitor.say("Waiting: {count} photos are before this one.").format(count=3)
        )
        release()
    visitor.see_result()


def test_back_leaves_the_result_and_forward_returns_to_it(visit, scenes):
    visitor = visit(DESKTOP)
    visitor.upload_and_see(scenes.known())
    photo_url = visitor.page.url
    visitor.page.go_back()
    expect(visitor.page.locator("#door-title")).to_be_visible()
    expect(visitor.page).to_have_url(f"{visitor.product.url}/")
    visitor.page.go_forward()
    expect(visitor.page).to_have_url(photo_url)
    visitor.see_result()


def test_link_to_one_face_of_a_photo_opens_at_its_card(visit, demo_venue, scenes):
    photo = demo_venue.identify(scenes.evening())
    visitor = visit(PHONE)
    visitor.open(f"/photos/{photo['id']}#face-2")
    card = visitor.page.locator("#face-2")
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
