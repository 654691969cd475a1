"""Legal holds: placed from a guest's file, shown there, lifted with a reason."""

import pytest

from services.api.legal_hold_schemas import LEGAL_HOLD_EXAMPLES

pytestmark = pytest.mark.anyio
URL = "/privacy/retention/holds"
UNTIL = "2027-01-31"


async def test_hold_is_placed_with_reason_and_last_day_and_lifted_again(browser, fake):
    guest = fake.add_guest("Ada")
    page = await browser.open(f"{URL}?guest={guest['id']}")
    assert "Hold everything about Ada" in page.text
    form = {"guest": guest["id"], "reason": "A claim of <b>hers</b>.", "until": UNTIL}
    await browser.submit(URL, form)
    assert fake.legal_holds[0]["ends_at"].startswith("2027-02-01T00:00")
    page = await browser.open(URL)
    assert "A claim of &lt;b&gt;hers&lt;/b&gt;." in page.text
    await browser.submit(f"{URL}/{fake.legal_holds[0]['id']}/lift", {"reason": "Settled."})
    page = await browser.get(URL)
    assert "Settled." in page.text and "Lift it" not in page.text


@pytest.mark.parametrize(
    ("reason", "until", "words"),
    [
        ("", UNTIL, "Say why, in a few words"),
        ("A claim.", "", "Name the last day of the hold."),
        ("A claim.", "2099-12-31", "It ends after today, within three years."),
    ],
)
async def test_hold_without_reason_or_end_is_refused_and_keeps_what_was_typed(
    browser, fake, reason, until, words
):
    guest = fake.add_guest("Ada")
    await browser.open(f"{URL}?guest={guest['id']}")
    form = {"guest": guest["id"], "reason": reason, "until": until}
    page = await browser.submit(URL, form)
    assert words in page.text and fake.legal_holds == []
    assert page.status_code == 422


async def test_hold_says_what_it_keeps_of_somebody_erased_and_opens_what_shows_consent(
    browser, fake
):
    proof = LEGAL_HOLD_EXAMPLES["ProofKept"]
    hold = LEGAL_HOLD_EXAMPLES["LegalHold"] | {"is_sealed_off": True, "proofs": [proof]}
    fake.legal_holds = [hold]
    page = (await browser.get(URL)).text
    assert "A guest in it was erased." in page and "GDPR 17(3)(e)" in page
    assert f'href="/guests/{hold["customer"]["id"]}"' not in page
    assert f"/guests/{hold['customer']['id']}/proofs/" in page


async def test_file_says_that_it_is_held_and_when_the_face_goes(browser, fake):
    guest = fake.add_guest("Ada")
    fake.kept = {
        "holds": [LEGAL_HOLD_EXAMPLES["HoldOnGuest"] | {"reason": None}],
        "face_goes_at": "2026-12-14T23:10:00Z",
        "file_goes_at": None,
    }
    page = await browser.get(f"/guests/{guest['id']}")
    assert "Under legal hold until" in page.text
    assert "The face is removed on" in page.text


async def test_nonsense_in_the_address_asks_for_nothing(browser):
    page = await browser.get(f"{URL}?guest=<script>&incident=1")
    assert page.status_code == 200 and "Place the hold" not in page.text
