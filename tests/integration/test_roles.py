"""Every route and every page as every role, against the tables of docs/roles.md."""

import asyncio
import re

import pytest

from services.role_table import DOCUMENT, YES
from tests.people import headers, link_for, sign_in_as
from vestibule.domain.permissions import Grant, Role
from vestibule.records import venues
from vestibule.records.tables import Photo, Venue
from vestibule.workflows.submit_photo import submit_photo

pytestmark = pytest.mark.anyio

BY_LINK = re.compile(r"/photos/.*/image|.*/crop|.*/portrait|.*/picture|.*/thumbnail")
"""Pictures, which open by a link of a page alone: test_media_access asks each as each role."""
ENDLESS = {("GET", "/v1/alerts/events"), ("GET", "/alerts/events")}
"""What is let in is answered by events without an end: only a refusal can be waited for."""
SOME_ID = "00000000-0000-4000-8000-000000000000"
ROW = re.compile(r"^\| `(\w+) (\S+)` \| [^|]+ \| (.+) \|$", re.M)


def rows(name: str) -> list[tuple[str, str, set[Role]]]:
    text = DOCUMENT.read_text()
    part = text[text.index(f"<!-- {name} -->") : text.index(f"<!-- end of {name} -->")]
    found = []
    for method, path, cells in ROW.findall(part):
        said = zip(Role, cells.split(" | "), strict=True)
        found.append((method, path, {role for role, cell in said if cell == YES}))
    return found


ROUTES, PAGES = rows("routes"), rows("pages")


async def status_of(client, method: str, path: str, **options) -> int:
    if (method, path) not in ENDLESS:
        return (await client.request(method, filled(path), **options)).status_code
    try:
        async with asyncio.timeout(1):
            return (await client.request(method, filled(path), **options)).status_code
    except TimeoutError:
        return 200


def filled(path: str) -> str:
    path = re.sub(r"\{(number|\w+:int)[^}]*\}", "1", path)
    path = re.sub(r"\{(name|sample_id)\}", "nothing", path)
    return re.sub(r"\{[^}]+\}", SOME_ID, path)


@pytest.mark.parametrize("role", Role)
async def test_every_route_lets_in_whom_the_table_says(client, here, role):
    token, wrong = sign_in_as(here.runtime, role), []
    for method, path, allowed in ROUTES:
        if (method, path) == ("DELETE", "/v1/session"):
            token = sign_in_as(here.runtime, role)
        status = await status_of(client, method, path, headers=headers(token))
        if (method, path) == ("DELETE", "/v1/session"):
            token = sign_in_as(here.runtime, role)
        if (status == 403) == (role in allowed) or status in (401, 500):
            wrong.append((method, path, status))
    assert len(ROUTES) > 70
    assert wrong == []


@pytest.mark.duty("GDPR 25")
async def test_art_25_every_route_refuses_who_is_signed_out_and_who_has_no_role(client, here):
    nobody = sign_in_as(here.runtime)
    for method, path, allowed in ROUTES:
        assert (await client.request(method, filled(path))).status_code == 401, (method, path)
        if allowed != set(Role):
            answer = await client.request(method, filled(path), headers=headers(nobody))
            assert answer.status_code == 403, (method, path)


@pytest.mark.parametrize("role", Role)
async def test_every_page_opens_for_whom_the_table_says_and_tells_the_others(web, here, role):
    await web.get(f"/sign-in/{link_for(here.runtime, role)}")
    wrong = []
    for _method, path, allowed in PAGES:
        page = {"headers": {"Accept": "text/html"}}
        if BY_LINK.fullmatch(path):
            assert await status_of(web, "GET", path, **page) == 404, path
            continue
        status = await status_of(web, "GET", path, **page)
        if (status == 403) == (role in allowed) or status == 500:
            wrong.append((path, status))
        if status == 403:
            words = (await web.get(filled(path), **page)).text
            assert "You are not allowed to do this." in words, path
    assert wrong == []


