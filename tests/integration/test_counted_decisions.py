"""Decided faces and answers become numbers in which nobody is left."""

import httpx
import pytest
from sqlalchemy import func, select

from services.started_here import started_here
from tests.conftest import CONSENT_FIELDS
from vestibule.records.calibration_tables import AnsweredAlertRow, FaceCount


@pytest.fixture(scope="module")
def served(make_settings):
    with started_here(make_settings()) as product:
        yield product


@pytest.fixture(scope="module")
def http(served):
    headers = {"Authorization": f"Bearer {served.api_key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def photos(served):
    return {photo.id: photo.content for photo in served.installation.runtime.samples.fetch()}


@pytest.fixture(scope="module")
def database(served):
    return served.installation.runtime.database


@pytest.fixture(scope="module", autouse=True)
def guest(http, photos):
    answer = http.post(
        "/v1/enrolments",
        data={"name": "Barack Obama", **CONSENT_FIELDS},
        files={"photo": ("p.jpg", photos["obama"])},
    )
    settled = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert settled["outcome"] == "enrolled", settled
    return settled["customer_id"]


def identify(http, content: bytes) -> dict:
    answer = http.post("/v1/photos", content=content)
    photo = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert photo["state"] == "done", photo["error"]
    return photo


def counted(database) -> int:
    with database.look() as transaction:
        return transaction.scalar(select(func.sum(FaceCount.faces))) or 0


def answers(database) -> list[AnsweredAlertRow]:
    with database.look() as transaction:
        return list(transaction.scalars(select(AnsweredAlertRow)))


def recognised(photo: dict) -> dict:
    return next(face for face in photo["faces"] if face["customer"])


def test_compared_faces_are_counted_once_however_often_the_same_bytes_are_sent(
    http, photos, database
):
    before = counted(database)
    faces = len(identify(http, photos["six"])["faces"])
    identify(http, photos["six"])

    assert faces == 6
    assert 0 < counted(database) - before <= 6
    with database.look() as transaction:
        cells = list(transaction.scalars(select(FaceCount)))
    assert {cell.decision for cell in cells} <= {"MATCH", "REVIEW", "UNKNOWN"}
    assert all((cell.customers, cell.templates) == (1, 1) for cell in cells)


@pytest.mark.duty("GDPR 5(1)(c)")
def test_art_5_answer_leaves_a_score_and_no_way_back_to_anybody(http, photos, database, guest):
    photo = identify(http, photos["obama2"])
    face = recognised(photo)
    http.post(f"/v1/faces/{face['id']}/answer", json={"answer": "same_person"})
    http.post(f"/v1/faces/{face['id']}/answer", json={"answer": "same_person"})

    (kept,) = answers(database)
    assert (kept.answer, kept.is_replaced) == ("same_person", False)
    assert kept.score == pytest.approx(face["score"])
    assert (kept.threshold, kept.light_band) == (face["threshold"], face["light_band"])

    http.post(f"/v1/faces/{face['id']}/answer", json={"answer": "not_them"})
    turned = sorted(answers(database), key=lambda row: row.is_replaced)
    assert [(row.answer, row.is_replaced) for row in turned] == [
        ("not_them", False),
        ("same_person", True),
    ]

    http.delete(f"/v1/photos/{photo['id']}").raise_for_status()
    http.delete(f"/v1/customers/{guest}").raise_for_status()
    left = answers(database)
    assert [row.face_id for row in left] == [None, None]
    assert {column.name for column in AnsweredAlertRow.__table__.columns} == {
        "id",
        "venue_id",
        "space_id",
        "night",
        "light_band",
        "score",
        "threshold",
        "review_threshold",
        "gallery_size",
        "answer",
        "answerer",
        "face_id",
        "is_replaced",
    }
    said = " ".join(str(getattr(row, name)) for row in left for name in ("answer", "answerer"))
    assert guest not in said
    assert "owner" not in said
