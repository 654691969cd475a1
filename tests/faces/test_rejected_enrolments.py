"""Rejected enrolments over HTTP: what is said, what is held, and how they are taken up again."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from services.serve import Product
from vestibule.domain.permissions import Permission
from vestibule.domain.prominence import prominent_face
from vestibule.evaluation.enrolment_faults import FAULTS, DrawnFault
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import EnrolmentHold
from vestibule.workflows.sign_in import Principal

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}
REASON = "Wears it for medical reasons, ID was checked."


@pytest.fixture(scope="module")
def photos(encoded_photos) -> dict[str, bytes]:
    return encoded_photos


@pytest.fixture(scope="module")
def masked(served, photos) -> bytes:
    return drawn(served, photos["biden"], "mask over nose and mouth")


def drawn(served: Product, content: bytes, fault: str) -> bytes:
    """A portrait with one of the suite's faults."""
    runtime = served.installation.runtime
    image = runtime.codec.decode_upright(content)
    faces = runtime.engine.detect(image)
    chosen, made = prominent_face(faces, image.shape[:2]), FAULTS[fault]
    assert isinstance(chosen, int) and isinstance(made, DrawnFault)
    return as_jpeg(made.draw(image, faces[chosen], np.random.default_rng(0)))


def as_jpeg(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def head_of(served: Product, content: bytes) -> Image.Image:
    runtime = served.installation.runtime
    image = runtime.codec.decode_upright(content)
    (face,) = runtime.engine.detect(image)
    return Image.fromarray(runtime.engine.region(image, face)[0]).resize((400, 400))


def settled(http, answer: httpx.Response) -> dict:
    assert answer.status_code == 202, answer.text
    found: dict = http.get(f"/v1/enrolments/{answer.json()['id']}", params={"wait_s": 30}).json()
    assert found["state"] == "done", found
    return found


def enrol(http, content: bytes, **who: str) -> dict:
    fields = {**(who or {"name": "Joe Biden"}), **CONSENT}
    answer = http.post("/v1/enrolments", data=fields, files={"photo": ("p.jpg", content)})
    return settled(http, answer)


def codes(enrolment: dict) -> list[str]:
    return [finding["code"] for finding in enrolment["findings"]]


def override(http, enrolment: dict, *, named: list[str] | None = None, reason: str = REASON):
    body = {"codes": codes(enrolment) if named is None else named, "reason": reason}
    return http.post(f"/v1/enrolments/{enrolment['id']}/override", json=body)


def audited(served: Product, action: str) -> list[dict]:
    with served.installation.runtime.database.begin() as transaction:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
        return [row.details for row in transaction.scalars(query)]


# ── what is said and held ───────────────────────────────────────────────────────────────────
def test_a_good_photo_says_what_passed(gallery, photos):
    enrolled = enrol(gallery, photos["biden"])
    assert (enrolled["outcome"], enrolled["findings"]) == ("enrolled", [])
    assert {"mouth_covered", "eyes_covered", "blurred", "cut_off"} <= set(enrolled["passed"])
    assert enrolled["picture"] is None


def test_a_masked_face_is_rejected_with_its_picture(gallery, masked):
    rejected = enrol(gallery, masked)
    assert (rejected["outcome"], rejected["reason"]) == ("rejected", "mouth_covered")
    (finding,) = rejected["findings"]
    assert finding["measured"] < finding["limit"] and finding["overridable"]
    assert "eyes_covered" in rejected["passed"]
    picture = rejected["picture"]
    shown = gallery.get(picture["url"])
    assert shown.headers["cache-control"] == "private, no-store"
    width, height = Image.open(io.BytesIO(shown.content)).size
    assert width / height == pytest.approx(picture["width_px"] / picture["height_px"], rel=0.02)
    (face,) = picture["faces"]
    assert 0 <= face["box_xyxy_px"][0] < face["box_xyxy_px"][2] <= picture["width_px"]


def test_only_the_region_of_the_face_is_held_and_sealed(gallery, masked, served):
    rejected = enrol(gallery, masked)
    runtime = served.installation.runtime
    whole = runtime.codec.decode_upright(masked)
    assert rejected["picture"]["width_px"] < whole.shape[1]
    assert not runtime.blobs.keys("enrolments/")
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(runtime.blobs.get(f"holds/{rejected['id']}")))


