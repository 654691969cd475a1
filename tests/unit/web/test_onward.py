"""Where somebody is led after the sign-in: a page of this site, whatever the address says."""

import pytest

from services.web.onward import onward_path, own_path

ELSEWHERE = (
    "",
    "guests",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example/guests",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "\\\\evil.example",
    "/guests\r\nSet-Cookie: a=b",
    "/" + "a" * 2_000,
)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_what_is_no_path_of_this_site_leads_to_the_first_page(url):
    assert own_path(url) == onward_path(url) == "/"


@pytest.mark.parametrize(
    "url", ["/guests", "/guests?query=zo%C3%A9&tag=VIP", "/review/entries", "/guests?next=//evil"]
)
def test_page_of_this_site_stays(url):
    assert own_path(url) == onward_path(url) == url


@pytest.mark.parametrize("url", ["/sign-in", "/sign-in/code?next=/", "/sign-out", "/invitations/a"])
def test_pages_of_the_sign_in_itself_are_not_led_to(url):
    assert own_path(url) == url
    assert onward_path(url) == "/"