async def test_every_page_leads_who_is_signed_out_to_the_sign_in(web):
    for _method, path, _allowed in PAGES:
        answer = await web.get(filled(path), headers={"Accept": "text/html"})
        assert answer.headers.get("location", "").partition("?")[0] == "/sign-in", path


@pytest.mark.parametrize("role", Role)
async def test_navigation_offers_only_what_opens(web, here, role):
    await web.get(f"/sign-in/{link_for(here.runtime, role)}")
    page = await web.get("/", follow_redirects=True)
    assert page.status_code == 200
    tabs = page.text[page.text.index('<nav class="tabs"') :]
    offered = re.findall(r'href="(/[^"]*)"', tabs[: tabs.index("</nav>")])

    assert offered
    assert ("data-take-photo" in tabs) == (role in (Role.DOOR, Role.HOST, Role.MANAGER))
    for path in offered:
        assert (await web.get(path)).status_code == 200, path


async def test_who_has_no_role_is_told_so(web, here):
    await web.get(f"/sign-in/{link_for(here.runtime)}")
    page = await web.get("/")
    assert page.status_code == 403
    assert "You are not allowed to do this." in page.text


# ── venues ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def two_venues(here):
    now = here.runtime.clock.now()
    with here.runtime.database.begin() as transaction:
        home = venues.home(transaction).id
        other = Venue(name="Quay", timezone="Europe/Paris", closes_at_hour=8, created_at=now)
        transaction.add(other)
        transaction.flush()
        return home, other.id


@pytest.mark.duty("GDPR 5(1)(f)")
async def test_photo_is_reached_by_a_role_at_its_venue_alone(client, here, two_venues, empty_photo):
    home, other = two_venues
    photo = submit_photo(here.runtime, empty_photo, actor="test", venue_id=other)
    path = f"/v1/photos/{photo.id}"
    there = headers(sign_in_as(here.runtime, Grant(Role.DOOR, other)))
    elsewhere = headers(sign_in_as(here.runtime, Grant(Role.DOOR, home)))

    assert (await client.get(path, headers=there)).status_code == 200
    refused = await client.get(path, headers=elsewhere)
    assert (refused.status_code, refused.json()["facts"]["venue"]) == (403, str(other))
    for method, rest in (("GET", "/image"), ("GET", "/events"), ("DELETE", "")):
        assert (await client.request(method, path + rest, headers=elsewhere)).status_code == 403
    for token, is_listed in ((there, True), (elsewhere, False)):
        listed = (await client.get("/v1/photos", headers=token)).json()["items"]
        assert (str(photo.id) in [item["id"] for item in listed]) == is_listed


async def test_upload_takes_place_where_the_person_is(client, here, two_venues, empty_photo):
    _home, other = two_venues
    there = headers(sign_in_as(here.runtime, Grant(Role.DOOR, other)))
    accepted = (await client.post("/v1/photos", content=empty_photo, headers=there)).json()
    with here.runtime.database.look() as transaction:
        assert str(transaction.get_one(Photo, accepted["id"]).venue_id) == str(other)


async def test_role_at_one_venue_carries_nothing_of_the_whole_chain(client, here, two_venues):
    token = headers(sign_in_as(here.runtime, Grant(Role.ADMIN, two_venues[1])))

    assert (await client.post("/v1/index/reconciliation", headers=token)).status_code == 403
    assert (await client.post("/v1/api-keys", json={"name": "x"}, headers=token)).status_code == 403


async def test_session_says_who_and_what_and_where(client, here, two_venues):
    _home, other = two_venues
    token = sign_in_as(here.runtime, Grant(Role.HOST, other), name="Camille Roux")
    said = (await client.get("/v1/session", headers=headers(token))).json()

    assert said["name"] == "Camille Roux"
    assert said["roles"] == [{"role": "host", "venue_id": str(other)}]
    assert {"permission": "customers.view", "venue_ids": [str(other)]} in said["permissions"]
    assert said["venue"]["name"] == "Quay"
    assert [venue["id"] for venue in said["venues"]] == [str(other)]
