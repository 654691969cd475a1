"""A card says how many people look so much alike, and what it was learnt from."""

import re

import pytest

pytestmark = pytest.mark.anyio


async def result_page(browser, fake) -> str:
    for name in ("Ada Okafor", "Zoé Lefèvre"):
        fake.add_guest(name)
    photo = fake.add_photo(b"a photo")
    return (await browser.open(f"/photos/{photo['id']}")).text


def words_of(page: str) -> list[str]:
    details = re.findall(r'<details class="alike">(.*?)</details>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in details]


async def test_only_a_match_and_a_check_say_it_with_the_evidence(browser, fake):
    check, known = words_of(await result_page(browser, fake))

    assert "About 1 in 1,000 people look this much like the guest." in check
    assert "From the answers given here: 977,901 comparisons" in check
    assert "Fewer than 1 in 50,000 people look this much like the guest." in known
    assert "“venue-set”: 1,368 people" in known
    assert "up to 1 in 200,000" in known


async def test_it_is_not_called_the_chance_that_it_is_them(browser, fake):
    for words in words_of(await result_page(browser, fake)):
        assert "It is not the chance that this is the guest" in words


async def test_nothing_is_said_where_too_little_is_known(browser, fake, monkeypatch):
    monkeypatch.setattr("tests.web.fake_state.ALIKE", {})

    assert words_of(await result_page(browser, fake)) == []


async def test_it_goes_when_somebody_said_that_it_is_not_them(browser, fake):
    page = await result_page(browser, fake)
    face = next(f for p in fake.photos.values() for f in p["faces"] if f["decision"] == "MATCH")
    face["answer"] = "not_them"
    photo_id = re.search(r'name="photo_id" value="([^"]+)"', page).group(1)

    assert len(words_of((await browser.open(f"/photos/{photo_id}")).text)) == 1