def test_of_a_photo_of_nobody_nothing_is_held(gallery, empty_photo, served):
    rejected = enrol(gallery, empty_photo)
    assert codes(rejected) == ["no_face"]
    assert rejected["picture"] is None and not rejected["can_override"]
    assert rejected["held_until"] is None
    assert not served.installation.runtime.blobs.keys(f"holds/{rejected['id']}")
    assert override(gallery, rejected).json()["code"] == "not_overridable"


def test_all_that_is_wrong_is_said_at_once(gallery, photos, served):
    small = drawn(served, photos["biden"], "face 30 px wide")
    both = drawn(served, small, "black sunglasses")
    assert {"eyes_covered", "too_small"} <= set(codes(enrol(gallery, both)))


# ── accepted in spite of it ─────────────────────────────────────────────────────────────────
def test_a_reason_outweighs_a_finding_and_stays_on_the_template(gallery, masked, served):
    rejected = enrol(gallery, masked)
    enrolled = settled(gallery, override(gallery, rejected))
    assert enrolled["outcome"] == "enrolled"
    assert (enrolled["override"]["reason"], codes(enrolled)) == (REASON, ["mouth_covered"])
    guest = gallery.get(f"/v1/customers/{enrolled['customer_id']}").json()
    record = guest["templates"][0]["override"]
    assert (record["codes"], record["reason"]) == (["mouth_covered"], REASON)
    entry = audited(served, "enrolment.override")[-1]
    assert entry["codes"] == ["mouth_covered"] and REASON not in str(entry)
    assert not served.installation.runtime.blobs.keys(f"holds/{rejected['id']}")
    photo = gallery.post("/v1/photos", content=masked)
    found = gallery.get(photo.headers["location"], params={"wait_s": 30}).json()
    assert [face["decision"] for face in found["faces"]] == ["MATCH"]


@pytest.mark.parametrize("reason", ["", "too short", "          ", "x" * 501])
def test_a_reason_must_say_something(gallery, masked, reason):
    rejected = enrol(gallery, masked)
    answer = override(gallery, rejected, reason=reason)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_every_finding_must_be_named(gallery, masked):
    rejected = enrol(gallery, masked)
    answer = override(gallery, rejected, named=["blurred"])
    assert answer.status_code == 422
    assert answer.json()["facts"]["missing"] == ["mouth_covered"]


def test_an_enrolment_that_went_well_has_nothing_to_outweigh(gallery, photos):
    enrolled = enrol(gallery, photos["biden"])
    answer = override(gallery, enrolled, named=["blurred"])
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_without_the_permission_nothing_is_outweighed(gallery, masked, monkeypatch):
    rejected = enrol(gallery, masked)
    lacks = Permission.OVERRIDE_ENROLMENT
    monkeypatch.setattr(Principal, "may", lambda _self, asked, _venue=None: asked is not lacks)
    answer = override(gallery, rejected)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_hold_that_ended_is_said(gallery, masked, served):
    rejected = enrol(gallery, masked)
    with served.installation.runtime.database.begin() as transaction:
        hold = transaction.get_one(EnrolmentHold, rejected["id"])
        hold.expires_at = hold.expires_at.replace(year=2020)
    answer = override(gallery, rejected)
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")
    late = gallery.get(f"/v1/enrolments/{rejected['id']}").json()
    assert (late["picture"], late["held_until"], late["can_override"]) == (None, None, False)
    assert codes(late) == ["mouth_covered"]


def test_withdrawn_consent_ends_it(gallery, masked):
    rejected = enrol(gallery, masked)
    guest = gallery.get(f"/v1/customers/{rejected['customer_id']}").json()
    consent = guest["consents"][0]["id"]
    gallery.post(f"/v1/customers/{guest['id']}/consents/{consent}/withdrawal").raise_for_status()
    assert override(gallery, rejected).json()["code"] == "consent_missing"


def test_erasing_the_customer_forgets_the_held_pixels(gallery, masked, served):
    rejected = enrol(gallery, masked)
    gallery.delete(f"/v1/customers/{rejected['customer_id']}").raise_for_status()
    assert not served.installation.runtime.blobs.keys(f"holds/{rejected['id']}")
    assert gallery.get(f"/v1/enrolments/{rejected['id']}/picture").status_code == 404


