"""The gallery's health in words, with faces side by side and what can be done."""

import pytest

from services.web.gallery_words import FINDINGS, GAPS
from tests.web.fake_gallery import finding

pytestmark = pytest.mark.anyio
URL = "/system/gallery"


async def test_gallery_that_was_never_looked_through_offers_to(browser, fake):
    fake.looked, fake.look_state = False, "never"
    page = await browser.open(URL)
    assert "Not looked through yet" in page.text and "Look through the gallery first." in page.text

    page = await browser.submit(f"{URL}/examination")
    assert "Guests done: 50/428." in page.text
    assert 'http-equiv="refresh"' in page.text


async def test_numbers_of_comparisons_and_of_chance_pairs_are_said(browser):
    page = await browser.get(URL)
    assert "428 guests with 1,103 faces" in page.text and "91,378 pairs" in page.text
    assert "about 5 pairs of different people look like one person by chance" in page.text


async def test_look_that_failed_is_said(browser, fake):
    fake.look_state = "failed"
    page = await browser.get(URL)
    assert "did not come to its end" in page.text


async def test_stray_face_is_shown_beside_the_other_guest_with_a_way_to_move_it(browser, fake):
    ada, ben = fake.add_guest("Ada", faces=2), fake.add_guest("Ben O’Hara")
    fake.findings.append(finding("nearer", ada, ben))
    page = await browser.get(URL)
    face, other = ada["templates"][0]["id"], ben["templates"][0]["id"]
    assert f"/templates/{face}/crop" in page.text and f"/templates/{other}/crop" in page.text
    assert "Move to Ben O’Hara" in page.text
    assert f"/guests/{ada['id']}/faces/{face}?query=Ben%20O%E2%80%99Hara" in page.text


async def test_two_different_people_are_not_shown_again_and_it_can_be_taken_back(browser, fake):
    pair = finding("duplicate", fake.add_guest("Ada"), fake.add_guest("Ben"))
    fake.findings.append(pair)
    page = await browser.open(f"{URL}?kind=duplicate")
    assert "These are two different people" in page.text

    fields = {"kind": "duplicate"}
    page = await browser.submit(f"{URL}/findings/{pair['id']}/right", fields)
    assert "Remembered" in page.text and "Nothing here" in page.text

    page = await browser.open(f"{URL}/judged")
    assert "Ada" in page.text and "Ben" in page.text
    judgement = fake.judgements[0]["id"]
    page = await browser.submit(f"{URL}/judged/{judgement}/take-back")
    assert "Taken back" in page.text
    assert fake.findings == [pair]


async def test_face_is_set_aside_from_the_finding_and_the_list_comes_back(browser, fake):
    ada = fake.add_guest("Ada", faces=2)
    fake.findings.append(finding("wrong_matches", ada, count=3))
    page = await browser.open(f"{URL}?kind=wrong_matches")
    assert "“Not them” was said 3 times." in page.text
    face = ada["templates"][0]["id"]
    page = await browser.submit(
        f"/guests/{ada['id']}/faces/{face}/set-aside", {"kind": "wrong_matches"}
    )
    assert str(page.url).endswith(f"{URL}?kind=wrong_matches")
    assert [t["id"] for t in ada["retired_templates"]] == [face]


async def test_foreign_address_is_never_gone_back_to(browser, fake):
    ada = fake.add_guest("Ada", faces=2)
    await browser.open("/")
    face = ada["templates"][0]["id"]
    page = await browser.submit(
        f"/guests/{ada['id']}/faces/{face}/set-aside", {"kind": "//evil.example"}
    )
    assert str(page.url).endswith(URL)


async def test_long_list_is_paged(browser, fake):
    for number in range(12):
        fake.findings.append(finding("poor", fake.add_guest(f"Guest {number:02}")))
    page = await browser.get(f"{URL}?kind=poor")
    assert page.text.count('class="gallery-finding"') == 10
    assert f"{URL}?kind=poor&amp;offset=10" in page.text
    rest = await browser.get(f"{URL}?kind=poor&offset=10")
    assert rest.text.count('class="gallery-finding"') == 2 and "Show more" not in rest.text


async def test_files_with_one_face_are_listed_with_a_way_to_them(browser, fake):
    ada = fake.add_guest("Ada", faces=1)
    page = await browser.get(f"{URL}?kind=single_face")
    assert f"/guests/{ada['id']}" in page.text and "One face only" in page.text


@pytest.mark.parametrize("query", ["kind=nonsense", "offset=-1", "offset=x", "offset=99999999999"])
async def test_odd_address_shows_the_first_page(browser, query):
    assert (await browser.get(f"{URL}?{query}")).status_code == 200


@pytest.mark.parametrize("kind", [*FINDINGS, *GAPS])
async def test_every_kind_says_what_it_means_and_what_to_do(browser, kind):
    page = await browser.get(f"{URL}?kind={kind}")
    words = {**FINDINGS, **GAPS}[kind]
    assert words.means in page.text and words.to_do in page.text
