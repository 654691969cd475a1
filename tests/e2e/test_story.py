"""The whole story of one guest, played by the people of a club, each in a window of their own.

They are invited, choose passwords and sign in with them. Door and host report, a manager verifies,
the algorithm proposes, two others approve, the door is told to call, a manager looks and it is
remembered, the guest appeals, somebody else decides. A second guest, whom nobody ever took for
somebody else, shows that it lapses: called for until the end, known from then on. At each step
every role that may not take it is refused, in the page and over the API.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from services.serve import Product
from services.started_here import started_here
from tests.e2e.browsing import PATIENCE_MS, Visitor, Visits
from tests.e2e.club import PATIENT_MS, Club, Person, Staff
from tests.e2e.scenes import Scenes, retouched
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.permissions import Role

REASON = "A word that only managers read."
GUEST = "Eileen Collins"
OTHER_GUEST = "Barack Obama"
MINUTE = timedelta(minutes=1)


@dataclass
class LaterClock:
    """The machine's time, and what a test let pass."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def own_product(make_settings) -> Iterator[Product]:
    """Its own: days pass in it."""
    with started_here(make_settings()) as product:
        yield product


@pytest.fixture
def clock(monkeypatch) -> LaterClock:
    later = LaterClock()
    monkeypatch.setattr(SystemClock, "now", lambda _self: later.now())
    return later


@pytest.fixture
def patience() -> Iterator[None]:
    """A long story has many steps, each of which may meet a machine that is busy elsewhere."""
    expect.set_options(timeout=PATIENT_MS)
    yield
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def club(own_product, browser) -> Iterator["Club"]:
    with Visits(browser, own_product).all_closed_after() as visits:
        made = Club(own_product, visits)
        yield made
        assert visits.complaints() == []


@pytest.mark.usefixtures("patience")
def test_story_of_a_guest_who_is_kept_out_for_a_while(clock, club: Club, scenes: Scenes):
    guest_id = club.venue.enrol(scenes.samples["astronaut"], GUEST)
    staff = Staff.of(club)
    _two_approvals_are_asked(club)

    incidents = _door_and_host_report(club, staff, guest_id)
    _a_manager_verifies(club, staff.anna, incidents)
    proposal_id = _the_algorithm_proposed(club, guest_id)
    _two_others_approve(club, staff, proposal_id)
    _the_door_is_told_to_call(club, staff, scenes)
    _what_a_manager_saw_is_remembered(club, staff, scenes, guest_id)
    _the_guest_appeals_and_somebody_else_decides(club, staff, guest_id)
    _another_entry_lapses(club, clock, staff, scenes)


def _two_approvals_are_asked(club: Club) -> None:
    manager = club.api(Role.MANAGER)
    shown = manager.get("/v1/watchlist/policy")["in_force"]
    body = {
        "content": {**shown["content"], "approvals_short": 2},
        "reason": "Two of us look at each.",
        "replaces": shown["number"],
    }
    club.see_refused("POST", "/v1/watchlist/policy/versions", body, allowed={Role.MANAGER})
    manager.post("/v1/watchlist/policy/versions", body)


def _door_and_host_report(club: Club, staff: Staff, guest_id: str) -> list[str]:
    """By the page from the guest's face, and by the API: one reporter alone reaches nothing."""
    reporters = {Role.DOOR, Role.HOST, Role.MANAGER}
    report = _report_of(guest_id)
    club.see_refused("POST", "/v1/incidents", report, allowed=reporters)
    club.see_pages_refused("/incidents/new", allowed=reporters)

    host = staff.hugo.visitor
    host.open(f"/incidents/new?guest={guest_id}")
    page = host.page
    page.locator("label.chip", has=page.locator("[name=kind][value=violence]")).tap()
    page.locator("label.chip", has=page.locator("[name=severity][value='5']")).tap()
    page.locator("label.chip", has=page.locator("[value=actor]")).first.tap()
    page.locator("#account").fill(REASON)
    host.press(page.get_by_role("button", name=host.say("Report")))
    page.wait_for_url(re.compile(r"/incidents/[0-9a-f]{8}-[0-9a-f-]{27}"))
    by_page = page.url.split("?")[0].rsplit("/", 1)[-1]
    by_api = staff.dora.api.post("/v1/incidents", report)["id"]
    return [by_page, by_api]


def _report_of(guest_id: str) -> dict[str, Any]:
    return {
        "kind": "violence",
        "severity": 5,
        "account": REASON,
        "people": [{"part": "actor", "customer_id": guest_id}],
    }


