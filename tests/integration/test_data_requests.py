"""Requests about data: taken down, due, extended, answered; and who may do what."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.people import headers, last_audit_entry, sign_in_as
from vestibule.domain.permissions import Permission, Role
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.sign_in import make_api_key

pytestmark = pytest.mark.anyio
URL = "/v1/data-requests"


@pytest.fixture
def dpo(here):
    return headers(sign_in_as(here.runtime, Role.DPO, name="Dominique"))


@pytest.fixture
def at(here, dpo):
    """Sets the day, and signs the officer in anew then; put back at the end."""
    clock, before = here.runtime.clock, here.runtime.clock.moment

    def set_day(day: str) -> None:
        clock.moment = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
        dpo.update(headers(sign_in_as(here.runtime, Role.DPO, name="Dominique")))

    yield set_day
    clock.moment = before


def guest(here, name="Alex Morel"):
    return register_customer(here.runtime, NewCustomer(name), actor="test").id


async def taken(client, who, **body):
    given = {"right": "access", "channel": "letter", **body}
    answer = await client.post(URL, json=given, headers=who)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def act(client, who, request, part, **body):
    return await client.post(f"{URL}/{request['id']}/{part}", json=body, headers=who)


@pytest.mark.duty("GDPR 12")
async def test_art_12_letter_is_due_a_month_after_it_came_and_then_overdue(client, here, dpo, at):
    at("2027-03-10")
    made = await taken(
        client, dpo, customer_id=str(guest(here)), received_on="2027-03-03", words="What is held?"
    )
    assert (made["due_on"], made["days_left"], made["is_overdue"]) == ("2027-04-03", 24, False)
    at("2027-04-03")
    assert not (await client.get(f"{URL}/{made['id']}", headers=dpo)).json()["is_overdue"]
    at("2027-04-04")
    page = (await client.get(URL, headers=dpo)).json()
    assert page["overdue"] >= 1
    assert page["items"][0]["is_overdue"]
    dues = [one["due_on"] for one in page["items"]]
    assert dues == sorted(dues)


@pytest.mark.duty("GDPR 19")
async def test_art_19_programs_that_read_the_guest_by_a_key_are_to_be_told(client, here, dpo):
    one, other = guest(here), guest(here, "Zoé")
    made = await taken(client, dpo, customer_id=str(one), right="restriction")
    tokens = {
        name: make_api_key(here.runtime.database, here.runtime.clock, name=name, expires_at=None)
        for name in ("Till of the bar", "Cloakroom")
    }
    for name, who in (("Till of the bar", one), ("Cloakroom", other)):
        answer = await client.get(f"/v1/customers/{who}", headers=headers(tokens[name]))
        assert answer.status_code == 200
    shown = (await client.get(f"{URL}/{made['id']}", headers=dpo)).json()
    assert [r["who"] for r in shown["recipients"] if r["who"] in tokens] == ["Till of the bar"]


@pytest.mark.duty("GDPR 12")
async def test_art_12_request_reminds_those_who_answer_it_from_three_days_before(
    client, here, dpo, at
):
    async def pressing(who) -> int:
        return (await client.get("/v1/session", headers=who)).json()["requests_pressing"]

    at("2027-05-29")
    before = await pressing(dpo)
    made = await taken(client, dpo, customer_id=str(guest(here)), received_on="2027-05-02")
    assert made["due_on"] == "2027-06-02" and await pressing(dpo) == before
    for day in ("2027-05-30", "2027-06-02", "2027-06-03"):
        at(day)
        assert await pressing(dpo) == before + 1
        assert await pressing(headers(sign_in_as(here.runtime, Role.HOST))) == 0
    await act(client, dpo, made, "outcome", outcome="refused", words="They asked twice.")
    assert await pressing(dpo) == before


@pytest.mark.duty("GDPR 12")
async def test_art_12_more_time_is_taken_once_with_a_reason_and_within_the_month(
    client, here, dpo, at
):
    at("2027-03-03")
    made, late = [await taken(client, dpo, customer_id=str(guest(here))) for _ in range(2)]
    assert (
        await act(client, dpo, made, "extension", reason=" ", told_by="letter")
    ).status_code == 422
    longer = await act(client, dpo, made, "extension", reason="Four venues.", told_by="letter")
    assert longer.json()["due_on"] == "2027-06-03"
    assert longer.json()["steps"][-1]["words"] == "Four venues."
    again = await act(client, dpo, made, "extension", reason="Again.", told_by="letter")
    assert again.status_code == 409
    at("2027-04-04")
    too_late = await act(client, dpo, late, "extension", reason="Busy.", told_by="letter")
    assert too_late.status_code == 409


@pytest.mark.duty("GDPR 12")
async def test_art_12_nothing_is_granted_before_it_is_noted_who_asks(client, here, dpo):
    made = await taken(client, dpo, customer_id=str(guest(here)))
    granted = await act(client, dpo, made, "outcome", outcome="answered", words="Here it is.")
    assert (granted.status_code, granted.json()["code"]) == (409, "identity_unchecked")
    await act(client, dpo, made, "identity", identity="document_seen", words="Passport.")
    granted = await act(client, dpo, made, "outcome", outcome="answered", words="Here it is.")
    assert granted.json()["state"] == "answered"
    assert [step["action"] for step in granted.json()["steps"]] == [
        "received",
        "identified",
        "answered",
    ]
    entry = last_audit_entry(here.runtime, "data_request.close")
    assert entry.details["outcome"] == "answered"
    assert "Here it is" not in str(entry.details)
    once = await act(client, dpo, made, "outcome", outcome="refused", words="No.")
    assert once.status_code == 409


@pytest.mark.duty("GDPR 12")
async def test_art_12_who_is_no_customer_is_answered_too(client, dpo):
    made = await taken(client, dpo, requester="Sam Nobody")
    assert (made["customer"], made["requester"]) == (None, "Sam Nobody")
    told = await act(client, dpo, made, "outcome", outcome="answered", words="Nothing is held.")
    assert told.json()["state"] == "answered"


@pytest.mark.duty("GDPR 17")
async def test_art_17_granted_request_erases_and_says_nothing_of_the_person_after(
    client, here, dpo
):
    who = guest(here, "Marker Unique-Name")
    made = await taken(
        client, dpo, right="erasure", customer_id=str(who), words="Erase Marker Unique-Name"
    )
    other = await taken(client, dpo, customer_id=str(who), words="And show Marker Unique-Name")
    await act(client, dpo, made, "identity", identity="known_in_person")
    done = await act(
        client, dpo, made, "outcome", outcome="answered", words="Marker Unique-Name is erased."
    )
    assert (done.status_code, done.json()["state"]) == (200, "answered")
    assert (await client.get(f"/v1/customers/{who}", headers=dpo)).status_code == 404
    left = [done.text, (await client.get(f"{URL}/{other['id']}", headers=dpo)).text]
    left.append((await client.get(f"{URL}?state=closed", headers=dpo)).text)
    assert all("Marker" not in text for text in left)


async def test_hosts_take_down_what_only_the_officer_reads_and_answers(client, here):
    host = headers(sign_in_as(here.runtime, Role.HOST))
    door = headers(sign_in_as(here.runtime, Role.DOOR))
    body = {"right": "access", "channel": "in_person", "customer_id": str(guest(here))}
    assert (await client.post(URL, json=body, headers=host)).status_code == 201
    assert (await client.post(URL, json=body, headers=door)).status_code == 403
    assert (await client.get(URL, headers=host)).status_code == 403


async def test_key_takes_requests_down_and_closes_none(client, here):
    token = make_api_key(
        here.runtime.database,
        here.runtime.clock,
        name="desk",
        expires_at=None,
        scopes=[Permission.HANDLE_REQUESTS],
    )
    key = headers(token)
    made = await taken(client, key, requester="Sam", identity="document_seen")
    closed = await act(client, key, made, "outcome", outcome="refused", words="No.")
    assert (closed.status_code, closed.json()["code"]) == (403, "person_needed")


@pytest.mark.parametrize(
    "body",
    [
        {"requester": "Sam", "customer_id": str(uuid4())},
        {},
        {"requester": "Sam", "received_on": "2100-01-01"},
        {"requester": "Sam", "received_on": "1999-01-01"},
        {"requester": "Sam", "channel": "page"},
        {"requester": "Sam", "right": "everything"},
    ],
)
async def test_what_cannot_be_is_refused(client, dpo, body):
    given = {"right": "access", "channel": "letter", **body}
    assert (await client.post(URL, json=given, headers=dpo)).status_code == 422
