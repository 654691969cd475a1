"""The whole story of one guest, played by the people of a club, each in a window of their own.

Door reports, a manager verifies, the algorithm proposes, two others approve, the door is told to
call, a manager looks, the guest appeals, somebody else decides, and it lapses. At each step every
role that may not take it is refused, in the page and over the API.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from services.client import started_here
from services.serve import Product
from tests.e2e.browsing import DESKTOP, PHONE, Visitor, Visits
from tests.e2e.scenes import Scenes, retouched
from tests.e2e.venue import Venue
from tests.people import link_for, sign_in_as
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.permissions import Role

REASON = "A word that only managers read."
GUEST = "Eileen Collins"


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
def club(own_product, browser) -> Iterator["Club"]:
    with Visits(browser, own_product).all_closed_after() as visits:
        made = Club(own_product, visits)
        yield made
        assert visits.complaints() == []


class Club:
    """Its people by first name; ``api`` calls as one of them, ``window`` shows what they see."""

    def __init__(self, product: Product, visits: Visits) -> None:
        self.product, self._visits = product, visits
        headers = {"Authorization": f"Bearer {product.api_key}"}
        self.venue = Venue(product, httpx.Client(base_url=product.url, headers=headers, timeout=60))

    def window(self, role: Role, name: str, *, device=DESKTOP) -> Visitor:
        visitor = self._visits.arrive(device, language="en")
        token = link_for(self.product.installation.runtime, role, name=name)
        visitor.page.goto(f"{self.product.url}/sign-in/{token}")
        return visitor

    def api(self, role: Role, name: str = "Somebody") -> "Caller":
        token = sign_in_as(self.product.installation.runtime, role, name=name)
        return Caller(self.product.url, token)

    def see_refused(
        self, method: str, path: str, body: dict[str, Any] | None, *, allowed: set[Role]
    ) -> None:
        """Over the API, by every role that may not."""
        for role in set(Role) - allowed:
            answer = self.api(role).send(method, path, body)
            assert answer.status_code == 403, (role, method, path, answer.status_code)
            assert answer.json()["code"] == "forbidden"

    def see_pages_refused(self, path: str, *, allowed: set[Role]) -> None:
        for role in sorted(set(Role) - allowed):
            visitor = self.window(role, f"A {role.value}")
            visitor.expect_refusal(403)
            answer = visitor.page.goto(self.product.url + path)
            assert answer is not None and answer.status == 403, (role, path)
            expect(visitor.page.get_by_text("You are not allowed to do this.")).to_be_visible()
            visitor.page.context.close()


class Caller:
    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return httpx.request(
            method,
            self._url + path,
            json=body,
            headers=self._headers,
            timeout=60,
            trust_env=False,
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.send("POST", path, body).raise_for_status().json()


def test_story_of_a_guest_who_is_kept_out_for_a_while(clock, club: Club, scenes: Scenes):
    guest_id = club.venue.enrol(scenes.samples["astronaut"], GUEST)
    _two_approvals_are_asked(club)

    incidents = _door_and_host_report(club, guest_id)
    anna = club.window(Role.MANAGER, "Anna")
    _a_manager_verifies(club, anna, incidents)
    proposal_id = _the_algorithm_proposed(club, guest_id)
    _two_others_approve(club, proposal_id)
    _the_door_is_told_to_call(club, anna, scenes)
    _the_guest_appeals_and_somebody_else_decides(club, anna, guest_id)
    _it_lapses(club, clock, scenes)


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


def _door_and_host_report(club: Club, guest_id: str) -> list[str]:
    """By the page from the guest's face, and by the API: one reporter alone reaches nothing."""
    staff = {Role.DOOR, Role.HOST, Role.MANAGER}
    report = {
        "kind": "violence",
        "severity": 5,
        "account": REASON,
        "people": [{"part": "actor", "customer_id": guest_id}],
    }
    club.see_refused("POST", "/v1/incidents", report, allowed=staff)
    club.see_pages_refused("/incidents/new", allowed=staff)

    host = club.window(Role.HOST, "Hugo", device=PHONE)
    host.open(f"/incidents/new?guest={guest_id}")
    page = host.page
    page.locator("label.chip", has=page.locator("[name=kind][value=violence]")).tap()
    page.locator("label.chip", has=page.locator("[name=severity][value='5']")).tap()
    page.locator("label.chip", has=page.locator("[value=actor]")).first.tap()
    page.locator("#account").fill(REASON)
    host.press(page.get_by_role("button", name=host.say("Report")))
    page.wait_for_url(re.compile(r"/incidents/[0-9a-f]{8}-[0-9a-f-]{27}"))
    by_page = page.url.split("?")[0].rsplit("/", 1)[-1]
    by_api = club.api(Role.DOOR, "Dora").post("/v1/incidents", report)["id"]
    return [by_page, by_api]