def _a_manager_verifies(club: Club, by: Person, incidents: list[str]) -> None:
    anna = by.visitor
    for incident_id in incidents:
        path, body = f"/v1/incidents/{incident_id}/verification", {"version": 1}
        club.see_refused("POST", path, body, allowed={Role.MANAGER})
        anna.open(f"/incidents/{incident_id}")
        anna.press(anna.page.get_by_role("button", name=anna.say("Verify")))
        expect(anna.page.locator("main")).to_contain_text(
            anna.say("It counts when the watchlist is worked out.")
        )
    club.see_pages_refused(f"/incidents/{incidents[0]}", allowed=set(Role) - {Role.ADMIN})
    dpo = club.window(Role.DPO, "Dominique")
    dpo.open(f"/incidents/{incidents[0]}")
    expect(dpo.page.get_by_role("button", name=dpo.say("Verify"))).to_have_count(0)


def _the_algorithm_proposed(club: Club, guest_id: str) -> str:
    shown = club.api(Role.MANAGER).get("/v1/watchlist/proposals")["items"]
    (proposal,) = [one for one in shown if one["customer"]["id"] == guest_id]
    assert (proposal["origin"], proposal["approvals_needed"]) == ("algorithm", 2)
    entries = club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"]
    assert guest_id not in {one["customer"]["id"] for one in entries}
    path, onlookers = f"proposals/{proposal['id']}", {Role.MANAGER, Role.DPO}
    club.see_refused("GET", f"/v1/watchlist/{path}", None, allowed=onlookers)
    by_hand = {"customer_id": guest_id, "days": 7, "reason": "I say so."}
    club.see_refused("POST", "/v1/watchlist/proposals", by_hand, allowed={Role.MANAGER})
    club.see_pages_refused(f"/review/{path}", allowed=onlookers)
    return str(proposal["id"])


def _two_others_approve(club: Club, staff: Staff, proposal_id: str) -> None:
    path = f"/v1/watchlist/proposals/{proposal_id}/decisions"
    body = {"verdict": "approve", "reason": "It is so."}
    club.see_refused("POST", path, body, allowed={Role.MANAGER})
    dpo = club.window(Role.DPO, "Dominique")
    dpo.open(f"/review/proposals/{proposal_id}")
    expect(dpo.page.get_by_role("button", name=dpo.say("Approve"))).to_have_count(0)
    for person, name in ((staff.ben, "Ben"), (staff.cleo, "Cleo")):
        manager = person.visitor
        manager.open(f"/review/proposals/{proposal_id}")
        manager.page.locator("#reason").fill("I saw the video, it is so.")
        manager.press(manager.page.get_by_role("button", name=manager.say("Approve")))
        manager.page.wait_for_url("**/review*")
        manager.open(f"/review/proposals/{proposal_id}")
        expect(manager.page.locator(".desk-decision")).to_contain_text(name)
        expect(manager.page.get_by_role("button", name=manager.say("Approve"))).to_have_count(0)
    assert club.api(Role.MANAGER).get(f"/v1/watchlist/proposals/{proposal_id}")["entry"]


def _the_door_is_told_to_call(club: Club, staff: Staff, scenes: Scenes) -> None:
    door, anna = staff.dora.visitor, staff.anna.visitor
    anna.open("/alerts")
    door.open("/")
    door.upload_and_see(scenes.known())
    card = door.page.locator("article.card-manager")
    expect(card).to_contain_text(door.say("Call a manager"))
    for secret in (GUEST, REASON, "violence", "Violence"):
        expect(door.page.locator("main")).not_to_contain_text(secret)

    alert = anna.page.locator("article.alert")
    expect(alert).to_contain_text(GUEST)
    (open_one,) = club.api(Role.MANAGER).get("/v1/alerts")["items"]
    path = f"/v1/alerts/{open_one['id']}/answer"
    club.see_refused("POST", path, {"answer": "not_them"}, allowed={Role.MANAGER})
    club.see_pages_refused("/alerts", allowed={Role.MANAGER})
    _faces_stand_side_by_side(staff.ben.visitor, open_one["entry_id"])
    anna.press(alert.get_by_role("button", name=anna.say("Not them")))
    expect(anna.page.locator("article.alert")).to_have_count(0)


