"""What guests agree to by their own hand: drawn, typed, on their own phone, on paper."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.browsing import DESKTOP, PHONE, Device, Visitor, photo_file
from tests.people import link_for
from vestibule.domain.permissions import Role

pytestmark = pytest.mark.usefixtures("demo_venue")
TABLET = Device("tablet", 820, 1180, "fr", is_touched=True)
NAME = "Zoé Lefèvre"
WHAT_IS_DRAWN = "() => document.querySelector('canvas').toDataURL()"


@pytest.fixture
def guest(demo_venue) -> str:
    return f"/guests/{demo_venue.add_guest(NAME)}"


def test_drawn_signature_is_kept_and_shown_to_the_officer(visit, guest):
    visitor = visit(TABLET)
    page, say = visitor.page, visitor.say
    visitor.open(f"{guest}/consent/sign")
    expect(page.locator("nav.tabs, .alert-call")).to_have_count(0)  # it is in the guest's hands
    _draw_with_a_finger(page)
    page.get_by_role("button", name=say("Sign again")).click()
    page.locator("[name=purpose_recognition]").check()
    visitor.expect_refusal(422)
    _agree(visitor)
    expect(page.locator("#signature-error")).to_contain_text(say("Sign, or write your name."))

    _draw_with_a_finger(page)
    expect(page.locator("#signature-error")).to_have_count(0)
    drawn = page.evaluate(WHAT_IS_DRAWN)
    page.set_viewport_size({"width": TABLET.height, "height": TABLET.width})
    assert page.evaluate(WHAT_IS_DRAWN) == drawn
    shown = page.locator("canvas").bounding_box()
    assert shown is not None and shown["width"] / shown["height"] == pytest.approx(8 / 3, abs=0.05)

    page.locator("[name=purpose_recognition]").uncheck()
    _agree(visitor)
    expect(page.locator("#purposes-error")).to_be_visible()
    page.wait_for_function(
        "drawn => document.querySelector('canvas').toDataURL() === drawn", arg=drawn
    )
    page.locator("[name=purpose_recognition]").check()
    _agree(visitor)
    expect(page.locator("#messages")).to_contain_text(say("The consent is on record."))

    picture = _proof(_officer(visit), guest)
    assert picture.size == (960, 360)
    ink = np.asarray(picture.convert("L")) < 128
    assert 0.002 < ink.mean() < 0.2 and np.ptp(np.nonzero(ink)[1]) > 400


def test_who_cannot_draw_types_a_name_by_keyboard_and_it_is_recorded_as_typed(visit, guest):
    visitor = visit(DESKTOP)
    page, say = visitor.page, visitor.say
    visitor.open(f"{guest}/consent/sign")
    page.locator("[name=purpose_recognition]").focus()
    page.keyboard.press("Space")
    page.locator("#typed-name").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    expect(page.locator(".consent")).to_contain_text(say("in person, by typing their name"))


def test_guest_agrees_and_withdraws_on_their_own_phone_beside_the_staff(visit, guest):
    staff = visit(DESKTOP)
    phone = visit.arrive(PHONE)
    said = staff.page.locator("#phone-answer")
    for asks, button in (("give", "I agree"), ("withdraw", "Withdraw")):
        staff.open(f"{guest}/consent/phone?asks={asks}")
        staff.press(staff.page.get_by_role("button", name=staff.say("Show the QR code")))
        expect(said).to_contain_text(staff.say("Waiting for the guest’s answer"[:7]))
        phone.open(str(staff.page.locator(".secret a").get_attribute("href")))
        expect(phone.page.locator("nav.tabs")).to_have_count(0)
        phone.page.locator("[name=purpose_recognition]").check()
        phone.page.locator("#typed-name").fill(NAME)
        phone.press(phone.page.get_by_role("button", name=phone.say(button), exact=True))
        expect(phone.page.locator("h1")).to_have_text(phone.say("Thank you"))
        words = "The guest has agreed" if asks == "give" else "The guest has withdrawn"
        expect(said).to_contain_text(staff.say(words))  # nobody loaded the page again
    staff.press(said.get_by_role("link"))
    expect(staff.page.locator(".consent.is-withdrawn")).to_have_count(1)
    expect(
        staff.page.get_by_role("link", name=staff.say("What shows the withdrawal"))
    ).to_be_visible()
    phone.expect_refusal(410)
    phone.page.go_back()
    phone.page.reload()
    expect(phone.page.locator("section.problem")).to_be_visible()


def test_paper_is_scanned_and_the_scan_can_be_looked_at(visit, guest):
    visitor = visit(PHONE)
    page, say = visitor.page, visitor.say
    visitor.open(f"{guest}/consent/paper")
    page.locator("[name=purpose_recognition]").check()
    page.locator("#scan").set_input_files(photo_file(_paper(), "paper.png", "image/png"))
    visitor.press(page.get_by_role("button", name=say("Keep it")))
    expect(page.locator("#messages")).to_contain_text(say("The consent is on record."))
    scan = _proof(_officer(visit), guest)
    assert scan.size == (620, 877) and scan.getpixel((310, 400))[0] < 40


def _agree(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name=visitor.say("I agree"), exact=True).click()


def _draw_with_a_finger(page: Page) -> None:
    """Touches as a screen reports them: Playwright itself only taps.

    So quick a stroke would be a fling, whose end swallows the next tap: press with the mouse then.
    """
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    screen = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": box["x"] + box["width"] * at[0], "y": box["y"] + box["height"] * at[1]}]
        told = {"type": kind, "touchPoints": points if kind != "touchEnd" else []}
        screen.send("Input.dispatchTouchEvent", told)

    touch("touchStart", 0.2, 0.5)
    for step in range(1, 9):
        touch("touchMove", 0.2 + step * 0.07, 0.25 if step % 2 else 0.75)
    touch("touchEnd", 0, 0)
    expect(page.locator("[name=signature]")).to_have_value(re.compile("^data:image/png"))


def _officer(visit) -> Visitor:
    officer = visit.arrive(DESKTOP)
    runtime = officer.product.installation.runtime
    officer.open(f"/sign-in/{link_for(runtime, Role.DPO, name='Camille')}")
    return officer


def _proof(officer: Visitor, guest: str) -> Image.Image:
    """What the officer sees when they follow the link beside the consent."""
    officer.open(guest)
    link = officer.page.locator(f".consent a[href^='{guest}/proofs/']").first
    answer = officer.page.request.get(officer.product.url + str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.body()))


def _paper() -> bytes:
    paper = np.full((877, 620, 3), 245, np.uint8)
    paper[380:420, 100:520] = 10
    written = io.BytesIO()
    Image.fromarray(paper).save(written, "PNG")
    return written.getvalue()
