"""The main job on real photos with the real models, over HTTP alone."""

import io

import numpy as np
import pytest
from PIL import Image

from vestibule.domain.errors import BlobMissingError

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}


@pytest.fixture(scope="module")
def photos(encoded_photos) -> dict[str, bytes]:
    return encoded_photos


def enrol(http, content: bytes, name: str) -> str:
    answer = http.post(
        "/v1/enrolments", data={"name": name, **CONSENT}, files={"photo": ("p.jpg", content)}
    )
    assert answer.status_code == 202, answer.text
    settled = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert settled["outcome"] == "enrolled", settled
    return settled["customer_id"]


def identify(http, content: bytes) -> dict:
    answer = http.post("/v1/photos", content=content)
    assert answer.status_code == 202, answer.text
    photo = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert photo["state"] == "done", photo["error"]
    return photo


def names(photo: dict, decision: str = "MATCH") -> list[str]:
    return [face["customer"]["name"] for face in photo["faces"] if face["decision"] == decision]


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def as_jpeg(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def side_by_side(*contents: bytes) -> bytes:
    """One photo out of several, all at the same height."""
    heights = 500
    images = [Image.open(io.BytesIO(content)).convert("RGB") for content in contents]
    scaled = [i.resize((round(i.width * heights / i.height), heights)) for i in images]
    return as_jpeg(np.hstack([np.asarray(i) for i in scaled]))


def darkened(content: bytes) -> bytes:
    """A quarter of the light and sensor noise: 255 * .25 x + N(0, 8), x in 0..1."""
    image = pixels(content).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 8, image.shape)
    return as_jpeg(np.clip(image * 0.25 + noise, 0, 255).astype(np.uint8))


