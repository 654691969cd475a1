"""Everything works as plain links and forms where scripts are off."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import PHONE, photo_file

pytestmark = pytest.mark.usefixtures("demo_venue")


def test_photo_is_uploaded_answered_and_enrolled_without_script(visit, scenes):
    visitor = visit(PHONE, java_script_enabled=False)
    page, say = visitor.page, visitor.say
    form = page.locator("form.upload-form")
    form.locator("input[type=file]").set_input_files(photo_file(scenes.evening()))
    visitor.press(form.get_by_role("button", name=say("Send the photo")))
    visitor.see_result()  # the page loads itself again until it is done

    visitor.press(visitor.card("known").get_by_role("button", name=say("Confirm")))
    expect(visitor.card("known")).to_contain_text(say("The visit is on record."))

    visitor.press(visitor.card("unknown").get_by_role("link", name=say("Enrol")))
    page.locator("#enrol-name").fill("Sacha Sansscript")
    visitor.press(page.get_by_role("button", name=say("Next: consent")))
    page.locator("[name=consent]").check()
    page.locator("[name=living_person]").check()
    visitor.press(page.get_by_role("button", name=say("Enrol the face")))
    expect(page.locator("h1")).to_have_text(say("%(name)s is enrolled", name="Sacha Sansscript"))


def test_guest_is_searched_corrected_and_deleted_without_script(visit, demo_venue):
    demo_venue.add_guest("Élodie Papier")
    visitor = visit(PHONE, java_script_enabled=False)
    page, say = visitor.page, visitor.say
    visitor.open("/guests")
    page.get_by_role("searchbox").fill("elodie")
    visitor.press(page.get_by_role("button", name=say("Search")))
    visitor.press(page.locator("a.row"))
    visitor.press(page.get_by_role("link", name=say("Correct")))
    page.locator("#name").fill("Élodie Plume")
    visitor.press(page.get_by_role("button", name=say("Save")))
    expect(page.locator("h1")).to_have_text("Élodie Plume")
    visitor.press(page.get_by_role("link", name=say("Delete this guest")))
    visitor.press(page.get_by_role("button", name=say("Delete %(name)s", name="Élodie Plume")))
    expect(page.locator("#messages")).to_contain_text("Élodie Plume")
    assert "Élodie Plume" not in [guest["name"] for guest in demo_venue.guests()]


def test_damaged_photo_is_refused_in_words_without_script(visit, scenes):
    visitor = visit(PHONE, java_script_enabled=False)
    visitor.expect_refusal(422)
    form = visitor.page.locator("form.upload-form")
    form.locator("input[type=file]").set_input_files(photo_file(scenes.known()[:9_000]))
    visitor.press(form.get_by_role("button", name=visitor.say("Send the photo")))
    expect(visitor.page.locator("h1")).to_have_text(
        visitor.say("The photo is damaged and was not read.")
    )
