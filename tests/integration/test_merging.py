"""Two files become one and two again: nothing is lost, whatever happens at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, customers, gallery, venues, visits
from vestibule.records.merge_tables import CustomerMerge
from vestibule.records.tables import Customer
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.merge_customers import merge_customers, undo_merge
from vestibule.workflows.record_consent import ConsentGiven, record_consent, withdraw_consent
from vestibule.workflows.record_visit import Entry, record_visit
from vestibule.workflows.register_customer import correct_customer

GIVEN = ConsentGiven(basis="explicit-consent", given_by="test")


def merge(stage, kept, merged):
    return merge_customers(stage.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")


def enter(stage, customer_id, days=0):
    with stage.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
    at = stage.runtime.clock.now() - timedelta(days=days)
    entry = Entry(venue_id=venue_id, source="hand", customer_id=customer_id, entered_at=at)
    return record_visit(stage.runtime, entry, actor="test").visit


def visits_of(stage, customer_id):
    with stage.runtime.database.begin() as transaction:
        return {visit.id for visit in visits.visits_of(transaction, customer_id)}


def row(stage, customer_id):
    with stage.runtime.database.begin() as transaction:
        return transaction.get(Customer, customer_id)


def state(stage, *customer_ids):
    """All of a file that a merge and its undoing may not lose."""
    with stage.runtime.database.begin() as transaction:
        return {
            one: (
                {v.id for v in visits.visits_of(transaction, one)},
                {(t.id, t.status) for t in gallery.templates_of(transaction, one)},
                {(c.id, c.withdrawn_at) for c in customers.consents_of(transaction, one)},
                [
                    getattr(transaction.get(Customer, one), name)
                    for name in ("name", "notes", "email", "reference", "tags", "status")
                ],
            )
            for one in customer_ids
        }


def test_merge_makes_one_file_and_undo_makes_the_two_as_they_were(stage):
    a, b = stage.axis(1), stage.axis(2)
    kept, merged = stage.guest("Zoé Lefèvre", a), stage.guest("Zoe Lefebvre", b)
    reference = f"card-{uuid4().hex}"
    changes = {"email": "zoe@example.org", "reference": reference, "notes": "Nuts.", "tags": ["x"]}
    correct_customer(stage.runtime, merged.id, changes, actor="test")
    both = {enter(stage, one.id).id for one in (kept, merged)}  # the same night
    earlier = enter(stage, merged.id, days=3).id
    before = state(stage, kept.id, merged.id)

    made = merge(stage, kept, merged)

    assert stage.who(stage.photo(a)) == stage.who(stage.photo(b)) == [kept.id]
    assert earlier in visits_of(stage, kept.id) and len(visits_of(stage, kept.id)) == 2
    assert visits_of(stage, merged.id) <= both
    assert row(stage, kept.id).reference == reference
    with stage.runtime.database.begin() as transaction:
        assert customers.find_present(transaction, merged.id).id == kept.id
        assert customers.find_by_reference(transaction, reference).id == kept.id
        assert customers.find(transaction, merged.id) is None

    undo_merge(stage.runtime, made.id, actor="test")

    assert state(stage, kept.id, merged.id) == before
    assert stage.who(stage.photo(b)) == [merged.id] and stage.who(stage.photo(a)) == [kept.id]


def test_old_loyalty_number_of_a_merged_file_leads_to_the_kept_one(stage):
    kept, merged = (stage.guest(name, consent=False) for name in ("A", "B"))
    numbers = [f"card-{uuid4().hex}" for _ in range(2)]
    for one, number in zip((kept, merged), numbers, strict=True):
        correct_customer(stage.runtime, one.id, {"reference": number}, actor="test")
    merge(stage, kept, merged)

    with stage.runtime.database.begin() as transaction:
        for number in numbers:
            assert customers.find_by_reference(transaction, number).id == kept.id


def test_what_came_since_stays_and_what_was_changed_since_is_kept(stage):
    kept, merged = (stage.guest(name, consent=False) for name in ("A", "B"))
    correct_customer(stage.runtime, merged.id, {"email": "b@example.org"}, actor="test")
    made = merge(stage, kept, merged)
    since = enter(stage, merged.id).id
    correct_customer(stage.runtime, kept.id, {"email": "new@example.org"}, actor="test")

    undo_merge(stage.runtime, made.id, actor="test")

    assert since in visits_of(stage, kept.id)
    assert row(stage, kept.id).email == "new@example.org"
    assert row(stage, merged.id).email == "b@example.org"


def test_double_click_merges_once_and_undoes_once(stage):
    kept, merged = (stage.guest(name, consent=False) for name in ("A", "B"))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: merge(stage, kept, merged).id, range(4)))
    assert len(set(made)) == 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: undo_merge(stage.runtime, made[0], actor="t"), range(4)))
    with stage.runtime.database.begin() as transaction:
        assert transaction.get(Customer, merged.id).status == "ACTIVE"
        assert audit.verify(transaction).broken_at is None


def test_merging_both_ways_at_once_leaves_one_file(stage):
    a, b = (stage.guest(name, consent=False) for name in ("A", "B"))

    def attempt(pair):
        try:
            return merge(stage, *pair)
        except NotFoundError:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [one for one in pool.map(attempt, ((a, b), (b, a))) if one]
    assert len(made) == 1
    states = sorted(row(stage, one.id).status for one in (a, b))
    assert states == ["ACTIVE", "MERGED"]


def test_visits_and_answers_during_merges_land_on_the_file_that_stands(stage):
    vector = stage.axis(4)
    kept, merged = stage.guest("A", stage.axis(3)), stage.guest("B", vector)
    [face] = stage.identify(stage.photo(vector))
    stop = threading.Event()

    def merge_and_undo():
        while not stop.is_set():
            undo_merge(stage.runtime, merge(stage, kept, merged).id, actor="test")

    mover = threading.Thread(target=merge_and_undo)
    mover.start()
    try:
        entered = [enter(stage, merged.id, days=days).id for days in range(12)]
        answer_face(stage.runtime, face.id, "same_person", actor="test")
    finally:
        stop.set()
        mover.join()
    merge(stage, kept, merged)

    assert set(entered) <= visits_of(stage, kept.id) | visits_of(stage, merged.id)
    assert row(stage, merged.id).status == "MERGED"


def test_photo_of_a_face_that_was_merged_shows_the_kept_file(stage):
    vector = stage.axis(5)
    kept, merged = stage.guest("A", stage.axis(6)), stage.guest("B", vector)
    [face] = stage.identify(stage.photo(vector))
    merge(stage, kept, merged)

    answer_face(stage.runtime, face.id, "same_person", actor="test")

    assert len(visits_of(stage, kept.id)) == 1


def test_later_merge_is_undone_first(stage):
    a, b, c = (stage.guest(name, consent=False) for name in ("A", "B", "C"))
    first, second = merge(stage, b, a), merge(stage, c, b)
    with stage.runtime.database.begin() as transaction:
        assert customers.standing_for(transaction, a.id) == c.id
    with pytest.raises(ConflictError):
        undo_merge(stage.runtime, first.id, actor="test")
    undo_merge(stage.runtime, second.id, actor="test")
    undo_merge(stage.runtime, first.id, actor="test")
    assert [row(stage, one.id).status for one in (a, b, c)] == ["ACTIVE"] * 3


@pytest.mark.duty("GDPR 17")
@pytest.mark.parametrize("asked", ["kept", "merged"])
def test_erasing_either_erases_both_and_the_record_of_the_merge(stage, asked):
    a, b = stage.axis(7), stage.axis(8)
    kept, merged = stage.guest("A", a), stage.guest("B", b)
    merge(stage, kept, merged)

    erase_customer(
        stage.runtime, CustomerId({"kept": kept, "merged": merged}[asked].id), actor="test"
    )

    with stage.runtime.database.begin() as transaction:
        assert transaction.get(Customer, kept.id) is None
        assert transaction.get(Customer, merged.id) is None
        left = select(CustomerMerge).where(CustomerMerge.kept_id == kept.id)
        assert transaction.scalar(left) is None
    for one in (kept, merged):
        assert stage.runtime.blobs.keys(f"customers/{one.id}/") == []
    assert stage.who(stage.photo(a)) == stage.who(stage.photo(b)) == [None]


@pytest.mark.duty("GDPR 7(3)")
def test_withdrawal_outweighs_an_older_consent_of_the_other_file(stage):
    a, b = stage.axis(9), stage.axis(10)
    withdrew, agreed = stage.guest("A", a), stage.guest("B", b)
    stage.runtime.clock.moment += timedelta(minutes=5)
    with stage.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, withdrew.id)
    withdraw_consent(stage.runtime, withdrew.id, consent.id, actor="test")
    stage.runtime.clock.moment += timedelta(minutes=5)

    made = merge(stage, agreed, withdrew)
    assert stage.who(stage.photo(b)) == [None]

    undo_merge(stage.runtime, made.id, actor="test")
    assert stage.who(stage.photo(b)) == [agreed.id]
    stage.runtime.clock.moment += timedelta(minutes=5)
    merge(stage, agreed, withdrew)
    record_consent(stage.runtime, withdrew.id, GIVEN, actor="test")
    assert stage.who(stage.photo(a)) == [agreed.id]


def test_birth_date_of_a_minor_does_not_come_to_a_file_with_a_face(stage):
    kept, merged = stage.guest("A", stage.axis(11)), stage.guest("B", consent=False)
    born = stage.runtime.clock.now().date() - timedelta(days=365 * 15)
    correct_customer(stage.runtime, merged.id, {"birth_date": born}, actor="test")
    with pytest.raises(ConflictError):
        merge(stage, kept, merged)
    assert row(stage, merged.id).status == "ACTIVE"


def test_duplicates_are_suggested_judged_and_gone_with_the_merge(api):
    mail = f"{uuid4().hex}@example.org"
    ids = [
        api.post("/v1/customers", json={"name": name, "email": mail}).json()["id"]
        for name in ("Zoé", "Bo", "Cy")
    ]
    pairs = api.get(f"/v1/customers/{ids[0]}/duplicates").json()["items"]
    assert [pair["reasons"] for pair in pairs] == [["email"], ["email"]]
    body = {"customer_id": ids[0], "other_customer_id": ids[1]}
    for _ in range(2):
        assert api.post("/v1/customer-duplicates/judgement", json=body).status_code == 204
    assert len(api.get(f"/v1/customers/{ids[0]}/duplicates").json()["items"]) == 1
    listed = api.get("/v1/customer-duplicates", params={"limit": 100}).json()["items"]
    assert ids[2] in {pair[side]["id"] for pair in listed for side in ("customer", "other")}

    made = api.post("/v1/customer-merges", json={"kept_id": ids[0], "merged_id": ids[2]}).json()

    assert api.get(f"/v1/customers/{ids[2]}").json()["id"] == ids[0]
    assert api.get(f"/v1/customers/{ids[0]}/duplicates").json()["items"] == []
    assert api.post(f"/v1/customer-merges/{made['id']}/undo").json()["undone_at"]
    assert api.get(f"/v1/customers/{ids[2]}").json()["id"] == ids[2]
    assert len(api.get(f"/v1/customers/{ids[0]}/merges").json()["items"]) == 1