def test_other_photo_of_an_enrolled_person_matches_and_other_people_do_not(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")

    assert names(identify(gallery, photos["obama2"])) == ["Barack Obama"]
    for other in ("biden", "astronaut", "six"):
        assert names(identify(gallery, photos[other])) == []


def test_six_faces_of_a_group_are_numbered_from_the_left(gallery, photos):
    faces = identify(gallery, photos["six"])["faces"]

    middles = [(face["box_xyxy_px"][0] + face["box_xyxy_px"][2]) / 2 for face in faces]
    assert [face["number"] for face in faces] == [1, 2, 3, 4, 5, 6]
    assert middles == sorted(middles)


def test_two_enrolled_people_in_one_photo_are_each_assigned_once(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")
    enrol(gallery, photos["biden"], "Joe Biden")

    photo = identify(gallery, side_by_side(photos["biden"], photos["obama2"]))

    assert sorted(names(photo)) == ["Barack Obama", "Joe Biden"]


def test_same_person_twice_in_one_photo_is_assigned_once(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")

    photo = identify(gallery, side_by_side(photos["obama"], photos["obama2"]))

    assert len(photo["faces"]) >= 2
    assert names(photo) == ["Barack Obama"]


def test_darkened_photo_of_an_enrolled_person_matches_and_of_others_does_not(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")

    assert names(identify(gallery, darkened(photos["obama2"]))) == ["Barack Obama"]
    assert names(identify(gallery, darkened(photos["biden"]))) == []
    assert len(identify(gallery, darkened(photos["six"]))["faces"]) == 6


@pytest.mark.duty("AI Act 12", "AI Act 13")
def test_ai_act_art_12_decision_carries_threshold_space_and_gallery_size(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")

    photo = identify(gallery, photos["obama2"])
    face = next(face for face in photo["faces"] if face["decision"] == "MATCH")

    status = gallery.get("/v1/status").json()
    assert photo["gallery_size"] == status["searchable_customers"] == 1
    assert face["threshold"] == status["threshold"] <= face["score"]
    assert face["review_threshold"] == status["review_threshold"] <= face["threshold"]
    assert face["space_id"] == status["space_id"]


@pytest.mark.duty("AI Act 15")
def test_ai_act_art_15_threshold_rises_with_the_gallery(gallery, photos):
    enrol(gallery, photos["obama"], "One")
    alone = gallery.get("/v1/status").json()["threshold"]
    enrol(gallery, photos["biden"], "Two")

    assert gallery.get("/v1/status").json()["threshold"] > alone


def unknown_face(photo: dict) -> dict:
    return next(face for face in photo["faces"] if face["decision"] == "UNKNOWN")


def enrol_face(http, face: dict, **body) -> dict:
    consent = {"basis": "explicit-consent", "notice_shown": True}
    answer = http.post(f"/v1/faces/{face['id']}/enrolment", json={"consent": consent, **body})
    assert answer.status_code == 202, answer.text
    return http.get(answer.headers["location"], params={"wait_s": 30}).json()


def test_unknown_face_is_enrolled_from_the_result_and_the_next_photo_knows_it(gallery, photos):
    face = unknown_face(identify(gallery, photos["astronaut"]))
    assert face["can_enrol_until"] is not None
    assert gallery.get(face["crop_url"]).headers["content-type"] == "image/jpeg"

    assert enrol_face(gallery, face, name="Eileen Collins")["outcome"] == "enrolled"

    again = identify(gallery, photos["astronaut"])
    assert names(again) == ["Eileen Collins"]
    # From the held pixels comes the embedding that the whole photo gives.
    assert max(f["score"] or 0 for f in again["faces"]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.duty("GDPR 9")
def test_art_9_enrolment_without_consent_is_refused(gallery, photos):
    face = unknown_face(identify(gallery, photos["astronaut"]))

    answer = gallery.post(f"/v1/faces/{face['id']}/enrolment", json={"name": "No Consent"})

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_missing")
    assert gallery.get("/v1/customers", params={"query": "No Consent"}).json()["items"] == []


def test_left_face_is_forgotten_at_once(gallery, photos, served):
    face = unknown_face(identify(gallery, photos["astronaut"]))

    answered = gallery.post(f"/v1/faces/{face['id']}/answer", json={"answer": "leave"}).json()

    assert (answered["answer"], answered["can_enrol_until"]) == ("left", None)
    assert gallery.get(face["crop_url"]).status_code == 404
    assert f"holds/{face['id']}" not in served.installation.runtime.blobs.keys("holds/")
    late = gallery.post(f"/v1/faces/{face['id']}/enrolment", json={"name": "Too Late"})
    assert late.status_code == 409


@pytest.mark.duty("GDPR 11")
def test_stored_photo_cannot_be_recognised_where_it_showed_a_stranger(gallery, photos):
    photo = identify(gallery, photos["astronaut"])
    stored = gallery.get(photo["image_url"]).content
    enrol(gallery, photos["astronaut"], "Eileen Collins")

    assert names(identify(gallery, stored)) == []
    assert names(identify(gallery, stored), "REVIEW") == []


@pytest.mark.duty("GDPR 5(1)(c)", "GDPR 11")
def test_art_11_nothing_of_a_stranger_is_kept_in_the_clear(gallery, photos, served):
    photo = identify(gallery, photos["astronaut"])
    blobs = served.installation.runtime.blobs

    assert f"photos/{photo['id']}/original" not in blobs.keys("photos/")
    held = blobs.get(f"holds/{unknown_face(photo)['id']}")
    with pytest.raises(OSError, match="cannot identify image"):
        Image.open(io.BytesIO(held))


@pytest.mark.duty("GDPR 17")
def test_art_17_erased_person_is_found_by_nobody_and_leaves_no_image(gallery, photos, served):
    customer_id = enrol(gallery, photos["obama"], "Barack Obama")
    before = identify(gallery, photos["obama2"])
    crop_url = next(f["crop_url"] for f in before["faces"] if f["customer"])

    erasure = gallery.delete(f"/v1/customers/{customer_id}").json()

    assert (erasure["templates"], erasure["vectors"]) == (1, 1)
    assert erasure["images"] >= 2
    assert names(identify(gallery, photos["obama2"])) == []
    assert gallery.get(crop_url).status_code == 404
    runtime = served.installation.runtime
    assert runtime.blobs.keys(f"customers/{customer_id}") == []
    after = gallery.get(f"/v1/photos/{before['id']}").json()
    assert [face["customer"] for face in after["faces"]] == [None] * len(after["faces"])
    # The old photo shows them no more either: enrol again and look at it.
    stored = gallery.get(before["image_url"]).content
    enrol(gallery, photos["obama"], "Barack Obama")
    assert names(identify(gallery, stored)) == []


@pytest.mark.duty("GDPR 7(3)")
def test_withdrawn_consent_takes_effect_on_the_next_search(gallery, photos):
    customer_id = enrol(gallery, photos["obama"], "Barack Obama")
    guest = gallery.get(f"/v1/customers/{customer_id}").json()
    path = f"/v1/customers/{customer_id}/consents"

    gallery.post(f"{path}/{guest['consents'][0]['id']}/withdrawal").raise_for_status()
    assert names(identify(gallery, photos["obama2"])) == []
    assert gallery.get("/v1/status").json()["searchable_customers"] == 0

    gallery.post(path, json={"basis": "explicit-consent", "notice_shown": True}).raise_for_status()
    assert names(identify(gallery, photos["obama2"])) == ["Barack Obama"]


def test_confirmed_match_is_one_visit_a_night(gallery, photos):
    customer_id = enrol(gallery, photos["obama"], "Barack Obama")
    for _ in range(2):
        photo = identify(gallery, photos["obama2"])
        face = next(face for face in photo["faces"] if face["customer"])
        answer = gallery.post(f"/v1/faces/{face['id']}/answer", json={"answer": "same_person"})
        assert answer.json()["answer"] == "same_person"

    assert gallery.get(f"/v1/customers/{customer_id}").json()["visit_count"] == 1


def test_not_them_hides_the_face_for_good(gallery, photos):
    enrol(gallery, photos["obama"], "Barack Obama")
    photo = identify(gallery, photos["obama2"])
    face = next(face for face in photo["faces"] if face["customer"])

    answered = gallery.post(f"/v1/faces/{face['id']}/answer", json={"answer": "not_them"})

    assert answered.json()["answer"] == "not_them"
    assert gallery.get(face["crop_url"]).status_code == 404
    assert names(identify(gallery, gallery.get(photo["image_url"]).content)) == []


@pytest.mark.duty("GDPR 5(1)(d)", "AI Act 14")
def test_art_5_mistaken_answer_is_turned_round_and_takes_its_visit_back(gallery, photos):
    customer_id = enrol(gallery, photos["obama"], "Barack Obama")

    def visits() -> int:
        return gallery.get(f"/v1/customers/{customer_id}").json()["visit_count"]

    def answer(photo: dict, words: str) -> None:
        face = next(face for face in photo["faces"] if face["customer"])
        path = f"/v1/faces/{face['id']}/answer"
        gallery.post(path, json={"answer": words}).raise_for_status()

    first, second = identify(gallery, photos["obama2"]), identify(gallery, photos["obama2"])
    answer(first, "same_person")
    answer(first, "not_them")
    assert visits() == 0
    answer(first, "same_person")
    answer(second, "same_person")
    answer(first, "not_them")
    assert visits() == 1, "the other confirmed face of that night keeps the visit"
    answer(second, "not_them")
    assert visits() == 0


def test_same_file_enrolled_twice_makes_one_template(gallery, photos):
    customer_id = enrol(gallery, photos["obama"], "Barack Obama")
    answer = gallery.post(
        "/v1/enrolments",
        data={"customer_id": customer_id},
        files={"photo": ("p.jpg", photos["obama"])},
    )

    settled = gallery.get(answer.headers["location"], params={"wait_s": 30}).json()

    assert settled["outcome"] == "already_enrolled"
    assert gallery.get(f"/v1/customers/{customer_id}").json()["template_count"] == 1


def test_photo_of_nobody_and_of_several_people_is_rejected_with_the_reason(
    gallery, photos, empty_photo
):
    for content, reason in (
        (empty_photo, "no_face"),
        (side_by_side(photos["obama"], photos["obama"]), "several_faces"),
    ):
        answer = gallery.post(
            "/v1/enrolments",
            data={"name": "Somebody", **CONSENT},
            files={"photo": ("p.jpg", content)},
        )
        settled = gallery.get(answer.headers["location"], params={"wait_s": 30}).json()
        assert (settled["outcome"], settled["reason"]) == ("rejected", reason)


def test_deleted_photo_takes_its_images_and_holds_along(gallery, photos, served):
    photo = identify(gallery, photos["astronaut"])

    assert gallery.delete(f"/v1/photos/{photo['id']}").status_code == 204

    blobs = served.installation.runtime.blobs
    assert gallery.get(f"/v1/photos/{photo['id']}").status_code == 404
    assert blobs.keys(f"photos/{photo['id']}") == []
    with pytest.raises(BlobMissingError):
        blobs.get(f"holds/{unknown_face(photo)['id']}")


def test_two_hundred_faces_are_all_found_in_one_photo(gallery, photos):
    portrait = Image.open(io.BytesIO(photos["astronaut"])).convert("RGB").crop((150, 0, 300, 200))
    crowd = np.tile(np.asarray(portrait.resize((100, 134))), (10, 20, 1))

    photo = identify(gallery, as_jpeg(crowd))

    assert len(photo["faces"]) == 200