def _faces_stand_side_by_side(manager: Visitor, entry_id: str) -> None:
    manager.open(f"/review/entries/{entry_id}")
    pictures = manager.page.locator(".faces-beside img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("picture => picture.naturalWidth") > 0


def _what_a_manager_saw_is_remembered(
    club: Club, staff: Staff, scenes: Scenes, guest_id: str
) -> None:
    """The entry holds on: it is the answer that keeps the door from calling again."""
    door = staff.dora.visitor
    door.open("/")
    door.upload_and_see(retouched(scenes.known()))
    expect(door.page.locator("article.card-manager")).to_have_count(0)
    assert club.api(Role.MANAGER).get("/v1/alerts?state=open")["items"] == []
    (entry,) = club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"]
    assert (entry["customer"]["id"], entry["state"]) == (guest_id, "active")


def _the_guest_appeals_and_somebody_else_decides(club: Club, staff: Staff, guest_id: str) -> None:
    body = {"customer_id": guest_id, "statement": "I was at home that night."}
    recorders = {Role.HOST, Role.MANAGER, Role.DPO}
    club.see_refused("POST", "/v1/watchlist/appeals", body, allowed=recorders)
    club.see_pages_refused(f"/guests/{guest_id}/appeal", allowed=recorders)
    host = staff.hugo.visitor
    host.open(f"/guests/{guest_id}/appeal")
    host.page.locator("#statement").fill(body["statement"])
    host.press(host.page.get_by_role("button", name=host.say("Record it")))
    expect(host.page.locator("main")).not_to_contain_text(REASON)

    (appeal,) = club.api(Role.MANAGER).get("/v1/watchlist/appeals")["items"]
    path = f"/v1/watchlist/appeals/{appeal['appeal']['id']}/outcome"
    outcome = {"outcome": "upheld", "reason": "The video shows it."}
    club.see_refused("POST", path, outcome, allowed={Role.MANAGER})
    assert staff.ben.api.send("POST", path, outcome).status_code == 403
    club.see_pages_refused(
        f"/review/entries/{appeal['entry']['id']}", allowed={Role.MANAGER, Role.DPO}
    )
    anna = staff.anna.visitor
    anna.open(f"/review/entries/{appeal['entry']['id']}")
    anna.page.locator("[name=outcome][value=upheld]").check()
    anna.page.locator("#appeal-reason").fill("The video shows it.")
    anna.press(anna.page.get_by_role("button", name=anna.say("Decide the appeal")))
    expect(anna.page.locator("main")).to_contain_text("The video shows it.")
    assert club.api(Role.MANAGER).get("/v1/watchlist/appeals")["items"] == []


def _another_entry_lapses(club: Club, clock: LaterClock, staff: Staff, scenes: Scenes) -> None:
    """Of a guest whom nobody ever took for somebody else: only the end can stop the call."""
    guest_id = club.venue.enrol(scenes.samples["obama"], OTHER_GUEST)
    ends_at = _kept_out_over_the_api(club, staff, guest_id)
    photo = scenes.samples["obama2"]

    clock.ahead = ends_at - datetime.now(UTC) - MINUTE
    door = staff.dora.visitor
    club.sign_in(door, staff.dora.email)  # weeks have passed, and so has the session
    door.open("/")
    door.upload_and_see(photo)
    expect(door.page.locator("article.card-manager")).to_contain_text(door.say("Call a manager"))
    expect(door.page.locator("main")).not_to_contain_text(OTHER_GUEST)

    club.see_refused("GET", "/v1/watchlist/entries", None, allowed={Role.MANAGER, Role.DPO})
    clock.ahead = ends_at - datetime.now(UTC) + timedelta(seconds=1)
    assert club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"] == []
    door.open("/")
    door.upload_and_see(retouched(photo))
    expect(door.card("known")).to_contain_text(OTHER_GUEST)
    expect(door.page.locator("article.card-manager")).to_have_count(0)


def _kept_out_over_the_api(club: Club, staff: Staff, guest_id: str) -> datetime:
    """Reported by two, verified by a third, approved by two others; when it ends."""
    for reporter in (staff.dora, staff.hugo):
        made = reporter.api.post("/v1/incidents", _report_of(guest_id))
        staff.anna.api.post(f"/v1/incidents/{made['id']}/verification", {"version": 1})
    proposal_id = _the_algorithm_proposed(club, guest_id)
    for approver in (staff.ben, staff.cleo):
        body = {"verdict": "approve", "reason": "It is so."}
        approver.api.post(f"/v1/watchlist/proposals/{proposal_id}/decisions", body)
    entries = club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"]
    (entry,) = [one for one in entries if one["customer"]["id"] == guest_id]
    return datetime.fromisoformat(entry["ends_at"])
