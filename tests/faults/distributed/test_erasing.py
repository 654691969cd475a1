"""Whoever was erased is shown to nobody from then on, whatever is broken meanwhile."""

import time

import httpx
import pytest

from tests.conftest import CONSENT_FIELDS
from tests.faults.distributed.site import Site
from tests.faults.distributed.uploads import ask

NAME = "Only For Tonight"
STORES = ("index", "objects", "volatile", "postgres")


@pytest.mark.parametrize("broken", STORES)
def test_erased_guest_is_not_shown_while_a_store_is_away_nor_after(site: Site, broken: str) -> None:
    portrait = site.shots[2].jpeg
    with site.client() as http:
        guest = _enrolled(http, portrait)
        assert _names(http, portrait) == {NAME}
        site.kill(broken)
        sent = _sent(http, portrait)
        said = ask(http, "DELETE", f"/v1/customers/{guest}")[0]
        assert said.status in (204, 503), said
        shown = _names_now(http, portrait) if said.status == 204 else set()
        site.start(broken)
        _insist_on_erasing(http, guest)
        assert shown == set()
        assert _names(http, portrait) == set()
        for address in sent:
            assert NAME not in _wait_for(http, address)


def _enrolled(http: httpx.Client, portrait: bytes) -> str:
    asked = http.post(
        "/v1/enrolments",
        data={"name": NAME, **CONSENT_FIELDS},
        files={"photo": ("portrait.jpg", portrait)},
    ).raise_for_status()
    enrolment = _settled(http, asked.headers["location"])
    assert enrolment["outcome"] == "enrolled", enrolment
    return str(enrolment["customer_id"])


def _insist_on_erasing(http: httpx.Client, guest: str) -> None:
    """As a person who is told to try again; 404 is an erasure that went on by itself."""
    give_up_at = time.monotonic() + 60
    while (said := ask(http, "DELETE", f"/v1/customers/{guest}")[0]).status not in (204, 404):
        assert time.monotonic() < give_up_at, said
        time.sleep(0.5)


def _sent(http: httpx.Client, portrait: bytes) -> list[str]:
    """Photos that are taken now, if any are."""
    said, body = ask(http, "POST", "/v1/photos", content=portrait)
    return [f"/v1/photos/{body['id']}"] if said.status == 202 else []


def _names_now(http: httpx.Client, portrait: bytes) -> set[str]:
    """In a photo that is sent now, as far as it gets in a few seconds."""
    found: set[str] = set()
    for address in _sent(http, portrait):
        said, photo = ask(http, "GET", address, params={"wait_s": 3})
        found |= _of(photo) if said.status == 200 else set()
    return found


def _names(http: httpx.Client, portrait: bytes) -> set[str]:
    sent = http.post("/v1/photos", content=portrait).raise_for_status()
    return _wait_for(http, sent.headers["location"])


def _wait_for(http: httpx.Client, address: str) -> set[str]:
    return _of(_settled(http, address))


def _of(photo: dict) -> set[str]:
    return {face["customer"]["name"] for face in photo["faces"] or [] if face["customer"]}


def _settled(http: httpx.Client, address: str) -> dict:
    give_up_at = time.monotonic() + 90
    while True:
        said, found = ask(http, "GET", address, params={"wait_s": 5})
        if said.status == 200 and found["state"] in ("done", "failed"):
            return found
        assert time.monotonic() < give_up_at, (said, found)
        if said.status != 200:
            time.sleep(0.5)
