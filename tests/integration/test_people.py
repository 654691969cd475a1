"""People, their roles, keys and venues: what an administrator may, and what nobody may."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete

from tests.people import PASSWORD, headers, invited_person, last_audit_entry, sign_in_as
from vestibule.domain.permissions import Grant, Role
from vestibule.records import venues
from vestibule.records.people_tables import RoleGrant
from vestibule.records.tables import Photo

pytestmark = pytest.mark.anyio


@pytest.fixture
def admin(here):
    return headers(sign_in_as(here.runtime, Role.ADMIN, name="Admin"))


def new_person(email: str, *roles: dict) -> dict:
    return {"name": "Camille Roux", "email": email, "roles": list(roles)}


async def session_of(client, email) -> dict[str, str]:
    body = {"email": email, "password": PASSWORD}
    step = (await client.post("/v1/session/password", json=body)).json()
    return headers(step["access_token"])


async def person_of(client, admin, email) -> dict:
    people = (await client.get("/v1/people", headers=admin)).json()["items"]
    return next(person for person in people if person["email"] == email)


@pytest.fixture
async def quay(client, here) -> str:
    """A second venue."""
    with here.runtime.database.look() as transaction:
        there = {venue.name: venue.id for venue in venues.in_order(transaction)}
    if "Quay" in there:
        return str(there["Quay"])
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    body = {"name": "Quay", "timezone": "Europe/Lisbon", "closes_at_hour": 7}
    return (await client.post("/v1/venues", json=body, headers=admin)).json()["id"]


# ── invitations ─────────────────────────────────────────────────────────────────────────────
async def test_invitation_works_once_and_signs_in(client, admin):
    body = new_person("once@club.example", {"role": "door"})
    made = (await client.post("/v1/people", json=body, headers=admin)).json()
    token = {"token": made["path"].removeprefix("/invitations/")}

    assert made["person"]["status"] == "invited"
    looked = (await client.post("/v1/invitations/lookup", json=token)).json()
    assert looked == {"name": "Camille Roux", "email": "once@club.example"}
    weak = await client.post("/v1/invitations/acceptance", json={**token, "password": "short"})
    assert weak.json()["code"] == "weak_password"
    accepted = {**token, "password": PASSWORD}
    first = await client.post("/v1/invitations/acceptance", json=accepted)
    assert first.json()["state"] == "signed_in"
    second = await client.post("/v1/invitations/acceptance", json=accepted)
    assert (second.status_code, second.json()["code"]) == (410, "invitation_spent")
    assert (await person_of(client, admin, "once@club.example"))["status"] == "active"


async def test_invitation_accepted_twice_at_once_counts_once(client, admin):
    body = new_person("twice@club.example", {"role": "door"})
    made = (await client.post("/v1/people", json=body, headers=admin)).json()
    accepted = {"token": made["path"].removeprefix("/invitations/"), "password": PASSWORD}
    answers = await asyncio.gather(
        *(client.post("/v1/invitations/acceptance", json=accepted) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410]


async def test_newer_invitation_ends_the_one_before_and_both_end_by_time(client, here, admin):
    body = new_person("again@club.example", {"role": "door"})
    made = (await client.post("/v1/people", json=body, headers=admin)).json()
    path = f"/v1/people/{made['person']['id']}/invitation"
    again = (await client.post(path, headers=admin)).json()

    async def works(shown) -> bool:
        token = {"token": shown["path"].removeprefix("/invitations/")}
        return (await client.post("/v1/invitations/lookup", json=token)).status_code == 200

    assert not await works(made)
    assert await works(again)
    here.runtime.clock.moment += timedelta(days=4)
    assert not await works(again)


async def test_address_is_taken_once_whatever_its_case(client, admin):
    body = new_person("Case@Club.example", {"role": "door"})
    assert (await client.post("/v1/people", json=body, headers=admin)).status_code == 201
    body["email"] = "case@club.EXAMPLE"
    assert (await client.post("/v1/people", json=body, headers=admin)).status_code == 409


# ── roles ───────────────────────────────────────────────────────────────────────────────────
async def test_changed_roles_count_from_the_next_request_on(client, here, admin):
    email = await invited_person(client, here, Role.HOST)
    mine, person = await session_of(client, email), await person_of(client, admin, email)
    assert (await client.get("/v1/customers", headers=mine)).status_code == 200
    roles = {"roles": [{"role": "door"}]}
    await client.post(f"/v1/people/{person['id']}/roles", json=roles, headers=admin)
    assert (await client.get("/v1/customers", headers=mine)).status_code == 403


async def test_disabled_account_is_out_at_once_and_its_keys_with_it(client, here, admin):
    email = await invited_person(client, here, Role.ADMIN, Role.HOST)
    mine, person = await session_of(client, email), await person_of(client, admin, email)
    key = await client.post("/v1/api-keys", json={"name": "theirs"}, headers=mine)
    theirs = headers(key.json()["api_key"])
    assert (await client.get("/v1/customers", headers=theirs)).status_code == 200
    await client.post(f"/v1/people/{person['id']}/disablement", headers=admin)

    for token in (mine, theirs):
        assert (await client.get("/v1/session", headers=token)).status_code == 401
    body = {"email": email, "password": PASSWORD}
    assert (await client.post("/v1/session/password", json=body)).status_code == 401
    await client.post(f"/v1/people/{person['id']}/enablement", headers=admin)
    assert (await client.post("/v1/session/password", json=body)).status_code == 200
    assert (await client.get("/v1/session", headers=mine)).status_code == 401


async def test_admin_of_one_venue_reaches_that_venue_alone(client, here, admin, quay):
    local = headers(sign_in_as(here.runtime, Grant(Role.ADMIN, quay)))
    there, chain = {"role": "manager", "venue_id": quay}, {"role": "manager"}

    async def invite(email, *roles):
        return await client.post("/v1/people", json=new_person(email, *roles), headers=local)

    assert (await invite("there@club.example", there)).status_code == 201
    assert (await invite("chain@club.example", chain)).status_code == 403
    email = await invited_person(client, here, Role.HOST)
    person = await person_of(client, admin, email)
    for path in ("disablement", "invitation"):
        url = f"/v1/people/{person['id']}/{path}"
        assert (await client.post(url, headers=local)).status_code == 403
    mine = await person_of(client, admin, "there@club.example")
    raised = {"roles": [there, {"role": "admin"}]}
    url = f"/v1/people/{mine['id']}/roles"
    assert (await client.post(url, json=raised, headers=local)).status_code == 403
    assert (await client.get("/v1/sign-in-policy", headers=local)).status_code == 200
    strict = {"second_factor_roles": ["host"]}
    assert (await client.patch("/v1/sign-in-policy", json=strict, headers=local)).status_code == 403


def make_only_admins(here, *account_ids: str) -> None:
    with here.runtime.database.begin() as transaction:
        others = delete(RoleGrant).where(RoleGrant.account_id.not_in(account_ids))
        transaction.execute(others.where(RoleGrant.role == "admin"))


async def test_of_two_admins_who_remove_each_other_one_stays(client, here):
    for _ in range(3):
        emails = [await invited_person(client, here, Role.ADMIN) for _ in range(2)]
        sessions = [await session_of(client, email) for email in emails]
        people = [await person_of(client, sessions[0], email) for email in emails]
        make_only_admins(here, *(person["id"] for person in people))
        answers = await asyncio.gather(
            client.post(f"/v1/people/{people[1]['id']}/disablement", headers=sessions[0]),
            client.post(
                f"/v1/people/{people[0]['id']}/roles", json={"roles": []}, headers=sessions[1]
            ),
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes[0] == 200 and codes[1] in (401, 403, 409), codes
        left = [(await client.get("/v1/people", headers=mine)).status_code for mine in sessions]
        assert left.count(200) == 1


async def test_last_admin_cannot_go(client, here):
    email = await invited_person(client, here, Role.ADMIN)
    mine = await session_of(client, email)
    person = await person_of(client, mine, email)
    make_only_admins(here, person["id"])
    path = f"/v1/people/{person['id']}"
    gone = await client.post(f"{path}/disablement", headers=mine)
    bare = await client.post(f"{path}/roles", json={"roles": [{"role": "host"}]}, headers=mine)

    for answer in (gone, bare):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert (await client.get("/v1/people", headers=mine)).status_code == 200


async def test_who_gives_themselves_a_role_is_written_down(client, here):
    email = await invited_person(client, here, Role.ADMIN)
    mine = await session_of(client, email)
    path = f"/v1/people/{(await person_of(client, mine, email))['id']}/roles"
    roles = {"roles": [{"role": "admin"}, {"role": "dpo"}]}
    assert (await client.post(path, json=roles, headers=mine)).status_code == 200
    entry = last_audit_entry(here.runtime, "account.roles")
    assert entry.details["own"] is True
    assert entry.details["given"] == ["dpo@all"]


# ── keys ────────────────────────────────────────────────────────────────────────────────────
async def test_key_does_what_its_scopes_name_and_no_more_than_its_maker(client, here, admin):
    email = await invited_person(client, here, Role.ADMIN, Role.HOST)
    mine, person = await session_of(client, email), await person_of(client, admin, email)
    too_much = {"name": "x", "scopes": ["audit.read"]}
    refused = await client.post("/v1/api-keys", json=too_much, headers=mine)
    assert (refused.status_code, refused.json()["facts"]["permission"]) == (403, "audit.read")
    body = {"name": "desk", "scopes": ["customers.view"]}
    made = (await client.post("/v1/api-keys", json=body, headers=mine)).json()
    key = headers(made["api_key"])

    assert (await client.get("/v1/customers", headers=key)).status_code == 200
    assert (await client.post("/v1/api-keys", json=body, headers=key)).status_code == 403
    assert (await client.get("/v1/people", headers=key)).status_code == 403
    assert (await client.get("/v1/account", headers=key)).status_code == 403
    listed = (await client.get("/v1/api-keys", headers=mine)).json()["items"]
    shown = next(item for item in listed if item["id"] == made["id"])
    assert shown["last_used_at"] and made["api_key"] not in str(listed)
    roles = {"roles": [{"role": "admin"}]}
    await client.post(f"/v1/people/{person['id']}/roles", json=roles, headers=admin)
    assert (await client.get("/v1/customers", headers=key)).status_code == 403


async def test_key_ends_by_time_and_by_revoking(client, here, admin):
    short = {"name": "short", "expires_in_days": 1, "scopes": ["keys.manage"]}
    first = (await client.post("/v1/api-keys", json=short, headers=admin)).json()
    second = (await client.post("/v1/api-keys", json=short, headers=admin)).json()
    gone = await client.delete(f"/v1/api-keys/{first['id']}", headers=admin)
    assert gone.status_code == 204
    again = await client.delete(f"/v1/api-keys/{first['id']}", headers=admin)
    assert again.status_code == 404
    ended, alive = headers(first["api_key"]), headers(second["api_key"])
    assert (await client.get("/v1/session", headers=ended)).status_code == 401
    assert (await client.get("/v1/session", headers=alive)).status_code == 200
    here.runtime.clock.moment += timedelta(days=2)
    assert (await client.get("/v1/session", headers=alive)).status_code == 401


async def test_scope_that_is_no_permission_is_refused(client, admin):
    body = {"name": "x", "scopes": ["everything"]}
    assert (await client.post("/v1/api-keys", json=body, headers=admin)).status_code == 422


# ── venues ──────────────────────────────────────────────────────────────────────────────────
async def test_photos_take_place_at_the_venue_that_was_chosen(client, here, quay, empty_photo):
    mine = headers(sign_in_as(here.runtime, Role.DOOR))
    here_first = (await client.post("/v1/photos", content=empty_photo, headers=mine)).json()
    moved = await client.patch("/v1/session", json={"venue_id": quay}, headers=mine)
    assert moved.json()["venue"]["name"] == "Quay"
    there = (await client.post("/v1/photos", content=empty_photo, headers=mine)).json()

    with here.runtime.database.look() as transaction:
        found = [transaction.get_one(Photo, p["id"]).venue_id for p in (here_first, there)]
        assert [str(one) for one in found] == [str(venues.home(transaction).id), quay]
    listed = (await client.get("/v1/photos", headers=mine)).json()["items"]
    assert there["id"] in [p["id"] for p in listed]
    assert here_first["id"] not in [p["id"] for p in listed]


async def test_nobody_goes_to_a_venue_where_they_may_do_nothing(client, here, quay):
    with here.runtime.database.look() as transaction:
        home = venues.home(transaction).id
    mine = headers(sign_in_as(here.runtime, Grant(Role.DOOR, home)))
    refused = await client.patch("/v1/session", json={"venue_id": quay}, headers=mine)
    assert refused.status_code == 403
    nowhere = {"venue_id": "00000000-0000-4000-8000-000000000000"}
    assert (await client.patch("/v1/session", json=nowhere, headers=mine)).status_code == 404


_NOWHERE = {"name": "Nowhere", "timezone": "Europe/Paris", "closes_at_hour": 7}


@pytest.mark.usefixtures("quay")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "Nowhere", "timezone": "Mars/Olympus", "closes_at_hour": 7}, 422),
        ({"name": "Nowhere", "timezone": "../../etc/passwd", "closes_at_hour": 7}, 422),
        ({"name": "Nowhere", "timezone": "Europe/Paris", "closes_at_hour": 24}, 422),
        ({**_NOWHERE, "minimum_age": 17}, 422),
        ({**_NOWHERE, "minimum_age": 26}, 422),
        ({**_NOWHERE, "minimum_age": 18.5}, 422),
        ({**_NOWHERE, "capacity": 0}, 422),
        ({**_NOWHERE, "capacity": 100_001}, 422),
        ({"name": "quay", "timezone": "Europe/Paris", "closes_at_hour": 7}, 409),
    ],
)
async def test_venue_that_does_not_fit_is_refused(client, admin, body, status):
    assert (await client.post("/v1/venues", json=body, headers=admin)).status_code == status


async def test_venue_is_corrected(client, admin, quay):
    path = f"/v1/venues/{quay}"
    changed = await client.patch(path, json={"closes_at_hour": 6}, headers=admin)
    assert changed.json()["closes_at_hour"] == 6
    assert changed.json()["name"] == "Quay"
    assert (changed.json()["minimum_age"], changed.json()["capacity"]) == (18, None)


async def test_age_and_capacity_of_a_venue_are_set_and_capacity_is_taken_away(client, admin, quay):
    path = f"/v1/venues/{quay}"
    body = {"minimum_age": 21, "capacity": 250}
    set_to = (await client.patch(path, json=body, headers=admin)).json()
    assert (set_to["minimum_age"], set_to["capacity"]) == (21, 250)
    left_out = {"closes_at_hour": 6, "minimum_age": None}
    kept = (await client.patch(path, json=left_out, headers=admin)).json()
    assert (kept["minimum_age"], kept["capacity"]) == (21, 250)
    none = {"capacity": None, "minimum_age": 18}
    assert (await client.patch(path, json=none, headers=admin)).json()["capacity"] is None
