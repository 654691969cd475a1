"""Guests listed, searched, opened, corrected, deleted; the door, the demo, the system."""

import httpx
import pytest

from services.web.sessions import CookieSealer

pytestmark = pytest.mark.anyio


async def test_search_keeps_the_query_in_the_address_and_the_field(browser, fake):
    fake.add_guest("Zoé Lefèvre")
    fake.add_guest("Ada Okafor")
    page = await browser.get("/guests?query=zo%C3%A9")
    assert 'value="zoé"' in page.text
    assert "Lefèvre" in page.text and "Okafor" not in page.text


async def test_typing_gets_only_the_list(browser, fake):
    fake.add_guest("Ada")
    answer = await browser.get("/guests?query=ada", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="guest-list">')
    assert "HX-Request" in answer.headers["vary"]


async def test_long_list_offers_more_and_works_as_a_link(browser, fake):
    for number in range(35):
        fake.add_guest(f"Guest {number:02}")
    page = await browser.get("/guests")
    assert page.text.count('class="row"') == 30
    assert "/guests?query=&amp;cursor=30" in page.text
    rest = await browser.get("/guests?query=&cursor=30", headers={"HX-Request": "true"})
    assert rest.text.count('class="row"') == 5
    assert "Show more" not in rest.text


async def test_nothing_found_offers_to_add_that_name(browser, fake):
    fake.add_guest("Ada")
    page = await browser.get("/guests?query=B%26o")
    assert "No guest is called “B&amp;o”" in page.text
    assert "/guests/new?name=B%26o" in page.text


async def test_correction_with_an_error_keeps_what_was_typed(browser, fake):
    guest = fake.add_guest("Ada", notes="old")
    await browser.open(f"/guests/{guest['id']}/edit")
    page = await browser.submit(f"/guests/{guest['id']}", {"name": "", "notes": "new words"})
    assert page.status_code == 422
    assert "A guest needs a name" in page.text and "new words" in page.text
    assert guest["notes"] == "old"


async def test_correction_is_saved_and_said_once(browser, fake):
    guest = fake.add_guest("Ada")
    await browser.open(f"/guests/{guest['id']}/edit")
    page = await browser.submit(f"/guests/{guest['id']}", {"name": "Ada L.", "notes": "n"})
    assert "Corrected." in page.text and "Ada L." in page.text
    again = await browser.get(f"/guests/{guest['id']}")
    assert "Corrected." not in again.text


@pytest.mark.parametrize("name", ["👩🏽‍🎤 Zoë", "ليلى حداد", "x" * 10_000, "O'Brien & <Sons>"])
async def test_unusual_names_are_typed_shown_and_refused_in_words(browser, fake, name):
    await browser.open("/guests/new")
    page = await browser.submit("/guests", {"name": name, "notes": ""})
    if len(name) > 200:
        assert page.status_code == 422 and "at most 200 characters" in page.text
    else:
        assert page.status_code == 200
        assert next(iter(fake.guests.values()))["name"] == name


async def test_delete_names_the_guest_and_says_what_was_removed(browser, fake):
    guest = fake.add_guest("Ada", faces=2)
    page = await browser.open(f"/guests/{guest['id']}/delete")
    assert "Delete Ada?" in page.text and "2 faces on file" in page.text
    page = await browser.submit(f"/guests/{guest['id']}/delete", {"name": "Ada"})
    assert page.url.path == "/guests"
    assert "Ada was deleted: the name and the notes, 2 faces, 3 pictures, 1 visit." in page.text
    assert (await browser.get(f"/guests/{guest['id']}")).status_code == 404


async def test_consent_is_withdrawn_and_recorded_again(browser, fake):
    guest = fake.add_guest("Ada")
    url = f"/guests/{guest['id']}"
    await browser.open(url)
    page = await browser.submit(f"{url}/consents/{guest['consents'][0]['id']}/withdraw")
    assert "no photo recognises this guest" in page.text and "Not recognised" in page.text
    page = await browser.submit(f"{url}/consents", {"consent": "given"})
    assert "Can be recognised" in page.text


async def test_consent_without_the_tick_is_not_recorded(browser, fake):
    guest = fake.add_guest("Ada", consent=False)
    await browser.open("/")
    page = await browser.submit(f"/guests/{guest['id']}/consents", {})
    assert page.url.path.endswith("/consent")
    assert guest["consents"] == []


async def test_one_face_is_removed(browser, fake):
    guest = fake.add_guest("Ada", faces=2)
    await browser.open("/")
    template = guest["templates"][0]["id"]
    page = await browser.submit(f"/guests/{guest['id']}/templates/{template}/remove")
    assert "no longer compared" in page.text
    assert len(guest["templates"]) == 1


async def test_empty_venue_is_greeted_with_two_ways(browser):
    page = await browser.get("/")
    assert "Load demo guests" in page.text and "Upload a photo" in page.text


async def test_demo_loads_and_then_offers_photos_to_try(browser):
    await browser.open("/")
    loading = await browser.post(
        "/demo", headers={"X-CSRF-Token": browser.token, "HX-Request": "true"}
    )
    assert "/demo/progress" in loading.text and "every 1s" in loading.text
    await browser.get("/demo/progress", headers={"HX-Request": "true"})
    ready = await browser.get("/demo/progress", headers={"HX-Request": "true"})
    assert ready.headers["hx-redirect"] == "/"
    page = await browser.open("/")
    assert "Try a sample photo" in page.text
    page = await browser.submit("/demo/samples/s0/photo")
    assert page.url.path.startswith("/photos/")


async def test_system_says_in_words_what_is_not_ready(browser, fake):
    page = await browser.get("/system")
    assert "Everything works" in page.text
    fake.ready = False
    page = await browser.get("/system")
    assert "Not everything is ready" in page.text and "the index of faces" in page.text


async def test_system_says_that_photos_wait_while_no_worker_takes_them(browser, fake):
    fake.photos_wait_for = ["worker"]
    page = await browser.get("/system")
    assert "Everything works" not in page.text
    assert "Photos are taken in and kept." in page.text
    assert "the workers that look at photos" in page.text


async def test_system_warns_of_an_index_that_lies_readable_on_the_disk(browser, fake):
    assert "lies readable on the disk" not in (await browser.get("/system")).text
    fake.index_at_rest = "plain"
    assert "lies readable on the disk" in (await browser.get("/system")).text


async def test_unreachable_api_is_said_and_tried_again(make_app):
    def refuse(_request):
        raise httpx.ConnectError("refused")

    app = make_app(transport=httpx.MockTransport(refuse))
    sealed = CookieSealer(b"k" * 32).seal({"token": "t", "expires_at": "2999-01-01T00:00:00+00:00"})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://v.test",
        cookies={"vestibule": sealed},
    ) as client:
        page = await client.get("/")
        assert page.status_code == 503
        assert "does not answer" in page.text and 'http-equiv="refresh"' in page.text
        fragment = await client.get("/guests", headers={"HX-Request": "true"})
        assert fragment.headers["hx-retarget"] == "#messages"
        assert "<html" not in fragment.text
