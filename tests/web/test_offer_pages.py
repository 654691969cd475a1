"""Offers: one tap at the door, said to the second one too; looked at before a segment gets one."""

import re

import pytest

from tests.web.fake_offers import offer

pytestmark = pytest.mark.anyio

DOOR = frozenset({"photos.identify", "faces.answer", "offers.redeem"})
HTMX = {"HX-Request": "true"}


async def at_the_door(browser, fake, **fields):
    """A known guest with an offer, on a photo."""
    fake.add_guest("Zoé Lefèvre")
    made = offer(**fields)
    fake.offers, fake.open_offers = [made], [made]
    photo = fake.add_photo(b"photo")
    page = await browser.open(f"/photos/{photo['id']}")
    face = next(one for one in photo["faces"] if one["decision"] == "MATCH")
    return made, {"photo_id": photo["id"], "face_id": face["id"]}, page


async def test_door_sees_words_and_redeems_with_one_tap_and_may_undo_it(browser, fake):
    fake.permissions = DOOR
    made, on_card, page = await at_the_door(browser, fake)
    assert "A welcome drink" in page.text
    assert "Regulars" not in page.text

    card = await browser.submit(f"/offers/{made['id']}/redeem", on_card, headers=HTMX)
    assert made["state"] == "redeemed"
    assert "Redeemed:" in card.text
    assert f"/offers/{made['id']}/redeem" not in card.text

    card = await browser.submit(f"/offers/{made['id']}/undo", on_card, headers=HTMX)
    assert made["state"] == "open"
    assert "The offer is open again." in card.text


async def test_second_door_is_told_that_the_first_was_quicker(browser, fake):
    made, on_card, _ = await at_the_door(browser, fake)
    made["state"] = "redeemed"
    card = await browser.submit(f"/offers/{made['id']}/redeem", on_card, headers=HTMX)
    assert card.status_code == 200
    assert "It is not given twice." in card.text


async def test_without_script_the_photo_comes_back_and_says_it(browser, fake):
    made, on_card, _ = await at_the_door(browser, fake)
    page = await browser.submit(f"/offers/{made['id']}/redeem", on_card)
    assert page.url.path == f"/photos/{on_card['photo_id']}"
    assert "Redeemed." in page.text


async def test_who_may_not_redeem_reads_the_words_and_has_no_button(browser, fake):
    fake.permissions = DOOR - {"offers.redeem"}
    _, _, page = await at_the_door(browser, fake)
    assert "A welcome drink" in page.text
    assert "/redeem" not in page.text


async def test_guest_that_is_not_them_has_no_offer_on_the_card(browser, fake):
    _, on_card, _ = await at_the_door(browser, fake)
    path = f"/faces/{on_card['face_id']}/answer"
    said = {"photo_id": on_card["photo_id"], "answer": "not_them"}
    card = await browser.submit(path, said, headers=HTMX)
    assert "A welcome drink" not in card.text


async def test_words_are_those_of_the_pages_language_or_the_only_ones(browser, fake):
    _, on_card, _ = await at_the_door(browser, fake, words_en="")
    page = await browser.get(f"/photos/{on_card['photo_id']}")
    assert '<bdi lang="fr">Un verre de bienvenue</bdi>' in page.text


# ── a guest's page ──────────────────────────────────────────────────────────────────────────
async def test_guests_page_lists_makes_and_takes_back(browser, fake):
    guest = fake.add_guest("Zoé")
    await browser.open(f"/guests/{guest['id']}/offer")
    terms = {"kind": "entry", "words_en": "Free entry", "until": "2099-01-01", "where": "here"}
    page = await browser.submit(f"/guests/{guest['id']}/offer", terms)

    made = fake.offers[0]
    assert (made["kind"], made["words_en"], made["venue_id"]) == (
        "entry",
        "Free entry",
        fake.venues[0]["id"],
    )
    assert made["ends_at"].startswith("2099-01-02T08:00"), "until the venue closes that night"
    assert "Free entry" in page.text

    page = await browser.submit(f"/offers/{made['id']}/take-back", {"guest_id": guest["id"]})
    assert "Taken back" in page.text


async def test_form_keeps_what_was_typed_and_says_what_does_not_fit(browser, fake):
    guest = fake.add_guest("Zoé")
    await browser.open(f"/guests/{guest['id']}/offer")
    page = await browser.submit(f"/guests/{guest['id']}/offer", {"until": "never", "words_fr": ""})
    assert page.status_code == 422
    for words in ("in one language at least", "Choose the last night", 'value="never"'):
        assert words in page.text

    fake.agrees = False
    terms = {"words_fr": "Un verre", "until": "2099-01-01"}
    page = await browser.submit(f"/guests/{guest['id']}/offer", terms)
    assert page.status_code == 422
    assert "does not agree to offers there" in page.text
    assert 'value="Un verre"' in page.text


async def test_guest_who_does_not_agree_is_offered_nothing(browser, fake):
    fake.agrees = False
    guest = fake.add_guest("Zoé")
    page = await browser.get(f"/guests/{guest['id']}")
    assert "Does not agree to offers here" in page.text
    assert f"/guests/{guest['id']}/offer" not in page.text


async def test_segment_is_explained_to_who_plans(browser, fake):
    fake.segment = {
        "segment": "regular",
        "nights": 11,
        "nights_in_window": 5,
        "last_night": "2026-11-14",
    }
    guest = fake.add_guest("Zoé")
    page = await browser.get(f"/guests/{guest['id']}")
    for words in ("Regulars", "11 nights in all", "5 of them lately", "kept nowhere"):
        assert words in page.text


# ── segments ────────────────────────────────────────────────────────────────────────────────
async def test_round_is_looked_at_first_and_made_once(browser, fake):
    page = await browser.open("/offers")
    assert "4 nights or more in the last 90 days" in page.text
    terms = {"segment": "new", "words_en": "Free entry", "until": "2099-01-01", "where": "here"}
    page = await browser.submit("/offers/preview", terms)
    assert "It reaches 30 guests" in page.text
    assert fake.rounds == []

    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    page = await browser.submit("/offers/rounds", hidden)

    assert "30 guests have it now." in page.text
    asked = fake.asked_rounds[-1]
    assert (asked["segment"], asked["guests"], asked["venue_id"]) == (
        "new",
        30,
        fake.venues[0]["id"],
    )


async def test_more_guests_than_were_told_are_told_anew(browser, fake):
    await browser.open("/offers")
    terms = {"segment": "new", "words_en": "Free entry", "until": "2099-01-01", "where": "chain"}
    page = await browser.submit("/offers/preview", terms)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    fake.reaches = 31
    page = await browser.submit("/offers/rounds", hidden)

    assert "It reaches 31 guests" in page.text
    assert "More guests are of this segment than a moment ago" in page.text
    assert fake.rounds == []
    assert fake.asked_rounds[-1]["venue_id"] is None


async def test_manager_of_one_venue_plans_there_alone(browser, fake):
    here = fake.venues[0]["id"]
    fake.held_at = {"offers.plan": [here]}
    page = await browser.get("/offers?where=chain")
    assert "/offers?where=chain" not in page.text
    assert fake.asked_segments == [here]


async def test_page_is_for_those_who_plan(browser, fake):
    fake.permissions = DOOR
    assert (await browser.get("/offers")).status_code == 403
