"""Signatures, scans and answers from guests' phones: kept sealed, shown to few, gone with them."""

import base64
import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.people import headers, sign_in_as
from vestibule.domain.ids import new_uuid
from vestibule.domain.permissions import Role
from vestibule.workflows.erase_customer import erase_customer, resume_erasures
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.reseal_secrets import reseal

pytestmark = pytest.mark.anyio


@pytest.fixture
def host(here):
    return headers(sign_in_as(here.runtime, Role.HOST, name="Hana"))


@pytest.fixture
def zoe(here):
    return register_customer(here.runtime, NewCustomer(name="Zoé"), actor="test").id


def signature(*, ink: str = "black") -> str:
    drawn, sheet = io.BytesIO(), Image.new("RGB", (60, 20), "white")
    sheet.paste(ink, (10, 8, 50, 12))
    sheet.save(drawn, "PNG")
    return "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode()


async def agree(client, zoe, host, **more):
    body = {"purposes": ["recognition", "offers"], "language": "fr", **more}
    return await client.post(f"/v1/customers/{zoe}/agreements", json=body, headers=host)


@pytest.mark.duty("GDPR 7(1)")
async def test_art_7_signature_is_kept_sealed_and_shown_with_a_trace(client, here, zoe, host):
    agreed = await agree(client, zoe, host, signature=signature())
    assert agreed.status_code == 201
    [one, other] = agreed.json()["consents"]
    assert one["proof_id"] == other["proof_id"]
    assert (one["method"], one["language"], one["stands"]) == ("tablet", "fr", True)
    [key] = here.runtime.blobs.keys("consents/")
    assert not here.runtime.blobs.get(key).startswith(b"\xff\xd8")

    url = f"/v1/customers/{zoe}/agreements/{one['proof_id']}/file"
    shown = await client.get(url, headers=host)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    door = headers(sign_in_as(here.runtime, Role.DOOR))
    assert (await client.get(url, headers=door)).status_code == 403

    erase_customer(here.runtime, zoe, actor="test")
    assert here.runtime.blobs.keys("consents/") == []


@pytest.mark.duty("GDPR 17")
async def test_art_17_signature_in_a_backup_is_unreadable_once_the_key_is_gone(
    client, here, zoe, host
):
    """Row and object are there, as a restored backup has them."""
    agreed = await agree(client, zoe, host, signature=signature())
    proof = agreed.json()["consents"][0]["proof_id"]
    url = f"/v1/customers/{zoe}/agreements/{proof}/file"
    reseal(here.runtime.database, here.runtime.blobs, here.runtime.sealer)
    assert (await client.get(url, headers=host)).status_code == 200

    here.runtime.customer_keys.destroy(zoe)
    assert (await client.get(url, headers=host)).status_code == 404
    erase_customer(here.runtime, zoe, actor="test")
    assert here.runtime.blobs.keys("consents/") == []


@pytest.mark.duty("GDPR 17(3)")
async def test_art_17_3_signature_stays_for_the_officer_alone_while_a_hold_lasts(
    client, here, zoe, host
):
    agreed = await agree(client, zoe, host, signature=signature())
    url = f"/v1/customers/{zoe}/agreements/{agreed.json()['consents'][0]['proof_id']}/file"
    reseal(here.runtime.database, here.runtime.blobs, here.runtime.sealer)
    officer = headers(sign_in_as(here.runtime, Role.DPO))
    ends_at = (here.runtime.clock.now() + timedelta(days=9)).isoformat()
    hold = {"customer_id": str(zoe), "reason": "A claim.", "ends_at": ends_at}
    placed = await client.post("/v1/legal-holds", json=hold, headers=officer)
    erase_customer(here.runtime, zoe, actor="test")
    assert not here.runtime.customer_keys.exists(zoe)
    assert (await client.get(url, headers=host)).status_code == 404
    assert (await client.get(url, headers=officer)).content.startswith(b"\xff\xd8")
    listed = (await client.get("/v1/legal-holds", headers=officer)).json()["items"]
    [held] = [one for one in listed if one["id"] == placed.json()["id"]]
    assert held["is_sealed_off"] and [one["url"] for one in held["proofs"]] == [url]

    lift = f"/v1/legal-holds/{placed.json()['id']}/lift"
    await client.post(lift, json={"reason": "Settled."}, headers=officer)
    resume_erasures(here.runtime)
    assert here.runtime.blobs.keys("consents/") == []


