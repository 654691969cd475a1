"""Erasures: the half-done ones first, what stopped them, receipts to take along."""

import pytest

from services.api.backup_place_schemas import REMARK
from services.web.erasure_words import TROUBLES
from tests.web.fake_erasures import RECEIPT, backup_place, erasure
from vestibule.domain.erasure_receipt import STORES

pytestmark = pytest.mark.anyio
URL = "/privacy/erasures"


async def test_half_done_one_says_where_it_stands_and_what_stopped_it(browser, fake):
    fake.erasures = [erasure(), erasure("running", done=2, trouble="index_unavailable", attempts=3)]
    page = (await browser.get(URL)).text
    assert page.index("Stopped half way") < page.index("Complete")
    assert "The index of faces did not answer." in page and "1 is not complete" in page
    assert page.count("not yet") == len(STORES) - 2


async def test_it_goes_on_when_it_is_told_to(browser, fake):
    fake.erasures = [erasure("running", done=2)]
    await browser.open(URL)
    page = await browser.submit(f"{URL}/{fake.erasures[0]['id']}/go-on")
    assert "The erasure is complete." in page.text and "Go on now" not in page.text


async def test_one_that_is_stopped_again_says_so(browser, fake):
    fake.erasures = [erasure("running", done=2, trouble="storage_unavailable")]
    await browser.open(URL)
    page = await browser.submit(f"{URL}/{fake.erasures[0]['id']}/go-on")
    assert page.status_code == 200 and "It was stopped again." in page.text


@pytest.mark.parametrize(
    ("report", "says"),
    [
        ({}, "Nothing is left, and the receipt is signed"),
        ({"is_true": False, "is_signed": False}, "The signature does not fit the receipt"),
        ({"is_true": False, "is_signed": None}, "there is no receipt yet"),
        (
            {
                "is_true": False,
                "left": 1,
                "checks": [{"store": "rows", "left": 1, "is_proven": True}],
            },
            "Something is there again",
        ),
    ],
)
async def test_looking_again_says_what_is_so(browser, fake, report, says):
    fake.erasures, fake.erasure_report = [erasure()], report
    await browser.open(URL)
    page = await browser.submit(f"{URL}/{fake.erasures[0]['id']}/verify")
    assert says in page.text


async def test_receipt_is_passed_on_to_the_byte(browser, fake):
    fake.erasures = [erasure()]
    link = f"{URL}/{fake.erasures[0]['id']}/receipt"
    assert f"{link}.json" in (await browser.get(URL)).text
    file = await browser.shown(URL, f"{link}.json")
    assert file.text == RECEIPT and "attachment" in file.headers["content-disposition"]
    assert (await browser.get(f"{link}.exe")).status_code == 404
    assert "BEGIN PUBLIC KEY" in (await browser.get(f"{URL}/key.pem")).text


@pytest.mark.parametrize("trouble", [*TROUBLES, "never_heard_of"])
async def test_every_trouble_has_words_in_both_languages(browser, fake, trouble):
    fake.erasures = [erasure("running", trouble=trouble)]
    for language in ("en", "fr"):
        page = await browser.get(URL, headers={"Accept-Language": language})
        assert page.status_code == 200 and trouble not in page.text


async def test_system_page_shows_those_that_are_not_complete(browser, fake):
    assert "not complete" not in (await browser.get("/system")).text
    fake.erasures = [erasure("running", trouble="index_unavailable")]
    assert "1 erasure is not complete" in (await browser.get("/system")).text


async def test_one_that_waits_is_not_called_complete(browser, fake):
    fake.erasures = [erasure("running", trouble="keyring_away")]
    await browser.open(URL)
    page = await browser.submit(f"{URL}/{fake.erasures[0]['id']}/go-on")
    assert "A place of backups is still away." in page.text
    assert "The erasure is complete." not in page.text
    system = (await browser.get("/system")).text
    assert "1 waits for a place of backups that is away." in system


async def test_place_is_given_up_in_two_steps_and_the_erasure_is_complete_with_a_remark(
    browser, fake
):
    fake.backup_places = [backup_place(is_behind=True)]
    form = {"place": "/srv/backups-2025", "fate": "destroyed", "reason": REMARK["reason"]}
    assert (await browser.open(f"{URL}/places")).status_code == 200
    short = await browser.submit(f"{URL}/places/ask", {**form, "reason": "gone"})
    assert short.status_code == 422 and "Give this place up?" not in short.text
    asked = await browser.submit(f"{URL}/places/ask", form)
    assert "Give this place up?" in asked.text and fake.backup_places[0]["given_up"] is None
    await browser.submit(f"{URL}/places/give-up", form)
    assert fake.backup_places[0]["given_up"]["fate"] == "destroyed"
    fake.erasures = [erasure(backup_places=[REMARK])]
    page = (await browser.get(URL)).text
    assert "Complete, with a remark" in page and "not looked into" in page
    assert "certificate 4711" in page


async def test_place_that_answers_is_not_given_up(browser, fake):
    fake.backup_places = [backup_place(is_behind=False)]
    form = {"place": "/srv/backups-2025", "fate": "unreachable", "reason": REMARK["reason"]}
    await browser.open(f"{URL}/places")
    page = await browser.submit(f"{URL}/places/give-up", form)
    assert "this place answers" in page.text


async def test_giving_up_is_for_those_who_manage_privacy(browser, fake):
    fake.permissions = frozenset({"customers.erase"})
    fake.backup_places = [backup_place(is_behind=True)]
    page = await browser.get(URL)
    assert "/srv/backups-2025" in page.text and f"{URL}/places" not in page.text
    assert (await browser.get(f"{URL}/places")).status_code == 403


async def test_every_erasure_is_reached_page_by_page(browser, fake):
    fake.erasures = [erasure() for _ in range(21)]
    first = (await browser.get(URL)).text
    assert "Show older" in first and fake.erasures[20]["id"] not in first
    second = (await browser.get(f"{URL}?cursor=20")).text
    assert "Show older" not in second and fake.erasures[20]["id"] in second


async def test_page_is_for_those_who_erase(browser, fake):
    fake.permissions = frozenset({"customers.view", "audit.read"})
    assert (await browser.get(URL)).status_code == 403
