"""A customer's own page: what it shows and does, and what a hostile caller gets of it."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from services.api.personal_archive import schema_text
from services.role_table import routes_of_the_api
from tests.integration.own_page import (
    a_guest,
    at_own_page,
    link_of,
    stored,
    with_consent,
    with_entry,
    with_face,
    with_history,
)
from tests.people import headers, last_audit_entry, sign_in_as
from vestibule.domain.permissions import Role
from vestibule.domain.retention import Kept, as_shipped
from vestibule.records import personal_data
from vestibule.records.customer_references import REFERENCES, How
from vestibule.records.personal_ends import End
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.record_consent import withdraw_consent

pytestmark = pytest.mark.anyio
SCHEMA = Path(__file__).parents[2] / "docs" / "privacy" / "personal-data.schema.json"
OTHERS = ("Third Person", "Reporter Name", "Staff Name")


@pytest.fixture
def moved_clock(here):
    clock, before = here.runtime.clock, here.runtime.clock.moment
    yield clock
    clock.moment = before


async def opened(client, token, **more):
    return await client.post("/v1/me/session", json={"token": token, "source": uuid4().hex, **more})


def unpacked(content: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {name: archive.read(name) for name in archive.namelist()}


# ── access, portability ─────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 15")
async def test_art_15_shows_everything_and_nothing_of_anybody_else(client, here):
    who = a_guest(here, "Zoé Lefèvre", email="zoe@example.org", notes="Table by the window.")
    with_consent(here, who)
    with_face(here.runtime, who)
    with_history(here, who)
    with_entry(here, who)
    me = await at_own_page(client, here, who)

    answer = await client.get("/v1/me", headers=me)

    data = answer.json()
    assert data["profile"]["name"] == "Zoé Lefèvre" and "window" in data["profile"]["notes"]
    counts = {name: len(data[name]) for name in ("consents", "faces", "visits", "purchases")}
    assert counts == dict.fromkeys(counts, 1)
    assert data["incidents"][0]["part"] == "actor" and data["incidents"][0]["has_account"]
    assert data["watchlist"][0]["can_appeal"] and data["proposals"][0]["points"] == 31.0
    assert "customer.create" in {look["action"] for look in data["looks"]}
    assert not [name for name in OTHERS if name in answer.text]
    entry = last_audit_entry(here.runtime, "customer.see_own")
    assert (entry.actor, entry.subject) == ("guest", f"customer:{who}")


@pytest.mark.duty("GDPR 15")
def test_art_15_says_when_each_thing_goes_as_the_clocks_do_it(here):
    who = a_guest(here, "Zoé Lefèvre")
    consent_id = with_consent(here, who)
    with_face(here.runtime, who)
    with_history(here, who)
    now, days = here.runtime.clock.now(), as_shipped().days

    def ends() -> dict[Kept, End]:
        with here.runtime.database.look() as transaction:
            held = personal_data.collect(transaction, who, now=now)
        return {one.kind: one for one in held.ends}

    told = ends()
    came = now - timedelta(days=3)
    assert told[Kept.VISIT].goes_at == came + timedelta(days=days[Kept.VISIT])
    assert told[Kept.TEMPLATE].goes_at == now + timedelta(days=days[Kept.TEMPLATE])
    assert told[Kept.CUSTOMER].goes_at >= now + timedelta(days=days[Kept.CUSTOMER])
    assert not told[Kept.TEMPLATE].is_announced and Kept.OFFER not in told
    agreed_until = told[Kept.CONSENT].goes_at

    withdraw_consent(here.runtime, who, consent_id, actor="test")
    assert ends()[Kept.CONSENT].goes_at < agreed_until  # its clock began earlier


@pytest.mark.duty("GDPR 15")
async def test_art_15_says_that_nothing_goes_while_an_appeal_is_open(client, here):
    who = a_guest(here)
    with_history(here, who)
    with_entry(here, who)
    me = await at_own_page(client, here, who)
    before = (await client.get("/v1/me", headers=me)).json()
    await client.post("/v1/me/appeals", json={"statement": "It was not me."}, headers=me)

    after = (await client.get("/v1/me", headers=me)).json()

    def goes(data: dict) -> dict[str, str | None]:
        return {one["what"]: one["goes_at"] for one in data["ends"]}

    assert goes(before)["customer"] and goes(after)["customer"] is None
    assert goes(after)["entry"] is None and goes(after)["visit"] == goes(before)["visit"]


@pytest.mark.duty("GDPR 15")
def test_art_15_no_table_that_names_customers_is_left_out_without_a_reason():
    told = personal_data.COVERED
    without = {
        "alert": "raised while an entry holds; the entry and each look are told",
        "batch_failure": "a file name and a fault, for days",
        "consent_proof": "the consent that it proves is told; the scan is given on request",
        "legal_hold": "a reason between the venue and its counsel; the officer tells of it",
        "enrolment": "the face that came of it is told",
        "not_them": "that a face is not theirs: somebody else's",
        "personal_link": "the way they came by, kept as hashes",
    }
    moving = {one.table for one in REFERENCES if one.how is How.MOVES}
    assert moving - told - without.keys() == set()


@pytest.mark.duty("GDPR 20")
async def test_art_20_file_follows_its_documented_schema_and_holds_the_pictures(client, here):
    who = a_guest(here, "Zoé", language="fr-FR")
    face = with_face(here.runtime, who, b"these pixels")
    with_history(here, who)
    me = await at_own_page(client, here, who)

    files = unpacked((await client.get("/v1/me/export", headers=me)).content)

    data = json.loads(files["data.json"])
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)
    assert files[f"pictures/face-{face}.jpg"] == b"these pixels"
    assert data["faces"][0]["picture"] == f"pictures/face-{face}.jpg"
    assert "Ce que nous conservons sur vous" in files["vos-donnees.html"].decode()
    everything = b"".join(files.values()).decode(errors="replace")
    assert not [name for name in OTHERS if name in everything]


def test_schema_in_the_documents_is_the_one_that_is_served():
    assert SCHEMA.read_text() == schema_text()


async def test_what_people_wrote_is_neither_markup_nor_a_formula_in_the_file(client, here):
    evil = '<script>alert(1)</script><img src=x onerror="x">'
    who = a_guest(here, evil, notes=evil)
    with_history(here, who)
    with here.runtime.database.begin() as transaction:
        (row,) = personal_data.collect(transaction, who, now=here.runtime.clock.now()).purchases
        row.category, row.currency = "=HYPERLINK(1)", "EUR"
        transaction.add(row)
    me = await at_own_page(client, here, who)
    files = unpacked((await client.get("/v1/me/export", headers=me)).content)
    page = files["your-data.html"].decode()
    assert "<script" not in page and "<img src=x" not in page and "&lt;script&gt;" in page
    assert "'=HYPERLINK(1)" in files["purchases.csv"].decode()
    assert all(name.isascii() and ".." not in name for name in files)


async def test_file_of_merged_people_is_one(client, here):
    kept, merged = a_guest(here, "Zoé Lefèvre"), a_guest(here, "Zoe Lefebvre")
    for one in (kept, merged):
        with_history(here, one)  # the same night: one visit stays with the merged file
    face = with_face(here.runtime, merged)
    with_consent(here, kept)
    merge_customers(here.runtime, kept_id=kept, merged_id=merged, actor="test")
    me = await at_own_page(client, here, merged)
    data = (await client.get("/v1/me", headers=me)).json()
    assert data["profile"]["other_names"] == ["Zoe Lefebvre"]
    assert len(data["visits"]) == 2 and len(data["incidents"]) == 2
    assert (await client.get(f"/v1/me/pictures/{face}", headers=me)).status_code == 200


# ── what one can do there ───────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 16")
async def test_art_16_contact_is_corrected_at_once_and_a_name_is_asked_for(client, here):
    who = a_guest(here, "Alex", email="old@example.org")
    me = await at_own_page(client, here, who)
    changed = await client.patch("/v1/me/contact", json={"email": "New@Example.org"}, headers=me)
    assert changed.json()["profile"]["email"] == "new@example.org"
    wish = {"right": "rectification", "name": "Alexandre Morel", "birth_date": "1990-05-04"}
    asked = await client.post("/v1/me/requests", json=wish, headers=me)
    assert asked.status_code == 201
    assert stored(here, who).name == "Alex"
    assert (await client.patch("/v1/me/contact", json={"name": "X"}, headers=me)).status_code == 422
    dpo = headers(sign_in_as(here.runtime, Role.DPO))
    request = asked.json()["requests"][0]
    seen = (await client.get(f"/v1/data-requests/{request['id']}", headers=dpo)).json()
    assert seen["identity"] == "personal_link"
    assert seen["steps"][0]["details"] == {"name": "Alexandre Morel", "birth_date": "1990-05-04"}


@pytest.mark.duty("GDPR 7(3)")
async def test_art_7_consent_is_withdrawn_from_ones_own_page(client, here):
    who = a_guest(here)
    consent, others = with_consent(here, who), with_consent(here, a_guest(here, "Other"))
    me = await at_own_page(client, here, who)
    stolen = await client.post(f"/v1/me/consents/{others}/withdrawal", headers=me)
    assert stolen.status_code == 404
    done = await client.post(f"/v1/me/consents/{consent}/withdrawal", headers=me)
    assert done.json()["consents"][0]["withdrawn_at"] is not None


@pytest.mark.duty("GDPR 21")
async def test_art_21_objection_holds_at_once_and_can_be_taken_back(client, here):
    who = a_guest(here)
    me = await at_own_page(client, here, who)
    said = await client.post("/v1/me/objections", json={"to_offers": True}, headers=me)
    assert said.json()["objects_to_offers_since"] is not None
    assert said.json()["objects_to_statistics_since"] is None
    back = await client.post("/v1/me/objections", json={"to_offers": False}, headers=me)
    assert back.json()["objects_to_offers_since"] is None


@pytest.mark.duty("GDPR 22")
async def test_art_22_entry_is_appealed_against_and_a_person_decides(client, here):
    who = a_guest(here)
    me = await at_own_page(client, here, who)
    nothing = await client.post("/v1/me/appeals", json={"statement": "Why?"}, headers=me)
    assert nothing.status_code == 404
    with_entry(here, who)
    done = await client.post("/v1/me/appeals", json={"statement": "Not me."}, headers=me)
    (entry,) = done.json()["watchlist"]
    assert entry["appeals"][0]["statement"] == "Not me." and not entry["can_appeal"]
    again = await client.post("/v1/me/appeals", json={"statement": "Not me."}, headers=me)
    assert again.status_code == 409
    manager = headers(sign_in_as(here.runtime, Role.MANAGER))
    listed = (await client.get("/v1/watchlist/appeals", headers=manager)).json()["items"]
    assert "Not me." in [one["appeal"]["statement"] for one in listed]


@pytest.mark.duty("GDPR 17")
async def test_art_17_erasure_is_asked_for_once_and_carried_out_on_approval(client, here):
    who = a_guest(here)
    me = await at_own_page(client, here, who)
    asked = await client.post("/v1/me/requests", json={"right": "erasure"}, headers=me)
    twice = await client.post("/v1/me/requests", json={"right": "erasure"}, headers=me)
    assert (asked.status_code, twice.status_code) == (201, 409)
    dpo = headers(sign_in_as(here.runtime, Role.DPO))
    url = f"/v1/data-requests/{asked.json()['requests'][0]['id']}/outcome"
    body = {"outcome": "answered", "words": "Erased."}
    assert (await client.post(url, json=body, headers=dpo)).json()["state"] == "answered"
    assert (await client.get("/v1/me", headers=me)).status_code == 401


# ── who gets in ─────────────────────────────────────────────────────────────────────────────
async def test_link_opens_in_the_first_browser_alone(client, here):
    token = await link_of(client, here, a_guest(here))
    first = await opened(client, token)
    elsewhere = await opened(client, token)
    with_another_key = await opened(client, token, browser_token="guessed")
    again = await opened(client, token, browser_token=first.json()["browser_token"])
    statuses = [one.status_code for one in (first, elsewhere, with_another_key, again)]
    assert statuses == [201, 410, 410, 201]


async def test_why_a_link_opens_nothing_is_not_told(client, here, moved_clock):
    spent = await link_of(client, here, a_guest(here))
    await opened(client, spent)
    old = await link_of(client, here, a_guest(here))
    replaced_of = a_guest(here)
    replaced = await link_of(client, here, replaced_of)
    await link_of(client, here, replaced_of)
    moved_clock.moment += timedelta(days=7, seconds=1)
    answers = [await opened(client, one) for one in (spent, old, replaced, "never-was")]
    bodies = [{**one.json(), "request_id": ""} for one in answers]
    assert {one.status_code for one in answers} == {410}
    assert all(body == bodies[0] for body in bodies)


async def test_link_that_is_taken_back_puts_out_who_is_there(client, here):
    who = a_guest(here)
    me = await at_own_page(client, here, who)
    host = headers(sign_in_as(here.runtime, Role.HOST))
    url = f"/v1/customers/{who}/personal-links"
    (link,) = (await client.get(url, headers=host)).json()["items"]
    assert link["is_live"] and link["opened_at"]
    other = f"/v1/customers/{a_guest(here, 'Other')}/personal-links/{link['id']}"
    assert (await client.delete(other, headers=host)).status_code == 404
    assert (await client.get("/v1/me", headers=me)).status_code == 200
    for _ in range(2):
        assert (await client.delete(f"{url}/{link['id']}", headers=host)).status_code == 204
    assert (await client.get("/v1/me", headers=me)).status_code == 401


async def test_session_ends_after_half_an_hour_and_by_leaving(client, here, moved_clock):
    me = await at_own_page(client, here, a_guest(here))
    moved_clock.moment += timedelta(minutes=29)
    assert (await client.get("/v1/me", headers=me)).status_code == 200
    moved_clock.moment += timedelta(minutes=1)
    assert (await client.get("/v1/me", headers=me)).status_code == 401
    again = await at_own_page(client, here, a_guest(here))
    assert (await client.delete("/v1/me/session", headers=again)).status_code == 204
    assert (await client.get("/v1/me", headers=again)).status_code == 401


async def test_guest_gets_nothing_of_another_one(client, here):
    other = a_guest(here, "Other")
    face = with_face(here.runtime, other)
    me = await at_own_page(client, here, a_guest(here))
    for picture in (face, uuid4()):
        answer = await client.get(f"/v1/me/pictures/{picture}", headers=me)
        assert answer.status_code == 404
    assert "Other" not in (await client.get("/v1/me", headers=me)).text
    for path in (f"/v1/customers/{other}", "/v1/customers", "/v1/audit/entries", "/v1/session"):
        assert (await client.get(path, headers=me)).status_code == 401


async def test_no_staff_and_no_key_enters_a_page_that_is_somebodys_own(client, here):
    everybody = headers(sign_in_as(here.runtime, *Role))
    paths = routes_of_the_api().openapi()["paths"]
    own = [
        (method, path)
        for path, item in paths.items()
        if path.startswith("/v1/me")
        for method in item
    ]
    assert len(own) >= 10
    for method, path in own:
        if (method, path) == ("post", "/v1/me/session"):
            continue
        url = path.replace("{picture_id}", str(uuid4())).replace("{consent_id}", str(uuid4()))
        for who in (everybody, {}):
            answer = await client.request(method, url, headers=who, json={})
            assert answer.status_code == 401, (method, path)


async def test_guessing_is_slowed_down_by_where_it_comes_from(client, here):
    token = await link_of(client, here, a_guest(here))
    source = f"203.0.113.{uuid4().int % 250}:{uuid4().hex[:4]}"
    guesses = [await opened(client, f"guess-{n}", source=source) for n in range(34)]
    assert guesses[0].status_code == 410
    assert guesses[-1].status_code == 429 and "retry-after" in guesses[-1].headers
    assert (await opened(client, token, source=source)).status_code == 429
    assert (await opened(client, token, source="198.51.100.7")).status_code == 201


async def test_token_is_stored_nowhere(client, here):
    who = a_guest(here)
    token = await link_of(client, here, who)
    await opened(client, token)
    entry = last_audit_entry(here.runtime, "personal_link.open")
    assert token not in str(entry.details)
    host = headers(sign_in_as(here.runtime, Role.HOST))
    listed = await client.get(f"/v1/customers/{who}/personal-links", headers=host)
    assert token not in listed.text and "sha256" not in listed.text


async def test_door_makes_no_links_and_hosts_take_no_files(client, here):
    who, door = a_guest(here), headers(sign_in_as(here.runtime, Role.DOOR))
    url = f"/v1/customers/{who}"
    body = {"identity": "known_in_person"}
    refused = await client.post(f"{url}/personal-links", json=body, headers=door)
    host, dpo = (headers(sign_in_as(here.runtime, role)) for role in (Role.HOST, Role.DPO))
    assert refused.status_code == 403
    assert (await client.get(f"{url}/personal-data", headers=host)).status_code == 403
    assert (await client.get(f"{url}/personal-data", headers=dpo)).status_code == 200
