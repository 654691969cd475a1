"""Thresholds in words: what decides, what would change, who adopted it and why."""

import re

import pytest

from services.api.calibration_examples import CALIBRATION_EXAMPLES

pytestmark = pytest.mark.anyio

PROPOSAL = CALIBRATION_EXAMPLES["CalibrationProposal"]["id"]
PATH = f"/system/thresholds/proposals/{PROPOSAL}"


def words(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


async def test_first_sentence_says_what_decides_and_every_light_what_it_misses(browser):
    said = words(await browser.open("/system/thresholds"))

    assert "428 guests can be found. About 1 in 100 unknown faces is called somebody" in said
    for light in ("In bright light", "In dim light", "In the dark"):
        assert light in said
    assert "Of 100 guests’ faces about 7 are no match; 2 are not even shown to check." in said
    assert "540 of 611 alerts answered" in said
    assert "Nothing was adopted yet" in said


async def test_proposal_shows_what_would_change_before_anything_does(browser, fake):
    await browser.open("/system/thresholds")
    fields = {"target_fpir": "0.005", "from_answers": "yes"}
    page = await browser.submit("/system/thresholds/proposals", fields)

    assert fake.calibration["wanted"] == {"from_answers": True, "target_fpir": 0.005}
    assert page.url.path == PATH
    said = words(page)
    assert "Known 930 864" in said  # three lights of the example together
    assert "Too few answers" in said
    assert not fake.calibration.get("history")


async def test_adopting_needs_a_reason_and_a_tick_and_keeps_what_was_typed(browser, fake):
    await browser.open(PATH)
    without_reason = await browser.submit(f"{PATH}/adopt", {"despite": "yes"})
    without_tick = await browser.submit(f"{PATH}/adopt", {"reason": "Too many alerts"})

    assert (without_reason.status_code, without_tick.status_code) == (422, 409)
    assert "Say why" in words(without_reason)
    assert "Too many alerts" in without_tick.text
    assert not fake.calibration.get("history")

    done = await browser.submit(f"{PATH}/adopt", {"reason": "Too many alerts", "despite": "yes"})
    assert "It counts from the next photo on." in words(done)
    assert "Adopted · owner" in words(done)


async def test_last_change_is_put_back_with_a_reason(browser, fake):
    await browser.open(PATH)
    await browser.submit(f"{PATH}/adopt", {"reason": "Too many alerts", "despite": "yes"})
    refused = await browser.submit("/system/thresholds/revert", {"reason": ""})
    done = await browser.submit("/system/thresholds/revert", {"reason": "Guests were missed"})

    assert refused.status_code == 422
    assert "Put back. It counts from the next photo on." in words(done)
    assert [row["reverts"] for row in fake.calibration["history"]] == [True, False]


async def test_proposal_in_force_is_not_adopted_again(browser, fake):
    fake.calibration["proposal"] = {"is_in_force": True}

    assert "This is in force." in words(await browser.open(PATH))


async def test_forged_form_changes_nothing(browser, fake):
    browser.token = "forged"
    answer = await browser.submit("/system/thresholds/revert", {"reason": "Because"})

    assert answer.status_code == 403
    assert not fake.calibration.get("history")
