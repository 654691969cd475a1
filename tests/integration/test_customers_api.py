"""Customers over HTTP: names of every kind, search, correction, erasure of one without a face."""

from uuid import uuid4

import pytest


def create(api, name, **fields):
    return api.post("/v1/customers", json={"name": name, **fields})


@pytest.mark.parametrize(
    "name",
    [
        "👩‍🎤 Ziggy ⭐",
        "ليلى حداد",
        "<script>alert(1)</script>",
        "O'Brien; DROP TABLE customer",
        "Łucja",
    ],
)
def test_any_name_comes_back_as_it_was_typed(api, name):
    created = create(api, name)

    assert created.status_code == 201
    assert api.get(f"/v1/customers/{created.json()['id']}").json()["name"] == name


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000, "\u202e\u0000"])
def test_impossible_name_is_refused_and_named(api, name):
    answer = create(api, name)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["facts"]["fields"][0]["field"] == "name"


def test_lone_surrogate_in_json_is_refused_not_a_fault(api):
    answer = api.post(
        "/v1/customers",
        content=b'{"name": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422


def test_unknown_field_is_refused(api):
    assert create(api, "Ann", nickname="A").status_code == 422


def test_search_forgives_case_and_accents(api):
    created = create(api, f"Zoé Lefèvre {uuid4().hex[:6]}").json()
    code = created["name"].split()[-1]

    found = api.get("/v1/customers", params={"query": f"LEFEVRE {code}"}).json()

    assert [item["id"] for item in found["items"]] == [created["id"]]


@pytest.mark.parametrize("query", ["%", "_", "\\", "\x00", "'"])
def test_wildcards_in_a_search_are_letters(api, query):
    answer = api.get("/v1/customers", params={"query": query})

    assert answer.status_code == 200


def test_pages_hold_everybody_once(api):
    tag = uuid4().hex[:8]
    made = {create(api, f"Guest {tag} {number}").json()["id"] for number in range(7)}

    seen, cursor = [], None
    while True:
        page = api.get("/v1/customers", params={"query": tag, "limit": 3, "cursor": cursor or ""})
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break

    assert sorted(seen) == sorted(made)
    assert page.json()["total"] == 7


@pytest.mark.parametrize("cursor", ["rubbish", "bnVsbA==", "WzEsMl0="])
def test_foreign_cursor_is_refused(api, cursor):
    answer = api.get("/v1/customers", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.duty("GDPR 16")
def test_art_16_correction_changes_what_was_sent_and_nothing_else(api):
    created = create(api, "Jon", notes="Terrace").json()

    changed = api.patch(f"/v1/customers/{created['id']}", json={"name": "John"}).json()

    assert (changed["name"], changed["notes"]) == ("John", "Terrace")


def test_reference_is_unique(api):
    reference = f"loyalty-{uuid4().hex}"
    create(api, "First", reference=reference)

    answer = create(api, "Second", reference=reference)

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_erased_customer_is_gone(api):
    created = create(api, "Gone Tomorrow").json()

    erasure = api.delete(f"/v1/customers/{created['id']}").json()

    assert erasure.pop("erasure_id")
    assert erasure == {
        "customer_id": created["id"],
        "templates": 0,
        "vectors": 0,
        "images": 0,
        "visits": 0,
        "held_until": None,
        "waits_for": None,
    }
    assert api.get(f"/v1/customers/{created['id']}").status_code == 404
    assert api.delete(f"/v1/customers/{created['id']}").status_code == 404


@pytest.mark.duty("GDPR 7(3)")
def test_consent_can_be_withdrawn_twice_and_given_again(api):
    created = create(api, "Changes Her Mind").json()
    path = f"/v1/customers/{created['id']}/consents"
    consent = api.post(path, json={"basis": "explicit-consent", "notice_shown": True}).json()

    first = api.post(f"{path}/{consent['id']}/withdrawal").json()
    second = api.post(f"{path}/{consent['id']}/withdrawal").json()
    again = api.post(path, json={"basis": "explicit-consent", "notice_shown": True})

    assert first["withdrawn_at"] == second["withdrawn_at"] is not None
    assert again.status_code == 201


@pytest.mark.duty("GDPR 7(1)")
def test_art_7_consent_without_the_notice_is_refused(api):
    created = create(api, "Saw No Notice").json()

    answer = api.post(
        f"/v1/customers/{created['id']}/consents",
        json={"basis": "explicit-consent", "notice_shown": False},
    )

    assert answer.status_code == 422