@pytest.mark.parametrize(
    "nothing", [{}, {"signature": "no picture"}, {"signature": "\ua007"}, {"typed_name": " "}]
)
async def test_agreement_without_a_hand_is_refused_and_leaves_nothing(
    client, here, zoe, host, nothing
):
    refused = await agree(client, zoe, host, **nothing)
    assert refused.status_code in (415, 422)
    assert here.runtime.blobs.keys("consents/") == []
    file = (await client.get(f"/v1/customers/{zoe}", headers=host)).json()
    assert file["consents"] == []


async def test_empty_sheet_is_no_signature_and_a_typed_name_is_told_apart(client, zoe, host):
    url = f"/v1/customers/{zoe}/agreements"
    body = {"purposes": ["recognition"], "language": "fr"}
    empty = await client.post(url, json=body | {"signature": signature(ink="white")}, headers=host)
    assert empty.status_code == 422 and empty.json()["facts"]["fields"] == ["signature"]
    typed = await client.post(url, json=body | {"typed_name": "Zoé"}, headers=host)
    [consent] = typed.json()["consents"]
    assert consent["given_by"] == "the customer in person, by typed name"


@pytest.mark.duty("GDPR 7(3)")
async def test_art_7_withdrawal_on_paper_is_as_easy_as_giving(client, zoe, host):
    fields = {"purposes": "recognition offers", "language": "en"}
    scan = {"photo": ("paper.pdf", b"%PDF-1.7\n%%EOF", "application/pdf")}
    url = f"/v1/customers/{zoe}/agreements/paper"
    given = await client.post(url, data=fields, files=scan, headers=host)
    assert given.status_code == 201
    taken = {**fields, "asks": "withdraw"}
    gone = await client.post(url, data=taken, files=scan, headers=host)
    assert [one["stands"] for one in gone.json()["consents"]] == [False, False]
    file = (await client.get(f"/v1/customers/{zoe}", headers=host)).json()
    assert all(one["withdrawn_at"] and one["withdrawal_proof_id"] for one in file["consents"])


@pytest.mark.duty("GDPR 7(3)")
@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ({"signature": "EMPTY SHEET"}, "invalid_input"),
        ({"signature": "no picture"}, "attachment_refused"),
        ({}, "invalid_input"),
    ],
)
async def test_art_7_withdrawal_counts_whatever_its_signature_is_and_says_what_was_not_kept(
    client, zoe, host, shown, code
):
    await agree(client, zoe, host, typed_name="Zoé")
    if shown.get("signature") == "EMPTY SHEET":
        shown = {"signature": signature(ink="white")}
    done = await agree(client, zoe, host, asks="withdraw", **shown)
    assert done.status_code == 201 and done.json()["proof_refused"] == code
    file = (await client.get(f"/v1/customers/{zoe}", headers=host)).json()
    assert [one["stands"] for one in file["consents"]] == [False, False]
    assert [one["withdrawal_proof_id"] for one in file["consents"]] == [None, None]


@pytest.mark.duty("GDPR 7(3)")
async def test_link_for_a_phone_is_answered_once_and_asks_nobody_to_sign_in(client, zoe, host):
    url = f"/v1/customers/{zoe}/consent-links"
    made = (await client.post(url, json={"asks": "give"}, headers=host)).json()
    token = made["path"].rpartition("/")[2]
    asked = await client.post("/v1/consent-links/lookup", json={"token": token})
    assert asked.json()["name"] == "Zoé"

    state = f"{url}/{made['id']}"
    assert (await client.get(state, headers=host)).json() == {"state": "waiting"}
    other = f"/v1/customers/{new_uuid()}/consent-links/{made['id']}"
    assert (await client.get(other, headers=host)).status_code == 404
    answer = {"token": token, "purposes": ["recognition"], "typed_name": "Zoé", "language": "fr"}
    assert (await client.post("/v1/consent-links/answer", json=answer)).status_code == 200
    assert (await client.post("/v1/consent-links/answer", json=answer)).status_code == 410
    assert (await client.get(state, headers=host)).json() == {"state": "answered"}
    for unknown in (token, "guessed"):
        spent = await client.post("/v1/consent-links/lookup", json={"token": unknown})
        assert spent.json()["code"] == "consent_link_spent"
    file = (await client.get(f"/v1/customers/{zoe}", headers=host)).json()
    assert [(one["purpose"], one["method"]) for one in file["consents"]] == [
        ("recognition", "phone")
    ]

    made = (await client.post(url, json={"asks": "withdraw"}, headers=host)).json()
    answer["token"] = made["path"].rpartition("/")[2]
    await client.post("/v1/consent-links/answer", json=answer)
    file = (await client.get(f"/v1/customers/{zoe}", headers=host)).json()
    assert [one["stands"] for one in file["consents"]] == [False]
