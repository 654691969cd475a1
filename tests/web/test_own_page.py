"""A guest's own page: nobody of the staff is there, and nothing of its way leaks."""

import re

import pytest

from tests.web.conftest import BASE
from tests.web.fake_own_page import LINK, own_data

pytestmark = pytest.mark.anyio
ORIGIN = {"Origin": BASE}


@pytest.fixture
async def guest(visitor):
    """Somebody at their own page."""
    page = await visitor.post("/me/session", data={"token": LINK}, headers=ORIGIN)
    assert page.status_code == 200, page.text
    await visitor.open("/me")
    return visitor


async def test_what_is_held_is_told_without_any_navigation_of_the_staff(guest):
    page = await guest.get("/me")
    for words in ("Alex Morel", "L’entrée vous est refusée jusqu’au", "1 visite", "cnil.fr"):
        assert words in page.text
    assert 'class="tabs"' not in page.text and 'href="/guests' not in page.text
    assert page.headers["cache-control"] == "private, no-store"


async def test_what_goes_when_is_said_and_what_is_near_stands_on_top(guest, fake):
    fake.own["profile"]["language"] = "en"
    fake.own["ends"][1] |= {"goes_at": "2028-12-24T12:00:00Z", "is_announced": True}
    fake.own["kept_back_until"] = "2029-03-01T12:00:00Z"
    page = await guest.get("/me")
    assert "Your face is removed on" in page.text and "24 December 2028" in page.text
    assert "Kept for 2 years, each from the night" in page.text
    assert "1 March 2029" in page.text and "not while something of yours is open" in page.text


async def test_staff_who_is_signed_in_too_is_a_guest_there(browser):
    await browser.post("/me/session", data={"token": LINK}, headers=ORIGIN)
    page = await browser.get("/me")
    assert "Ce que nous conservons" in page.text and 'class="tabs"' not in page.text


async def test_page_speaks_the_guests_language_until_another_is_chosen(guest, fake):
    assert '<html lang="fr"' in (await guest.get("/me", headers={"Accept-Language": "en"})).text
    await guest.get("/preferences?language=en&next=/me")
    assert '<html lang="en"' in (await guest.get("/me")).text
    fake.own = own_data(profile={**own_data()["profile"], "language": "tr"})
    assert (await guest.get("/me")).status_code == 200


async def test_token_is_in_no_address_and_in_no_page(guest, fake):
    page = await guest.get("/me")
    assert LINK not in page.text and LINK not in str(page.url)
    assert "own-token" not in page.text
    again = await guest.post("/me/session", data={"token": f"http://x/me#{LINK}"}, headers=ORIGIN)
    assert again.status_code == 200
    assert fake.own_asked[-1]["token"] == LINK
    assert fake.own_asked[-1]["browser_token"] == "this-browser"
    cookies = [one for one in guest.cookies.jar if one.name == "vestibule_me"]
    assert cookies and "own-token" not in str(cookies[0].value)


async def test_cookies_are_kept_from_scripts_and_other_sites(visitor):
    answer = await visitor.post(
        "/me/session", data={"token": LINK}, headers=ORIGIN, follow_redirects=False
    )
    made = answer.headers.get_list("set-cookie")
    assert len(made) == 2
    assert all("HttpOnly" in one and "samesite=strict" in one.lower() for one in made)


@pytest.mark.parametrize(("token", "words"), [("gone", "no longer opens"), ("too-often", "7")])
async def test_link_that_opens_nothing_says_what_to_do(visitor, token, words):
    page = await visitor.post("/me/session", data={"token": token}, headers=ORIGIN)
    assert page.status_code in (410, 429) and words in page.text


async def test_without_a_link_there_is_nothing_but_the_way_in(visitor):
    for path in ("/me", "/me/erase", "/me/data.zip"):
        page = await visitor.get(path)
        assert "Alex Morel" not in page.text and "own-door" in page.text
    assert (
        await visitor.get("/me/pictures/b7e1c2d3-0000-4000-8000-000000000012")
    ).status_code == 404


