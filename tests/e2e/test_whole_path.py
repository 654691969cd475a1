"""The main job as a person does it: link, demo, photo, enrol, known, deleted, not known."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, PHONE, Visitor
from tests.e2e.venue import engine_held
from vestibule.workflows.demo_guests import GUESTS

FRIEND = "Chloé O’Brien"
CORRECTED = "Chloé O’Brien-Müller"
STEPS = ["received", "detecting", "recognising", "done"]


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_whole_path_from_link_to_deleted_guest(device, visit, empty_venue, scenes):
    visitor = visit(device)
    arrive_at_the_empty_venue(visitor)
    load_the_demo(visitor)
    upload_with_progress(visitor, scenes.evening())
    compare_what_the_cards_say(visitor)
    go_between_box_and_card(visitor)
    confirm_the_known_guest(visitor, empty_venue)
    enrol_the_unknown_guest(visitor)
    be_recognised(visitor, scenes.friend_alone())
    find_and_correct(visitor)
    delete(visitor)
    be_unknown_again(visitor, scenes.friend_again())


def arrive_at_the_empty_venue(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    expect(page).to_have_url(f"{visitor.product.url}/")
    expect(page.locator("html")).to_have_attribute("lang", say.language)
    expect(page.locator("h1")).to_have_text(say("Nobody is on file yet"))
    ways = page.locator(".way")
    expect(ways).to_have_count(2)
    expect(ways.nth(0).get_by_role("button", name=say("Load demo guests"))).to_be_visible()
    expect(ways.nth(1).get_by_role("button", name=say("Upload a photo"))).to_be_visible()


def load_the_demo(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    with engine_held(visitor.product, "detect") as release:
        visitor.press(page.get_by_role("button", name=say("Load demo guests")))
        loading = page.locator(".demo-loading")
        expect(loading).to_contain_text(say("Loading the demo guests."))
        expect(loading).to_contain_text(
            say("Guest %(done)s of %(total)s.", done=1, total=len(GUESTS))
        )
        release()
    expect(page.locator("h1")).to_have_text(say("Tonight"), timeout=60_000)
    expect(page.locator(".sample")).to_have_count(5)


def upload_with_progress(visitor: Visitor, content: bytes) -> None:
    page, say = visitor.page, visitor.say
    is_events = re.compile(r"/photos/[^/]+/events$")
    with page.expect_response(is_events) as stream:
        visitor.upload(content)
        expect(page.locator("#live-image")).to_be_visible()
        names = [say("Finding faces"), say("Recognising"), say("Done")]
        expect(page.locator(".step-name")).to_contain_text([re.compile("."), *names])
    assert stream.value.headers["content-type"].startswith("text/event-stream")
    visitor.see_result()
    assert page.evaluate("window.shownSteps") == STEPS
    expect(page).to_have_url(re.compile(r"/photos/[0-9a-f-]{36}$"))
    expect(page.locator("#result-title")).to_be_focused()
    expect(page.locator("#result-title")).to_have_text(
        say.count("%(num)s face", "%(num)s faces", 2)
    )


def compare_what_the_cards_say(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    expect(page.locator("svg.boxes a.box .box-number")).to_have_text(["1", "2"])
    known, unknown = visitor.card("known"), visitor.card("unknown")
    expect(known.locator(".card-name")).to_have_text("Barack Obama")
    expect(known).to_contain_text(say("Looks like"))
    expect(known).to_contain_text(
        say.count("Last visit: %(num)s night ago", "Last visit: %(num)s nights ago", 3)
    )
    expect(known.locator("figcaption")).to_have_text([say("On file"), say("Just now")])
    for picture in known.locator("img").all():
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(known.locator(".scale-threshold")).to_have_count(1)
    expect(known.locator(".scale-score")).to_have_count(1)
    expect(known.locator(".scale-words")).to_have_text(re.compile(r"0[.,]\d\d.* 0[.,]\d\d"))
    expect(known.get_by_role("button", name=say("Confirm"))).to_be_visible()
    expect(known.get_by_role("button", name=say("Not them"))).to_be_visible()
    expect(unknown.locator(".card-name")).to_have_text(say("Not known here"))
    expect(unknown.get_by_role("link", name=say("Enrol"))).to_be_visible()
    expect(unknown.get_by_role("button", name=say("Leave"))).to_be_visible()


def go_between_box_and_card(visitor: Visitor) -> None:
    page = visitor.page
    for number in ("1", "2"):
        box, card = page.locator(f"#box-{number}"), page.locator(f"#face-{number}")
        visitor.press(box)
        expect(card).to_be_focused()
        expect(card).to_have_class(re.compile("is-lit"))
        expect(card).to_be_in_viewport()
        visitor.press(card.locator("a.number"))
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport()


def confirm_the_known_guest(visitor: Visitor, venue) -> None:
    say, known = visitor.say, visitor.card("known")
    before = venue.guest("Barack Obama")["visit_count"]
    visitor.press(known.get_by_role("button", name=say("Confirm")))
    expect(known).to_contain_text(say("The visit is on record."))
    expect(known).to_contain_text(say("This is"))
    expect(known).to_be_focused()
    assert venue.guest("Barack Obama")["visit_count"] == before + 1


def enrol_the_unknown_guest(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    visitor.press(visitor.card("unknown").get_by_role("link", name=say("Enrol")))
    sheet = page.locator("dialog#sheet")
    expect(sheet.locator("h1")).to_have_text(say("Who is it?"))
    expect(sheet.locator("#enrol-name")).to_be_focused()
    sheet.locator("#enrol-name").fill(FRIEND)
    visitor.press(sheet.get_by_role("button", name=say("Next: consent")))
    expect(sheet.locator("h1")).to_have_text(say("May we recognise %(name)s?", name=FRIEND))
    expect(sheet.locator(".notice").first).to_be_visible()
    visitor.expect_refusal(422)  # nobody has agreed yet
    visitor.press(sheet.get_by_role("button", name=say("Enrol the face")))
    expect(sheet.locator(".field-error")).to_be_visible()
    sheet.locator("[name=consent]").check()
    sheet.locator("[name=living_person]").check()
    visitor.press(sheet.get_by_role("button", name=say("Enrol the face")))
    expect(sheet.locator("h1")).to_have_text(say("%(name)s is enrolled", name=FRIEND))
    visitor.press(sheet.get_by_role("link", name=say("Back to the photo")))
    expect(sheet).not_to_be_visible()
    expect(visitor.card("unknown")).to_contain_text(say("Enrolled from this photo"))


def be_recognised(visitor: Visitor, content: bytes) -> None:
    visitor.open("/")
    visitor.upload_and_see(content)
    expect(visitor.card("known").locator(".card-name")).to_have_text(FRIEND)
    expect(visitor.page.locator("article.card")).to_have_count(1)


def find_and_correct(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    visitor.press(page.get_by_role("navigation").get_by_role("link", name=say("Guests")))
    names = page.locator(".row-name")
    expect(names).to_have_count(len(GUESTS) + 1)
    page.get_by_role("searchbox").press_sequentially("zoe lef")
    expect(names).to_have_text(["Zoé Lefèvre"])
    page.get_by_role("searchbox").fill("CHLOE")
    expect(names).to_have_text([FRIEND])
    visitor.press(page.locator("a.row"))
    expect(page.locator("h1")).to_have_text(FRIEND)
    visitor.press(page.get_by_role("link", name=say("Correct")))
    page.locator("#name").fill(CORRECTED)
    visitor.press(page.get_by_role("button", name=say("Save")))
    expect(page.locator("#messages")).to_contain_text(say("Corrected."))
    expect(page.locator("h1")).to_have_text(CORRECTED)


def delete(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    guest_url = page.url
    visitor.press(page.get_by_role("link", name=say("Delete this guest")))
    sheet = page.locator("dialog#sheet")
    expect(sheet.locator("h1")).to_have_text(say("Delete %(name)s?", name=CORRECTED))
    visitor.press(sheet.get_by_role("button", name=say("Delete %(name)s", name=CORRECTED)))
    expect(page.locator("h1")).to_have_text(say("Guests"))
    expect(page.locator("#messages")).to_contain_text(CORRECTED)
    expect(page.locator(".row-name")).to_have_count(len(GUESTS))
    expect(page.locator("#guest-list")).not_to_contain_text(CORRECTED)
    visitor.expect_refusal(404)
    page.goto(guest_url)
    expect(page.locator("h1")).to_have_text(say("There is nothing here by this address."))


def be_unknown_again(visitor: Visitor, content: bytes) -> None:
    visitor.open("/")
    visitor.upload_and_see(content)
    expect(visitor.card("unknown")).to_contain_text(visitor.say("Not known here"))
    expect(visitor.page.locator("article.card")).to_have_count(1)
