"""What a person may say of a face, and the ways from a face to a guest."""

import re

import pytest
from playwright.sync_api import expect

from services.web.words import PROBLEMS
from tests.e2e.browsing import DESKTOP, PHONE
from tests.e2e.scenes import retouched

pytestmark = pytest.mark.usefixtures("demo_venue")

EXISTING = "Zoë Ångström"


def test_answer_can_be_taken_back(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    before = demo_venue.guest("Eileen Collins")["visit_count"]
    visitor.upload_and_see(retouched(scenes.known()))
    card = visitor.card("known")
    card.get_by_role("button", name="Confirm").click()
    expect(card).to_contain_text("The visit is on record.")
    card.get_by_role("button", name="Not them after all").click()
    expect(card).to_contain_text("No visit was recorded.")
    assert demo_venue.guest("Eileen Collins")["visit_count"] == before
    card.get_by_role("button", name="It is them after all").click()
    expect(card).to_contain_text("The visit is on record.")
    assert demo_venue.guest("Eileen Collins")["visit_count"] == before + 1


def test_not_them_records_no_visit(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    before = demo_venue.guest("Eileen Collins")["visit_count"]
    visitor.upload_and_see(scenes.known())
    card = visitor.card("known")
    card.get_by_role("button", name="Not them").click()
    expect(card).to_contain_text("No visit was recorded.")
    expect(card).to_contain_text("Is not")
    expect(visitor.page.locator(".tally")).to_have_text(["1 not known"])
    expect(visitor.page.locator(".frame-image")).to_have_attribute("src", re.compile("hidden=1"))
    assert demo_venue.guest("Eileen Collins")["visit_count"] == before
    # Else every later photo of hers would keep to that answer for the rest of the night.
    card.get_by_role("button", name="It is them after all").click()
    expect(card).to_contain_text("The visit is on record.")


def test_face_that_is_left_cannot_be_enrolled_any_more(visit, scenes):
    visitor = visit(DESKTOP)
    visitor.upload_and_see(scenes.evening())
    card = visitor.card("unknown")
    enrol_url = card.get_by_role("link", name="Enrol").get_attribute("href")
    card.get_by_role("button", name="Leave").click()
    expect(card).to_contain_text("Nothing of this face is kept")
    expect(card.get_by_role("link", name="Enrol")).to_have_count(0)
    visitor.page.reload()
    expect(visitor.card("unknown")).to_contain_text("Nothing of this face is kept")
    visitor.expect_refusal(409)
    visitor.open(str(enrol_url))
    expect(visitor.page.locator("h1")).to_have_text(PROBLEMS["hold_expired"].happened)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_unknown_face_is_enrolled_to_a_guest_found_by_search(device, visit, demo_venue, scenes):
    demo_venue.add_guest(EXISTING)
    visitor = visit(device)
    say = visitor.say
    visitor.upload_and_see(scenes.friend_alone())
    visitor.press(visitor.card("unknown").get_by_role("link", name=say("Enrol")))
    sheet = visitor.page.locator("dialog#sheet")
    sheet.locator("#enrol-name").press_sequentially("zoe ang")
    sheet.get_by_role("radio", name=EXISTING).check()
    visitor.press(sheet.get_by_role("button", name=say("Next: consent")))
    sheet.locator("[name=consent]").check()
    sheet.locator("[name=living_person]").check()
    visitor.press(sheet.get_by_role("button", name=say("Enrol the face")))
    expect(sheet.locator("h1")).to_have_text(say("%(name)s is enrolled", name=EXISTING))
    visitor.press(sheet.get_by_role("link", name=say("To the guest")))
    expect(visitor.page.locator("h1")).to_have_text(EXISTING)
    expect(visitor.page.locator(".guest-line")).to_contain_text(say("Can be recognised"))
    assert len([guest for guest in demo_venue.guests() if guest["name"] == EXISTING]) == 1
    assert demo_venue.guest(EXISTING)["consents"][0]["given_by"] == "the customer in person"


def test_guest_who_refuses_is_saved_without_face(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    visitor.upload_and_see(scenes.friend_alone())
    visitor.card("unknown").get_by_role("link", name="Enrol").click()
    sheet = visitor.page.locator("dialog#sheet")
    sheet.locator("#enrol-name").fill("Faceless Friend")
    sheet.get_by_role("button", name="Next: consent").click()
    sheet.get_by_role("button", name="Continue without face").click()
    expect(visitor.page.locator("#messages")).to_contain_text("Saved without a face")
    expect(visitor.page.locator(".guest-line")).to_contain_text("Not recognised")
    assert demo_venue.guest("Faceless Friend")["templates"] == []


def test_enrolment_can_be_closed_at_each_step_and_leaves_nothing(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    visitor.upload_and_see(scenes.friend_alone())
    sheet = visitor.page.locator("dialog#sheet")
    for reach_consent in (False, True):
        visitor.card("unknown").get_by_role("link", name="Enrol").click()
        expect(sheet.locator("#enrol-name")).to_be_focused()
        if reach_consent:
            sheet.locator("#enrol-name").fill("Nobody Yet")
            sheet.get_by_role("button", name="Next: consent").click()
            expect(sheet.locator(".notice").first).to_be_visible()
        visitor.page.keyboard.press("Escape")
        expect(sheet).not_to_be_visible()
    expect(visitor.card("unknown").get_by_role("link", name="Enrol")).to_be_visible()
    assert "Nobody Yet" not in [guest["name"] for guest in demo_venue.guests()]


def test_problem_during_enrolment_is_said_inside_the_sheet(visit, demo_venue, scenes):
    visitor = visit(DESKTOP)
    visitor.expect_refusal(409)
    visitor.upload_and_see(scenes.friend_alone())
    visitor.card("unknown").get_by_role("link", name="Enrol").click()
    sheet = visitor.page.locator("dialog#sheet")
    sheet.locator("#enrol-name").fill("Too Late")
    sheet.get_by_role("button", name="Next: consent").click()
    sheet.locator("[name=consent]").check()
    sheet.locator("[name=living_person]").check()
    demo_venue.leave_unknown_faces(visitor.page.url.rsplit("/", 1)[-1])  # somebody else was faster
    sheet.get_by_role("button", name="Enrol the face").click()
    expect(sheet).to_contain_text(PROBLEMS["conflict"].happened)


def test_withdrawn_consent_makes_the_guest_unknown(visit, demo_venue, scenes):
    guest_id = demo_venue.enrol(scenes.friend_alone(), "Ravi Withdraws")
    visitor = visit(DESKTOP)
    visitor.open(f"/guests/{guest_id}")
    visitor.page.get_by_role("button", name="Withdraw").click()
    expect(visitor.page.locator(".guest-line")).to_contain_text("Not recognised")
    visitor.open("/")
    visitor.upload_and_see(retouched(scenes.friend_alone()))
    expect(visitor.card("unknown")).to_contain_text("Not known here")


def test_name_of_markup_is_shown_as_it_was_typed(visit):
    name = '<img src=x onerror="alert(1)"> علي 🎉'
    visitor = visit(DESKTOP)
    visitor.open("/guests/new")
    visitor.page.locator("#name").fill(name)
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.locator("h1")).to_have_text(name)
    visitor.open("/guests")
    expect(visitor.page.get_by_text(name)).to_be_visible()


def test_search_forgives_accents_case_and_apostrophes(visit):
    visitor = visit(DESKTOP)
    names = visitor.page.locator(".row-name")
    visitor.open("/guests")
    for typed, found in (
        ("zoe lefevre", "Zoé Lefèvre"),
        ("ZOÉ", "Zoé Lefèvre"),
        ("n'guessan", "Jean-Baptiste N’Guessan"),
        ("ليلى", "ليلى حداد"),
    ):
        visitor.page.get_by_role("searchbox").fill(typed)
        expect(names).to_have_text([found])