def test_an_unknown_face_of_a_result_is_judged_and_outweighed_the_same_way(gallery, masked):
    photo = gallery.post("/v1/photos", content=masked)
    found = gallery.get(photo.headers["location"], params={"wait_s": 30}).json()
    (face,) = found["faces"]
    consent = {"basis": "explicit-consent", "notice_shown": True}
    body = {"name": "Joe Biden", "consent": consent}
    rejected = settled(gallery, gallery.post(f"/v1/faces/{face['id']}/enrolment", json=body))
    assert codes(rejected) == ["mouth_covered"]
    assert gallery.get(rejected["picture"]["url"]).headers["content-type"] == "image/jpeg"
    assert settled(gallery, override(gallery, rejected))["outcome"] == "enrolled"


# ── two faces ───────────────────────────────────────────────────────────────────────────────
def test_of_two_faces_the_picked_one_is_enrolled(gallery, photos, served):
    heads = [np.asarray(head_of(served, photos[name])) for name in ("obama", "biden")]
    rejected = enrol(gallery, as_jpeg(np.hstack(heads)))
    assert codes(rejected) == ["several_faces"]
    assert len(rejected["picture"]["faces"]) == 2
    assert not rejected["can_override"]
    path = f"/v1/enrolments/{rejected['id']}/face"
    enrolled = settled(gallery, gallery.post(path, json={"face": 2}))
    assert enrolled["outcome"] == "enrolled", enrolled
    answer = gallery.post("/v1/photos", content=photos["biden"])
    found = gallery.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert [face["decision"] for face in found["faces"]] == ["MATCH"]


def test_where_one_face_is_meant_there_is_nothing_to_pick(gallery, masked):
    rejected = enrol(gallery, masked)
    answer = gallery.post(f"/v1/enrolments/{rejected['id']}/face", json={"face": 1})
    assert answer.status_code == 409


# ── whose face it is ────────────────────────────────────────────────────────────────────────
def test_a_face_of_another_customer_is_said_with_their_name(gallery, photos, served):
    first = enrol(gallery, photos["obama"], name="Barack Obama")
    rejected = enrol(gallery, photos["obama2"], name="Somebody Else")
    assert codes(rejected) == ["resembles_other"]
    assert rejected["resembles"]["id"] == first["customer_id"]
    assert rejected["resembles"]["name"] == "Barack Obama"
    assert audited(served, "customer.view")[-1]["enrolment"] == rejected["id"]
    assert settled(gallery, override(gallery, rejected))["outcome"] == "enrolled"


def test_whom_it_looks_like_is_not_told_to_those_who_may_not_see_customers(
    gallery, photos, monkeypatch
):
    enrol(gallery, photos["obama"], name="Barack Obama")
    lacks = Permission.VIEW_CUSTOMERS
    monkeypatch.setattr(Principal, "may", lambda _self, asked, _venue=None: asked is not lacks)
    rejected = enrol(gallery, photos["obama2"], name="Somebody Else")
    assert codes(rejected) == ["resembles_other"]
    assert rejected["resembles"] is None and "Obama" not in str(rejected)


def test_a_customer_without_consent_is_not_resembled(gallery, photos):
    first = enrol(gallery, photos["obama"], name="Barack Obama")
    guest = gallery.get(f"/v1/customers/{first['customer_id']}").json()
    path = f"/v1/customers/{guest['id']}/consents/{guest['consents'][0]['id']}/withdrawal"
    gallery.post(path).raise_for_status()
    assert enrol(gallery, photos["obama2"], name="Somebody Else")["outcome"] == "enrolled"


def test_another_persons_photo_is_not_the_customers(gallery, photos):
    first = enrol(gallery, photos["obama"], name="Barack Obama")
    rejected = enrol(gallery, photos["biden"], customer_id=first["customer_id"])
    assert codes(rejected) == ["other_person"]
    assert rejected["can_override"]


def test_a_second_photo_of_the_same_person_is_theirs(gallery, photos):
    first = enrol(gallery, photos["obama"], name="Barack Obama")
    second = enrol(gallery, photos["obama2"], customer_id=first["customer_id"])
    assert second["outcome"] == "enrolled"
    assert {"other_person"} <= set(second["passed"])


def test_nobody_is_enrolled_on_another_persons_consent(gallery, photos):
    first = enrol(gallery, photos["obama"], name="Barack Obama")
    enrol(gallery, photos["biden"], name="Joe Biden")
    rejected = enrol(gallery, photos["biden"] + b" ", customer_id=first["customer_id"])
    assert codes(rejected) == ["resembles_other", "other_person"]
    assert not rejected["can_override"]
    assert override(gallery, rejected).json()["code"] == "not_overridable"
