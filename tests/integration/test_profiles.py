"""Profiles over HTTP: cleaned, refused by field, minors kept from enrolment with nothing left."""

from datetime import date, timedelta
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import select

from vestibule.domain.errors import UnderAgeError
from vestibule.domain.ids import FaceId
from vestibule.records import customers, gallery, photos
from vestibule.records.tables import Customer
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.register_customer import correct_customer
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_face

MINOR = str(date.today() - timedelta(days=365 * 15))
GIVEN = ConsentGiven(basis="explicit-consent", given_by="test")


def create(api, name="Zoé Lefèvre", **fields):
    return api.post("/v1/customers", json={"name": name, **fields})


def test_profile_comes_back_in_one_way_of_writing(api):
    made = create(
        api,
        birth_date="1996-03-14",
        phone="+33 6 12 34 56 78",
        email="Zoe@Example.ORG",
        language="FR",
        tags=["VIP", "vip", "terrace"],
    ).json()

    assert (made["phone"], made["email"], made["language"]) == (
        "+33612345678",
        "zoe@example.org",
        "fr",
    )
    assert made["tags"] == ["VIP", "terrace"]
    assert made["minor"] is False and made["age"] >= 30
    assert made["home_venue"]


def test_fields_that_do_not_fit_are_named_with_a_code(api):
    answer = create(api, phone="call me", email="nowhere")

    assert answer.status_code == 422
    assert answer.json()["facts"]["problems"] == {"phone": "not_a_phone", "email": "not_an_email"}


def test_null_takes_a_field_off_and_what_is_not_named_stays(api):
    made = create(api, phone="0612345678", email="a@example.org").json()

    changed = api.patch(f"/v1/customers/{made['id']}", json={"phone": None}).json()

    assert (changed["phone"], changed["email"]) == (None, "a@example.org")


@pytest.mark.duty("GDPR 8")
def test_art_8_minor_is_refused_and_nothing_is_stored(api):
    name = f"Minor {uuid4().hex}"

    answer = create(api, name, birth_date=MINOR)

    assert (answer.status_code, answer.json()["code"]) == (422, "under_age")
    assert api.get("/v1/customers", params={"query": name}).json()["items"] == []


def test_reference_of_somebody_else_is_refused_on_correction(api):
    taken = f"loyalty-{uuid4().hex}"
    create(api, "First", reference=taken)
    second = create(api, "Second").json()

    answer = api.patch(f"/v1/customers/{second['id']}", json={"reference": taken})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def _minor(stage) -> date:
    return stage.runtime.clock.now().date() - timedelta(days=365 * 15)


@pytest.mark.duty("GDPR 8")
def test_held_face_of_a_minor_is_forgotten_at_once(stage):
    [face] = stage.identify(stage.photo(stage.axis(1)))
    who = Who(name="Somebody Young", birth_date=_minor(stage), living_person_seen=True)

    with pytest.raises(UnderAgeError):
        request_enrolment_from_face(stage.runtime, FaceId(face.id), who, GIVEN, actor="test")

    with stage.runtime.database.begin() as transaction:
        assert photos.hold_of(transaction, face.id, now=stage.runtime.clock.now()) is None
        query = select(Customer).where(Customer.folded_name == "somebody young")
        assert transaction.scalar(query) is None
    assert stage.runtime.blobs.keys(f"holds/{face.id}") == []


@pytest.mark.duty("GDPR 8")
def test_customer_who_turns_out_to_be_a_minor_loses_the_face_and_keeps_the_file(stage):
    vector = stage.axis(2)
    guest = stage.guest("Lied About Her Age", vector)
    [seen] = stage.identify(stage.photo(vector))
    assert seen.customer_id == guest.id

    correct_customer(stage.runtime, guest.id, {"birth_date": _minor(stage)}, actor="test")

    assert stage.who(stage.photo(vector)) == [None]
    with stage.runtime.database.begin() as transaction:
        assert customers.find(transaction, guest.id) is not None
        assert gallery.templates_of(transaction, guest.id) == []
        assert customers.active_consent(transaction, guest.id) is None
        after = photos.find_face(transaction, seen.id)
        assert after.customer_id is None and after.crop_key is None
    assert stage.runtime.blobs.keys(f"customers/{guest.id}/") == []
    with pytest.raises(UnderAgeError):
        request_enrolment_from_face(
            stage.runtime, _held(stage), Who(customer_id=guest.id), GIVEN, actor="test"
        )


def _held(stage) -> FaceId:
    rng = np.random.default_rng(7)
    vector = rng.standard_normal(stage.runtime.engine.space.dimension)
    [face] = stage.identify(stage.photo((vector / np.linalg.norm(vector)).astype(np.float32)))
    return FaceId(face.id)