async def test_session_of_the_staff_opens_no_page_of_a_guest(browser):
    assert "own-door" in (await browser.get("/me")).text


@pytest.mark.parametrize(
    "path",
    ["/me/erase", "/me/contact", "/me/objections", "/me/appeal", "/me/requests", "/me/leave"],
)
async def test_forged_form_does_nothing(guest, fake, path):
    fake.own_asked.clear()
    for token in ("", "x", "0" * 43):
        page = await guest.post(path, data={"csrf_token": token, "sure": "yes"})
        assert page.status_code == 403
    assert fake.own_asked == []


async def test_way_in_is_not_opened_by_another_site(visitor, fake):
    answer = await visitor.post(
        "/me/session", data={"token": LINK}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403 and fake.own_asked == []


async def test_picture_opens_by_a_link_of_the_page_alone(guest):
    page = await guest.get("/me")
    (url,) = set(re.findall(r'src="(/me/pictures/[^"]+)"', page.text))
    assert (await guest.get(url.replace("&amp;", "&"))).headers["content-type"] == "image/jpeg"
    assert (await guest.get(url.partition("?")[0])).status_code in (403, 404, 410)


async def test_erasure_is_asked_for_only_with_the_box_ticked(guest, fake):
    fake.own_asked.clear()
    page = await guest.submit("/me/erase", {"words": "bye"})
    assert fake.own_asked == [] and page.status_code == 200
    await guest.submit("/me/erase", {"words": "bye", "sure": "yes"})
    assert fake.own_asked[-1]["right"] == "erasure"


async def test_what_does_not_fit_stays_as_it_was_typed(guest, fake):
    page = await guest.submit("/me/contact", {"email": "nowhere", "phone": "", "language": "fr"})
    assert page.status_code == 422 and 'value="nowhere"' in page.text
    page = await guest.submit("/me/requests", {"right": "access", "words": "<b>all</b>"})
    assert page.status_code == 409 and "&lt;b&gt;all&lt;/b&gt;" in page.text
    await guest.submit("/me/contact", {"email": "a@b.example", "phone": " ", "language": "fr"})
    assert fake.own_asked[-1]["phone"] is None and fake.own_asked[-1]["email"] == "a@b.example"


async def test_objections_are_what_is_ticked(guest, fake):
    await guest.submit("/me/objections", {"offers": "yes"})
    assert fake.own_asked[-1] == {
        "path": "/v1/me/objections",
        "to_statistics": False,
        "to_offers": True,
    }


async def test_what_people_wrote_is_no_markup(guest, fake):
    profile = {**own_data()["profile"], "name": "<script>x</script>", "notes": "<img src=x>"}
    fake.own = own_data(profile=profile)
    page = await guest.get("/me")
    assert "<script>x" not in page.text and "<img src=x>" not in page.text


async def test_leaving_ends_it_and_the_browser_forgets(guest):
    page = await guest.submit("/me/leave")
    assert page.status_code == 200
    assert "own-door" in (await guest.get("/me")).text


# ── what staff does ─────────────────────────────────────────────────────────────────────────
async def test_link_is_made_with_a_code_to_scan_and_taken_back(browser, fake):
    guest_id = fake.add_guest("Alex Morel")["id"]
    url = f"/guests/{guest_id}/own-page"
    await browser.open(url)
    page = await browser.submit(url, {"identity": "document_seen"})
    assert f"{BASE}/me#{LINK}" in page.text and "<svg" in page.text.split('class="qr"')[1]
    listed = await browser.open(url)
    assert LINK not in listed.text and "Take the link back" in listed.text
    page = await browser.submit(f"{url}/{fake.own_links[0]['id']}/take-back")
    assert "opens nothing any more" in page.text and fake.own_links == []
