"""The main job without a pointer: every control is reached, seen and pressed by keys."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import DESKTOP, Visitor, photo_file

pytestmark = pytest.mark.usefixtures("demo_venue")

_RING = """element => {
  const style = getComputedStyle(element);
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return isOutlined || style.boxShadow !== "none";
}"""


def tab_to(visitor: Visitor, target: Locator, *, at_most: int = 40) -> None:
    """Press Tab until the target has the focus, and see that the focus is visible there."""
    expect(target).to_be_visible()
    for _ in range(at_most):
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(_RING), f"no focus ring on {target}"
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{at_most} times Tab do not reach {target}")


def test_photo_is_uploaded_read_and_its_face_enrolled_by_keyboard(visit, scenes):
    visitor = visit(DESKTOP)
    page, keys = visitor.page, visitor.page.keyboard
    tab_to(visitor, page.get_by_role("button", name="Choose photo"))
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(photo_file(scenes.evening()))
    visitor.see_result()
    expect(page.locator("#result-title")).to_be_focused()

    known, unknown = visitor.card("known"), visitor.card("unknown")
    tab_to(visitor, known.get_by_role("button", name="Confirm"))
    keys.press("Enter")
    expect(known).to_contain_text("The visit is on record.")
    expect(known).to_be_focused()

    tab_to(visitor, unknown.get_by_role("link", name="Enrol"))
    keys.press("Enter")
    sheet = page.locator("dialog#sheet")
    expect(sheet.locator("#enrol-name")).to_be_focused()
    keys.type("Noor Keys")
    keys.press("Enter")
    expect(sheet.locator("h1")).to_have_text("May we recognise Noor Keys?")
    tab_to(visitor, sheet.locator("[name=consent]"))
    keys.press("Space")
    expect(sheet.locator("[name=consent]")).to_be_checked()
    tab_to(visitor, sheet.locator("[name=living_person]"))
    keys.press("Space")
    tab_to(visitor, sheet.get_by_role("button", name="Enrol the face"))
    keys.press("Enter")
    expect(sheet.locator("h1")).to_have_text("Noor Keys is enrolled")
    tab_to(visitor, sheet.get_by_role("link", name="Back to the photo"))
    keys.press("Enter")
    expect(visitor.card("unknown")).to_contain_text("Enrolled from this photo")


def test_single_keys_walk_the_faces_and_answer(visit, scenes):
    visitor = visit(DESKTOP)
    page, keys = visitor.page, visitor.page.keyboard
    visitor.upload_and_see(scenes.evening())
    keys.press("j")
    expect(visitor.card("known")).to_be_focused()
    keys.press("y")
    expect(visitor.card("known")).to_contain_text("The visit is on record.")
    keys.press("j")
    expect(visitor.card("unknown")).to_be_focused()
    keys.press("e")
    expect(page.locator("#enrol-name")).to_be_focused()
    keys.type("jkyl")  # letters are letters in a field
    expect(page.locator("#enrol-name")).to_have_value("jkyl")
    keys.press("Escape")
    expect(page.locator("dialog#sheet")).not_to_be_visible()
    visitor.card("unknown").focus()
    keys.press("l")
    expect(visitor.card("unknown")).to_contain_text("Nothing of this face is kept")
    keys.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    keys.press("Escape")
    keys.press("g")
    expect(page.locator("#guests-title")).to_be_visible()
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_single_keys_can_be_turned_off(visit):
    visitor = visit(DESKTOP)
    page = visitor.page
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).not_to_be_visible()
    page.keyboard.press("?")
    page.keyboard.press("g")
    expect(page.locator("dialog#keys")).not_to_be_visible()
    expect(page.locator("#door-title")).to_be_visible()


def test_skip_link_leads_past_the_navigation(visit):
    visitor = visit(DESKTOP)
    visitor.open("/guests")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".skip-link")).to_be_focused()
    expect(visitor.page.locator(".skip-link")).to_be_in_viewport()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#main")).to_be_focused()
