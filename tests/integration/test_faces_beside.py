"""Pictures beside each other on the review desk: all that help to compare, none without right."""

from uuid import UUID, uuid4

import pytest

from tests.integration.test_alerts import all_alerts
from tests.integration.watchlist_desk import Desk
from tests.integration.watchlisted import keep_out
from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import CustomerId, FaceId
from vestibule.domain.permissions import Role
from vestibule.records.incident_tables import IncidentAttachment
from vestibule.workflows.answer_alert import answer_alert
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.show_faces_beside import show_faces_beside


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


@pytest.fixture
def guest_id(stage) -> UUID:
    """With one face on file."""
    return stage.guest("Ada", stage.axis(0)).id


def _kinds(desk, guest_id, caller) -> list[str]:
    return sorted(one.kind for one in show_faces_beside(desk.runtime, guest_id, caller=caller).seen)


def _came_in(desk, stage) -> None:
    (face,) = stage.identify(stage.photo(stage.axis(0)))
    answer_face(desk.runtime, FaceId(face.id), "same_person", actor="door")


def _picture_attached(desk, guest_id, media_type="image/jpeg", **fields) -> UUID:
    incident_id = desk.incident(guest_id, by=desk.doors[0], **fields)
    with desk.runtime.database.begin() as transaction:
        transaction.add(
            IncidentAttachment(
                id=uuid4(),
                incident_id=incident_id,
                name="",
                media_type=media_type,
                size_bytes=1,
                sha256="0" * 64,
                object_key=f"incidents/{incident_id}/1",
                sealing_key=b"",
                added_by_id=desk.doors[0].account_id,
                created_at=desk.runtime.clock.now(),
            )
        )
    return incident_id


def test_faces_of_visits_alerts_and_incidents_stand_beside_those_on_file(desk, stage, guest_id):
    _came_in(desk, stage)
    keep_out(desk.runtime, guest_id)
    stage.identify(stage.photo(stage.axis(0)))
    incident_id = _picture_attached(desk, guest_id)

    shown = show_faces_beside(desk.runtime, guest_id, caller=desk.manager())

    assert len(shown.enrolled) == 1
    assert sorted(one.kind for one in shown.seen) == ["alert", "incident", "visit"]
    assert {one.incident_id for one in shown.seen} == {incident_id, None}
    assert [one.at for one in shown.seen] == sorted((one.at for one in shown.seen), reverse=True)


def test_nobody_is_shown_what_they_may_not_open(desk, stage, guest_id):
    _came_in(desk, stage)
    _picture_attached(desk, guest_id)

    elsewhere = show_faces_beside(desk.runtime, guest_id, caller=desk.manager(desk.other_venue()))
    assert elsewhere.seen == []
    assert _kinds(desk, guest_id, desk.manager()) == ["incident", "visit"]
    assert _kinds(desk, guest_id, desk.staff(Role.DPO)) == ["incident"]
    with pytest.raises(NotFoundError):
        show_faces_beside(desk.runtime, uuid4(), caller=desk.manager())


@pytest.mark.parametrize(
    "fields", [{"state": "REPORTED"}, {"state": "DISMISSED"}, {"media_type": "application/pdf"}]
)
def test_what_counts_nothing_or_is_no_picture_is_not_shown(desk, guest_id, fields):
    _picture_attached(desk, guest_id, **fields)
    assert _kinds(desk, guest_id, desk.manager()) == []


def test_a_face_that_was_not_them_is_shown_to_nobody(desk, stage, guest_id):
    keep_out(desk.runtime, guest_id)
    stage.identify(stage.photo(stage.axis(0)))
    shown = show_faces_beside(desk.runtime, guest_id, caller=desk.manager()).seen
    assert [one.kind for one in shown] == ["alert"]

    (alert,) = all_alerts(stage, guest_id)
    by = desk.manager()
    answer_alert(desk.runtime, alert.id, "not_them", actor="Rosa", account_id=by.account_id)
    assert _kinds(desk, guest_id, desk.manager()) == []


def test_an_erased_guest_has_no_faces_to_compare(desk, stage, guest_id):
    _came_in(desk, stage)
    erase_customer(desk.runtime, CustomerId(guest_id), actor="dpo")
    with pytest.raises(NotFoundError):
        show_faces_beside(desk.runtime, guest_id, caller=desk.manager())
