"""Whether somebody saw a living person is recorded; what a detector suspects refuses nobody."""

import dataclasses

import pytest
from sqlalchemy import select

from vestibule.ports import PresentationCheck
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import Enrolment
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_photo
from vestibule.workflows.run_job import run_job


class Suspecting:
    """A detector that finds every face as suspicious as it is told to."""

    def __init__(self, score: float) -> None:
        self.score = score

    def check(self, image, face) -> PresentationCheck:
        assert image.shape[2] == 3
        assert face.width_px > 0
        return PresentationCheck(score=self.score, threshold=0.5)


def enrol(stage, runtime, *, seen: bool) -> Enrolment:
    ada = stage.guest("Ada")
    who = Who(customer_id=ada.id, living_person_seen=seen)
    content = stage.photo(stage.axis(0))
    enrolment, job = request_enrolment_from_photo(runtime, content, who, None, actor="Grace")
    run_job(runtime, job.id)
    with runtime.database.begin() as transaction:
        return transaction.get_one(Enrolment, enrolment.id)


def audited(stage, action: str, enrolment: Enrolment) -> dict:
    with stage.runtime.database.begin() as transaction:
        query = select(AuditEntry).where(
            AuditEntry.action == action,
            AuditEntry.details["enrolment"].astext == str(enrolment.id),
        )
        (entry,) = transaction.scalars(query)
        return dict(entry.details)


@pytest.mark.parametrize("seen", [True, False])
def test_what_was_said_stands_with_the_enrolment_and_in_the_audit_log(stage, seen):
    enrolment = enrol(stage, stage.runtime, seen=seen)

    assert enrolment.living_person_seen is seen
    assert audited(stage, "enrolment.request", enrolment)["living_person_seen"] is seen


def test_without_a_detector_nothing_is_claimed(stage):
    enrolment = enrol(stage, stage.runtime, seen=True)

    assert "presentation" not in enrolment.checks
    assert audited(stage, "enrolment.decide", enrolment)["presentation"] is None


@pytest.mark.parametrize(("score", "suspicious"), [(0.9, True), (0.1, False)])
def test_a_suspicion_is_a_finding_and_no_refusal(stage, score, suspicious):
    watched = dataclasses.replace(stage.runtime, presentation=Suspecting(score))

    enrolment = enrol(stage, watched, seen=True)

    assert enrolment.outcome == "enrolled"
    found = {"score": score, "threshold": 0.5, "is_suspicious": suspicious}
    assert enrolment.checks["presentation"] == found
    assert audited(stage, "enrolment.decide", enrolment)["presentation"] == found