def _a_manager_verifies(club: Club, anna: Visitor, incidents: list[str]) -> None:
    for incident_id in incidents:
        path, body = f"/v1/incidents/{incident_id}/verification", {"version": 1}
        club.see_refused("POST", path, body, allowed={Role.MANAGER})
        anna.open(f"/incidents/{incident_id}")
        anna.press(anna.page.get_by_role("button", name=anna.say("Verify")))
        expect(anna.page.locator("main")).to_contain_text(
            anna.say("It counts when the watchlist is worked out.")
        )
    dpo = club.window(Role.DPO, "Dominique")
    dpo.open(f"/incidents/{incidents[0]}")
    expect(dpo.page.get_by_role("button", name=dpo.say("Verify"))).to_have_count(0)


def _the_algorithm_proposed(club: Club, guest_id: str) -> str:
    shown = club.api(Role.MANAGER).get("/v1/watchlist/proposals")["items"]
    (proposal,) = [one for one in shown if one["customer"]["id"] == guest_id]
    assert (proposal["origin"], proposal["approvals_needed"]) == ("algorithm", 2)
    assert club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"] == []
    club.see_pages_refused("/review", allowed={Role.MANAGER, Role.DPO})
    return str(proposal["id"])


def _two_others_approve(club: Club, proposal_id: str) -> None:
    path = f"/v1/watchlist/proposals/{proposal_id}/decisions"
    body = {"verdict": "approve", "reason": "It is so."}
    club.see_refused("POST", path, body, allowed={Role.MANAGER})
    dpo = club.window(Role.DPO, "Dominique")
    dpo.open(f"/review/proposals/{proposal_id}")
    expect(dpo.page.get_by_role("button", name=dpo.say("Approve"))).to_have_count(0)
    for name in ("Ben", "Cleo"):
        manager = club.window(Role.MANAGER, name)
        manager.open(f"/review/proposals/{proposal_id}")
        manager.page.locator("#reason").fill("I saw the video, it is so.")
        manager.press(manager.page.get_by_role("button", name=manager.say("Approve")))
        manager.page.wait_for_url("**/review*")
        manager.open(f"/review/proposals/{proposal_id}")
        expect(manager.page.locator(".desk-decision")).to_contain_text(name)
        expect(manager.page.get_by_role("button", name=manager.say("Approve"))).to_have_count(0)
    assert club.api(Role.MANAGER).get(f"/v1/watchlist/proposals/{proposal_id}")["entry"]


def _the_door_is_told_to_call(club: Club, anna: Visitor, scenes: Scenes) -> None:
    door = club.window(Role.DOOR, "Dora", device=PHONE)
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
    anna.press(alert.get_by_role("button", name=anna.say("Not them")))
    expect(anna.page.locator("article.alert")).to_have_count(0)

    door.open("/")
    door.upload_and_see(retouched(scenes.known()))
    expect(door.page.locator("article.card-manager")).to_have_count(0)
    assert club.api(Role.MANAGER).get("/v1/alerts?state=open")["items"] == []


def _the_guest_appeals_and_somebody_else_decides(club: Club, anna: Visitor, guest_id: str) -> None:
    body = {"customer_id": guest_id, "statement": "I was at home that night."}
    recorders = {Role.HOST, Role.MANAGER, Role.DPO}
    club.see_refused("POST", "/v1/watchlist/appeals", body, allowed=recorders)
    club.see_pages_refused(f"/guests/{guest_id}/appeal", allowed=recorders)
    host = club.window(Role.HOST, "Hugo")
    host.open(f"/guests/{guest_id}/appeal")
    host.page.locator("#statement").fill(body["statement"])
    host.press(host.page.get_by_role("button", name=host.say("Record it")))
    expect(host.page.locator("main")).not_to_contain_text(REASON)

    (appeal,) = club.api(Role.MANAGER).get("/v1/watchlist/appeals")["items"]
    path = f"/v1/watchlist/appeals/{appeal['appeal']['id']}/outcome"
    outcome = {"outcome": "upheld", "reason": "The video shows it."}
    club.see_refused("POST", path, outcome, allowed={Role.MANAGER})
    anna.open(f"/review/entries/{appeal['entry']['id']}")
    anna.page.locator("[name=outcome][value=upheld]").check()
    anna.page.locator("#appeal-reason").fill("The video shows it.")
    anna.press(anna.page.get_by_role("button", name=anna.say("Decide the appeal")))
    expect(anna.page.locator("main")).to_contain_text("The video shows it.")
    assert club.api(Role.MANAGER).get("/v1/watchlist/appeals")["items"] == []


def _it_lapses(club: Club, clock: LaterClock, scenes: Scenes) -> None:
    (entry,) = club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"]
    ends_at = datetime.fromisoformat(entry["ends_at"])
    clock.ahead = ends_at - datetime.now(UTC) + timedelta(seconds=1)
    assert club.api(Role.MANAGER).get("/v1/watchlist/entries")["items"] == []
    door = club.window(Role.DOOR, "Dora", device=PHONE)
    door.open("/")
    door.upload_and_see(retouched(retouched(scenes.known())))
    expect(door.card("known")).to_contain_text(GUEST)
