"""Visits by hand and by ticket: once a night, out and back, counted, also by many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from vestibule.domain.errors import ConflictError, InvalidInputError, UnderAgeError
from vestibule.records import venues, visits
from vestibule.records.visit_tables import Visit
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.record_visit import (
    Entry,
    count_heads,
    record_exit,
    record_visit,
    remove_visit,
)
from vestibule.workflows.register_customer import correct_customer


def create(api, name="Guest", **fields):
    return api.post("/v1/customers", json={"name": name, **fields}).json()


def test_ticket_scanned_twice_is_one_visit(api):
    reference = f"ticket-{uuid4().hex}"
    guest = create(api, reference=reference)

    answers = [
        api.post("/v1/visits", json={"reference": reference, "source": "ticket"}) for _ in range(2)
    ]

    assert [a.status_code for a in answers] == [201, 200]
    assert [a.json()["is_new"] for a in answers] == [True, False]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    shown = api.get(f"/v1/customers/{guest['id']}").json()
    assert [v["source"] for v in shown["visits"]] == ["ticket"]


def test_exit_counts_once_and_can_be_taken_back(api):
    visit = api.post("/v1/visits", json={"customer_id": create(api)["id"]}).json()
    inside = api.get("/v1/tonight").json()["inside"]

    first = api.post(f"/v1/visits/{visit['id']}/exit", json={}).json()
    second = api.post(f"/v1/visits/{visit['id']}/exit", json={}).json()

    assert first["left_at"] == second["left_at"] is not None
    assert api.get("/v1/tonight").json()["inside"] == inside - 1
    assert api.delete(f"/v1/visits/{visit['id']}/exit").json()["left_at"] is None
    assert api.delete(f"/v1/visits/{visit['id']}").status_code == 204
    assert api.delete(f"/v1/visits/{visit['id']}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"customer_id": str(uuid4()), "reference": "x"},
        {"customer_id": str(uuid4()), "venue_id": str(uuid4())},
        {"reference": "nobody-has-this"},
        {"reference": "x", "entered_at": "2026-11-21T23:00:00"},
    ],
)
def test_visit_that_cannot_be_is_refused(api, body):
    assert api.post("/v1/visits", json=body).status_code in (404, 422)


def test_pages_of_tonight_hold_everybody_once(api):
    made = {
        api.post("/v1/visits", json={"customer_id": create(api)["id"]}).json()["id"]
        for _ in range(5)
    }
    seen, cursor = [], None
    while True:
        page = api.get("/v1/tonight", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert made <= set(seen) and len(seen) == len(set(seen))


def home(stage):
    with stage.runtime.database.begin() as transaction:
        return venues.home(transaction).id


def test_many_scanners_at_once_record_one_visit(stage):
    guest = stage.guest("Popular", consent=False)
    entry = Entry(venue_id=home(stage), source="ticket", customer_id=guest.id)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: record_visit(stage.runtime, entry, actor="t"), range(8)))

    assert sum(one.is_new for one in told) == 1
    with stage.runtime.database.begin() as transaction:
        rows = list(transaction.scalars(select(Visit).where(Visit.customer_id == guest.id)))
    assert len(rows) == 1


def test_confirmed_face_brings_back_who_had_left_and_cannot_be_removed_by_hand(stage):
    vector = stage.axis(3)
    guest = stage.guest("Smoker", vector)
    [face] = stage.identify(stage.photo(vector))
    answer_face(stage.runtime, face.id, "same_person", actor="test")
    with stage.runtime.database.begin() as transaction:
        [visit] = visits.visits_of(transaction, guest.id)
    assert visit.source == "face"
    stage.runtime.clock.moment += timedelta(minutes=30)
    record_exit(stage.runtime, visit.id, left_at=None, actor="test")
    stage.runtime.clock.moment += timedelta(minutes=10)
    [again] = stage.identify(stage.photo(vector))
    answer_face(stage.runtime, again.id, "same_person", actor="test")

    with stage.runtime.database.begin() as transaction:
        [visit] = visits.visits_of(transaction, guest.id)
    assert visit.left_at is None
    with pytest.raises(ConflictError):
        remove_visit(stage.runtime, visit.id, actor="test")


def test_entry_belongs_to_the_night_it_happened_in(stage):
    guest = stage.guest("Late Told", consent=False)
    at = stage.runtime.clock.now() - timedelta(days=2)
    entry = Entry(venue_id=home(stage), source="ticket", customer_id=guest.id, entered_at=at)

    told = record_visit(stage.runtime, entry, actor="test")

    assert told.visit.night == (at - timedelta(hours=8)).date()
    for days in (-40, 1):
        wrong = Entry(
            venue_id=entry.venue_id,
            source="ticket",
            customer_id=guest.id,
            entered_at=stage.runtime.clock.now() + timedelta(days=days),
        )
        with pytest.raises(InvalidInputError):
            record_visit(stage.runtime, wrong, actor="test")


def test_minor_does_not_come_in(stage):
    guest = stage.guest("Young One", consent=False)
    born = stage.runtime.clock.now().date() - timedelta(days=365 * 16)
    correct_customer(stage.runtime, guest.id, {"birth_date": born}, actor="test")

    with pytest.raises(UnderAgeError):
        record_visit(
            stage.runtime,
            Entry(venue_id=home(stage), source="hand", customer_id=guest.id),
            actor="test",
        )


def test_heads_count_once_a_key_and_never_below_nobody(stage):
    stage.runtime.clock.moment += timedelta(days=400)  # a night of its own
    venue_id = home(stage)

    def count(change: int, key: str) -> int:
        count_heads(stage.runtime, change, venue_id=venue_id, request_key=key, actor="test")
        night = (stage.runtime.clock.now() - timedelta(hours=8)).date()
        with stage.runtime.database.begin() as transaction:
            return visits.count_night(transaction, venue_id=venue_id, night=night).uncounted

    assert count(3, "key-0001") == 3
    assert count(3, "key-0001") == 3
    assert count(-5, "key-0002") == 0
    assert count(1, "key-0003") == 1
