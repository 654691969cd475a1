"""In by a link that works once, out by a button; language and appearance as one likes."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.usefixtures("demo_venue")


def test_spent_link_opens_nothing_and_says_how_to_get_another(visit, served):
    link = served.sign_in_url()
    first = visit.arrive(DESKTOP)
    first.page.goto(link)
    expect(first.page.locator(".tabs")).to_be_visible()
    second = visit.arrive(PHONE)
    second.expect_refusal(401)
    second.page.goto(link)
    expect(second.page.locator("h1")).to_have_text(second.say("This sign-in link no longer works"))
    expect(second.page.locator("#main")).to_contain_text("vestibule sign-in-link")
    expect(second.page.locator(".tabs")).to_have_count(0)


def test_page_of_somebody_who_is_not_signed_in_leads_to_the_sign_in_page(visit):
    visitor = visit.arrive(DESKTOP)
    for path in ("/", "/guests", "/system"):
        visitor.open(path)
        expect(visitor.page.locator("h1")).to_have_text("Sign in")


def test_sign_out_ends_the_session_everywhere_in_the_browser(visit):
    visitor = visit(PHONE)
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.product.url}/guests")
    visitor.press(visitor.page.get_by_role("button", name=visitor.say("Settings")))
    visitor.press(visitor.page.get_by_role("button", name=visitor.say("Sign out")))
    expect(visitor.page.locator("h1")).to_have_text(visitor.say("Sign in"))
    other.reload()
    expect(other.locator("h1")).to_have_text(visitor.say("Sign in"))
    visitor.page.go_back()
    expect(visitor.page.locator("h1")).to_have_text(visitor.say("Sign in"))


def test_language_is_switched_on_the_same_page_and_stays(visit):
    visitor = visit(DESKTOP)
    page = visitor.page
    visitor.open("/guests?query=zoe")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("h1")).to_have_text("Clients")
    expect(page.locator(".row-name")).to_have_text(["Zoé Lefèvre"])
    visitor.open("/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_theme_is_switched_and_stays(visit):
    visitor = visit(PHONE)
    page, say = visitor.page, visitor.say
    dark = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    visitor.press(page.get_by_role("button", name=say("Settings")))
    visitor.press(page.get_by_role("link", name=say("Light")))
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    visitor.open("/guests")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    light = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert light != dark
