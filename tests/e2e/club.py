"""The people of a club in browsers: invited, in by their own passwords, refused where they must."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import expect

from services.serve import Product
from tests.e2e.browsing import DESKTOP, PATIENCE_MS, PHONE, Device, Visitor, Visits
from tests.e2e.venue import Venue
from tests.people import PASSWORD, link_for, sign_in_as
from vestibule.domain.permissions import Role

PATIENT_MS = 3 * PATIENCE_MS
"""A long story has many steps, each of which may meet a machine that is busy elsewhere."""


@dataclass
class Person:
    """Somebody of the staff: one account, one window, and a session for calls over the API."""

    visitor: Visitor
    email: str
    api: "Caller"


class Club:
    """``join`` makes a person of the staff; ``window`` and ``api`` are somebody's who passes by."""

    def __init__(self, product: Product, visits: Visits) -> None:
        self.product, self._visits = product, visits
        self._passing_by: dict[Role, Visitor] = {}
        headers = {"Authorization": f"Bearer {product.api_key}"}
        self.venue = Venue(product, httpx.Client(base_url=product.url, headers=headers, timeout=60))

    def join(self, role: Role, name: str, *, device=DESKTOP) -> Person:
        """Invited by an admin, in by a password of their own, and once more with it."""
        email = f"{name.lower()}-{secrets.token_hex(4)}@club.example"
        invited = self.api(Role.ADMIN).post(
            "/v1/people", {"name": name, "email": email, "roles": [{"role": role.value}]}
        )
        visitor = self._arrive(device)
        visitor.open(invited["path"])
        visitor.page.locator("#password").fill(PASSWORD)
        visitor.press(visitor.page.get_by_role("button", name=visitor.say("Keep it and sign in")))
        expect(visitor.page.locator(".tabs")).to_be_visible()
        visitor.page.context.clear_cookies()
        self.sign_in(visitor, email)
        return Person(visitor, email, Caller(self.product.url, self._token_of(email)))

    def sign_in(self, visitor: Visitor, email: str) -> None:
        visitor.open("/sign-in")
        visitor.page.locator("#email").fill(email)
        visitor.page.locator("#password").fill(PASSWORD)
        visitor.press(
            visitor.page.locator("main").get_by_role("button", name=visitor.say("Sign in"))
        )
        expect(visitor.page.locator(".tabs")).to_be_visible()

    def _token_of(self, email: str) -> str:
        body = {"email": email, "password": PASSWORD}
        step = Caller(self.product.url).post("/v1/session/password", body)
        return str(step["access_token"])

    def window(self, role: Role, name: str, *, device=DESKTOP) -> Visitor:
        visitor = self._arrive(device)
        token = link_for(self.product.installation.runtime, role, name=name)
        visitor.page.goto(f"{self.product.url}/sign-in/{token}")
        return visitor

    def _arrive(self, device: Device) -> Visitor:
        visitor = self._visits.arrive(device, language="en")
        visitor.page.context.set_default_timeout(PATIENT_MS)
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
        """By each such role in a window that stays open, so that a story may ask at every step."""
        for role in sorted(set(Role) - allowed):
            if role not in self._passing_by:
                self._passing_by[role] = self.window(role, f"A {role.value}")
            visitor = self._passing_by[role]
            visitor.expect_refusal(403)
            answer = visitor.page.goto(self.product.url + path)
            assert answer is not None and answer.status == 403, (role, path)
            expect(visitor.page.get_by_text("You are not allowed to do this.")).to_be_visible()


class Caller:
    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

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


@dataclass
class Staff:
    dora: Person
    """at the door"""
    hugo: Person
    """the host"""
    anna: Person
    ben: Person
    cleo: Person
    """managers"""

    @classmethod
    def of(cls, club: Club) -> "Staff":
        return cls(
            dora=club.join(Role.DOOR, "Dora", device=PHONE),
            hugo=club.join(Role.HOST, "Hugo", device=PHONE),
            anna=club.join(Role.MANAGER, "Anna"),
            ben=club.join(Role.MANAGER, "Ben"),
            cleo=club.join(Role.MANAGER, "Cleo"),
        )
