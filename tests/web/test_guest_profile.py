"""A guest's profile typed, refused in words, shown; search that tells who is written alike."""

from uuid import uuid4

import pytest

pytestmark = pytest.mark.anyio

PROFILE = {
    "name": "Zoé Lefèvre",
    "birth_date": "1996-03-14",
    "phone": "06 12 34 56 78",
    "email": "zoe@example.org",
    "language": "fr",
    "reference": "1042",
    "tags": "VIP, terrace",
    "notes": "",
}


async def test_profile_is_sent_as_the_api_takes_it_and_shown(browser, fake):
    await browser.open("/guests/new")
    page = await browser.submit("/guests", PROFILE)
    made = next(iter(fake.guests.values()))
    assert made["tags"] == ["VIP", "terrace"] and made["reference"] == "1042"
    assert "06 12 34 56 78" in page.text and 'href="/guests?tag=VIP"' in page.text


async def test_what_does_not_fit_is_said_beside_its_field_and_kept(browser):
    await browser.open("/guests/new")
    page = await browser.submit("/guests", {**PROFILE, "email": "nonsense"})
    assert page.status_code == 422
    assert 'id="email-error"' in page.text and 'value="nonsense"' in page.text
    assert 'value="VIP, terrace"' in page.text


async def test_minor_is_refused_in_words_and_not_stored(browser, fake):
    await browser.open("/guests/new")
    page = await browser.submit("/guests", {**PROFILE, "birth_date": "2012-01-01"})
    assert page.status_code == 422
    assert "under age" in page.text and fake.guests == {}


async def test_minor_on_file_is_offered_no_enrolment(browser, fake):
    guest = fake.add_guest(
        "Ada", faces=0, consent=False, minor=True, birth_date="2012-01-01", age=14
    )
    page = await browser.get(f"/guests/{guest['id']}")
    assert "Under age" in page.text and "Record a consent" not in page.text


async def test_address_of_a_merged_file_leads_to_the_other(browser, fake):
    kept = fake.add_guest("Ada")
    fake.merged["00000000-0000-4000-8000-000000000001"] = kept["id"]
    page = await browser.get("/guests/00000000-0000-4000-8000-000000000001")
    assert page.url.path == f"/guests/{kept['id']}"


async def test_slip_shows_who_is_written_alike(browser, fake):
    fake.add_guest("Zoé Lefebvre")
    fake.alike = ["Zoé Lefebvre"]
    page = await browser.get("/guests?query=lefevre")
    assert "Written alike" in page.text and "Lefebvre" in page.text


async def test_home_venue_is_asked_for_only_where_the_chain_has_several(browser):
    assert 'name="home_venue_id"' not in (await browser.get("/guests/new")).text


async def test_home_venue_is_the_one_of_whoever_asks_until_another_is_chosen(browser, fake):
    main, quay = fake.venues[0], {**fake.venues[0], "id": str(uuid4()), "name": "Quay"}
    fake.venues.append(quay)
    page = await browser.open("/guests/new")
    assert f'<option value="{main["id"]}" selected>' in page.text
    await browser.submit("/guests", {**PROFILE, "home_venue_id": quay["id"]})
    made = next(iter(fake.guests.values()))
    assert made["home_venue_id"] == quay["id"]
    page = await browser.open(f"/guests/{made['id']}/edit")
    assert f'<option value="{quay["id"]}" selected>' in page.text
    await browser.submit(f"/guests/{made['id']}", PROFILE)
    assert made["home_venue_id"] == quay["id"]


async def test_home_venue_that_is_none_is_refused_beside_its_field(browser, fake):
    fake.venues.append({**fake.venues[0], "id": str(uuid4()), "name": "Quay"})
    await browser.open("/guests/new")
    page = await browser.submit("/guests", {**PROFILE, "home_venue_id": str(uuid4())})
    assert page.status_code == 422 and 'id="home_venue_id-error"' in page.text
    assert fake.guests == {}
