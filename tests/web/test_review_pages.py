"""The review desk: evidence and arithmetic in words, one word a person, nothing typed is lost."""

import re

import pytest

from services.web.policy_form import values_of
from tests.web.fake_watchlist import ENTRY, PROPOSAL
from vestibule.domain.watchlist_policy import AS_SHIPPED, content_of

pytestmark = pytest.mark.anyio

PATH = f"/review/proposals/{PROPOSAL['id']}"
ENTRY_PATH = f"/review/entries/{ENTRY['id']}"
APPEAL_PATH = f"{ENTRY_PATH}/appeals/{ENTRY['appeals'][0]['id']}"


def words(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


async def test_a_proposal_shows_what_happened_and_how_the_points_add_up(browser):
    said = words(await browser.open(PATH))

    assert "Keep out of Main venue for 14 days?" in said
    assert "Followed a guest to the cloakroom" in said
    assert "The lower sum counts:" in said
    assert "of the 60 points asked for" in said
    assert "1 person is needed" in said


async def test_french_is_whole(browser):
    for path in (PATH, "/review", "/review/entries", "/review/appeals", "/review/policy"):
        page = await browser.get(path, headers={"Accept-Language": "fr"})
        assert page.status_code == 200, path
    assert (
        "La machine propose"
        in (await browser.get("/review", headers={"Accept-Language": "fr"})).text
    )


async def test_a_decision_needs_a_reason_and_keeps_what_was_typed(browser, fake):
    await browser.open(PATH)
    refused = await browser.submit(f"{PATH}/decide", {"verdict": "approve", "reason": " "})
    assert refused.status_code == 422
    assert "Say why" in words(refused)

    fake.watchlist["refuse"] = ("conflict", 409)
    stale = await browser.submit(f"{PATH}/decide", {"verdict": "approve", "reason": "Both agree"})
    assert stale.status_code == 409
    assert "Both agree" in stale.text
    del fake.watchlist["refuse"]

    done = await browser.submit(f"{PATH}/decide", {"verdict": "approve", "reason": "Both agree"})
    assert "Approved. The entry ends on" in words(done)
    assert fake.watchlist["bodies"][-1] == (
        "decide",
        {"verdict": "approve", "reason": "Both agree"},
    )


async def test_who_may_not_decide_reads_why_and_finds_no_button(browser, fake):
    fake.watchlist["proposal"] = {"objection": "reported_an_incident"}
    page = await browser.open(PATH)

    assert "You reported one of its incidents, so others decide." in words(page)
    assert 'value="approve"' not in page.text


async def test_two_approvals_say_who_is_still_needed(browser, fake):
    fake.watchlist["proposal"] = {"approvals_needed": 2, "approvals": 1}
    said = words(await browser.open(PATH))
    assert "1 more person is needed" in said


async def test_by_hand_takes_ticked_incidents_place_and_days(browser, fake):
    guest_id, incident_id = PROPOSAL["customer"]["id"], PROPOSAL["incidents"][0]["id"]
    await browser.open(f"/review/guests/{guest_id}")
    await browser.submit(
        f"/review/guests/{guest_id}/propose",
        {f"incident-{incident_id}": "yes", "venue": "", "days": "20", "reason": "It cannot wait"},
    )
    name, body = fake.watchlist["bodies"][-1]
    assert name == "propose"
    assert body["incident_ids"] == [incident_id]
    assert (body["venue_id"], body["days"]) == (None, 20)


async def test_an_appeal_is_decided_with_a_day_that_counts_until_closing(browser, fake):
    await browser.open(ENTRY_PATH)
    await browser.submit(
        APPEAL_PATH, {"outcome": "shortened", "ends_on": "2026-11-29", "reason": "A first time"}
    )
    _name, body = fake.watchlist["bodies"][-1]
    assert body["ends_at"].startswith("2026-11-30T08:00:00")

    await browser.submit(APPEAL_PATH, {"outcome": "upheld", "ends_on": "nonsense", "reason": "No"})
    assert fake.watchlist["bodies"][-1][1]["ends_at"] is None


async def test_an_appeal_is_recorded_and_the_day_is_told(browser, fake):
    guest = fake.add_guest("Ada")
    await browser.open(f"/guests/{guest['id']}/appeal")
    done = await browser.submit(f"/guests/{guest['id']}/appeal", {"statement": "It was not me."})
    assert "Recorded. Tell the guest: it is decided by" in words(done)

    fake.watchlist["refuse"] = ("not_found", 404)
    refused = await browser.submit(f"/guests/{guest['id']}/appeal", {"statement": "Not me."})
    assert "There is nothing to appeal." in words(refused)
    assert "Not me." in refused.text


async def test_entries_say_who_is_there_by_name_and_never_shout(browser, fake):
    fake.watchlist["entry"] = {"is_found_by_face": False}
    said = words(await browser.open(ENTRY_PATH))
    assert "By name only" in said
    await browser.get("/review/entries?query=alex")
    assert fake.watchlist["query"] == "alex"


async def test_a_policy_is_tried_before_it_is_adopted_and_says_what_is_wrong(browser, fake):
    await browser.open("/review/policy")
    values = values_of(content_of(AS_SHIPPED))
    wrong = await browser.submit("/review/policy/simulate", {**values, "reporter_cap": "99"})
    assert wrong.status_code == 422
    assert "one person’s word never decides alone" in words(wrong)
    assert 'value="99"' in wrong.text

    tried = await browser.submit("/review/policy/simulate", {**values, "venue_threshold": "55"})
    assert fake.watchlist["bodies"][-1][1]["content"]["venue_threshold"] == 55
    said = words(tried)
    assert "14 proposals instead of 11" in said
    assert "1 guest would be treated otherwise" in said

    content = re.search(r'name="content" value="([^"]+)"', tried.text).group(1)
    content = content.replace("&#34;", '"')
    fields = {"content": content, "replaces": "1", "reason": ""}
    refused = await browser.submit("/review/policy/adopt", fields)
    assert refused.status_code == 422
    done = await browser.submit("/review/policy/adopt", {**fields, "reason": "Brawls"})
    assert "Adopted. It counts from the next proposal on." in words(done)
    assert fake.watchlist["bodies"][-1][1]["content"]["venue_threshold"] == 55


async def test_faces_on_file_stand_beside_those_that_were_seen(browser, fake):
    for path in (PATH, ENTRY_PATH):
        page = await browser.open(path)
        assert "Is it the same person?" in words(page)
        assert re.search(
            r'src="/templates/[0-9a-f-]+/crop\?pass=[^"]+" alt="Face enrolled', page.text
        )
        assert re.search(
            r'src="/faces/[0-9a-f-]+/crop\?pass=[^"]+" alt="Alert at the door', page.text
        )
        assert re.search(r'src="/incidents/[0-9a-f-]+/attachments/[0-9a-f-]+\?pass=', page.text)
    fake.watchlist["faces"] = {"enrolled": [], "seen": []}
    assert "No face is on file." in words(await browser.open(PATH))


async def test_overdue_appeals_stand_as_a_number_on_the_tabs(browser, fake):
    page = await browser.open("/review")
    assert "badge-late" not in page.text
    fake.appeals_overdue = 2
    page = await browser.open("/review")
    assert page.text.count('aria-label="2 appeals are overdue"') >= 2


async def test_requests_that_press_stand_as_a_number_on_the_privacy_desk(browser, fake):
    assert "badge-late" not in (await browser.open("/privacy/retention")).text
    fake.requests_pressing = 3
    page = await browser.open("/privacy/retention")
    label = 'aria-label="3 requests are overdue or due within three days"'
    assert page.text.count(label) >= 2
