"""Alerts at the door: raised once, answered once, and a wrong one not raised again."""

import dataclasses
import json
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.integration.watchlisted import keep_out, manager
from vestibule.domain.errors import ConflictError, NotDeliveredError
from vestibule.domain.ids import CustomerId, FaceId, JobId
from vestibule.domain.light_band import LightBand
from vestibule.domain.permissions import Rights
from vestibule.records import alerts, gallery, venues
from vestibule.records.alert_tables import Alert, AlertEvent, AlertRejection
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import Face, Job
from vestibule.records.timeline import timeline
from vestibule.workflows.answer_alert import answer_alert
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.expire import expire
from vestibule.workflows.load_demo_alerts import load_demo_alerts
from vestibule.workflows.raise_alerts import tend_alerts
from vestibule.workflows.run_job import run_job
from vestibule.workflows.settle_sightings import settle_left_over_sightings
from vestibule.workflows.sign_in import Principal

HOURS_TO_THE_NEXT_NIGHT = 24


@pytest.fixture
def free(stage):
    """A guest whom nobody keeps out."""
    return stage.guest("Ada", stage.axis(0))


@pytest.fixture
def guest(stage, free):
    """The same on the watchlist, for ten days."""
    keep_out(stage.runtime, free.id)
    return free


def all_alerts(stage, customer_id: UUID) -> list[Alert]:
    query = select(Alert).where(Alert.customer_id == customer_id).order_by(Alert.raised_at)
    with stage.runtime.database.begin() as transaction:
        return list(transaction.scalars(query))


def events_of(stage, alert: Alert) -> list[str]:
    query = select(AlertEvent.kind).where(AlertEvent.alert_id == alert.id)
    with stage.runtime.database.begin() as transaction:
        return list(transaction.scalars(query.order_by(AlertEvent.number)))


def audited(stage, alert: Alert) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.subject == f"alert:{alert.id}")
    with stage.runtime.database.begin() as transaction:
        return list(transaction.scalars(query.order_by(AuditEntry.number)))


def answer(stage, alert: Alert, said: str) -> Alert:
    account = manager(stage.runtime)
    return answer_alert(stage.runtime, alert.id, said, actor="Rosa", account_id=account)


def next_night(stage) -> None:
    stage.runtime.clock.moment += timedelta(hours=HOURS_TO_THE_NEXT_NIGHT)


# ── raising ─────────────────────────────────────────────────────────────────────────────────
def test_face_on_the_watchlist_raises_one_alert_a_night(stage, guest):
    for _ in range(2):
        stage.identify(stage.photo(stage.axis(0)))
    next_night(stage)
    stage.identify(stage.photo(stage.axis(0)))

    first, second = all_alerts(stage, guest.id)

    assert first.night < second.night
    assert events_of(stage, first) == ["raised"]
    assert audited(stage, first) == ["alert.raised"]
    with stage.runtime.database.begin() as transaction:
        assert len(alerts.sightings_of(transaction, first.id)) == 2


def test_check_raises_an_alert_like_a_match(stage, guest):
    with stage.runtime.database.begin() as transaction:
        size = gallery.size(transaction, stage.runtime.engine.space.id)
        here = venues.home(transaction).id
    at = stage.runtime.calibration_in_force(here).thresholds(
        LightBand.BRIGHT, customers=size.customers, templates=size.templates
    )
    unsure = stage.near(stage.axis(0), (at.match + at.review) / 2, towards=7)

    (face,) = stage.identify(stage.photo(unsure))

    assert face.decision == "REVIEW"
    assert len(all_alerts(stage, guest.id)) == 1


def test_job_that_is_done_twice_raises_once(stage, guest):
    photo = stage.identified(stage.photo(stage.axis(0)))
    with stage.runtime.database.begin() as transaction:
        again = update(Job).where(Job.id == photo.job_id)
        transaction.execute(again.values(state="QUEUED", finished_at=None, not_before=None))
    stage.runtime.blobs.put(f"photos/{photo.id}/original", stage.photo(stage.axis(0)))

    run_job(stage.runtime, JobId(photo.job_id))

    (alert,) = all_alerts(stage, guest.id)
    (face,) = stage.faces(photo)
    assert alert.face_id == face.id, "the alert shows the face that there is now"
    assert events_of(stage, alert) == ["raised"]


@pytest.mark.parametrize(("days", "starts"), [(10, 5), (0.5, 0)])
def test_entry_that_does_not_hold_now_raises_nothing(stage, free, days, starts):
    keep_out(stage.runtime, free.id, days=days, starts_in_days=starts)
    stage.runtime.clock.moment += timedelta(hours=12)

    (face,) = stage.identify(stage.photo(stage.axis(0)))

    assert face.customer_id == free.id
    assert all_alerts(stage, free.id) == []


def test_somebody_else_raises_nothing(stage, guest):
    other = stage.guest("Bo", stage.axis(1))
    stage.identify(stage.photo(stage.axis(1), stage.axis(5)))
    assert all_alerts(stage, other.id) == all_alerts(stage, guest.id) == []


# ── answering ───────────────────────────────────────────────────────────────────────────────
def test_of_two_answers_at_once_one_counts(stage, guest):
    stage.identify(stage.photo(stage.axis(0)))
    (alert,) = all_alerts(stage, guest.id)
    account, ready, outcomes = manager(stage.runtime), threading.Barrier(2), []

    def say(word: str) -> None:
        ready.wait()
        try:
            answer_alert(stage.runtime, alert.id, word, actor=word, account_id=account)
            outcomes.append("counts")
        except ConflictError as error:
            outcomes.append(error.facts["answer"])

    both = [threading.Thread(target=say, args=[w]) for w in ("same_person", "not_them")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    (answered,) = all_alerts(stage, guest.id)
    assert sorted(outcomes) == sorted(["counts", answered.answer])
    assert events_of(stage, answered) == ["raised", "answered"]


def test_same_answer_twice_changes_nothing(stage, guest):
    stage.identify(stage.photo(stage.axis(0)))
    (alert,) = all_alerts(stage, guest.id)
    for _ in range(2):
        answer(stage, alert, "same_person")
    assert events_of(stage, alert) == ["raised", "answered"]
    assert stage.who(stage.photo(stage.axis(0))) == [guest.id]
    assert len(all_alerts(stage, guest.id)) == 1, "a confirmed one stands for the night"


def test_door_answers_are_opinions(stage, guest):
    (face,) = stage.identify(stage.photo(stage.axis(0)))
    for said in ("same_person", "not_them"):
        answer_face(stage.runtime, FaceId(face.id), said, actor="door")

    (alert,) = all_alerts(stage, guest.id)
    with stage.runtime.database.begin() as transaction:
        (sighting,) = alerts.sightings_of(transaction, alert.id)
        kept = transaction.get_one(Face, face.id)
    assert (alert.answer, sighting.door_said) == (None, "not_them")
    assert kept.answer is None and kept.crop_key is not None

    answer(stage, alert, "not_them")
    with pytest.raises(ConflictError):
        answer_face(stage.runtime, FaceId(face.id), "same_person", actor="door")


# ── not them ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def lookalike(stage):
    """A stranger who passes for Ada, in any light."""
    return stage.near(stage.axis(0), 0.62, towards=9)


def test_pair_that_was_not_them_is_not_raised_again_while_the_entry_lasts(stage, guest, lookalike):
    photo = stage.photo(lookalike)
    stage.identify(photo)
    (alert,) = all_alerts(stage, guest.id)
    answer(stage, alert, "not_them")
    stage.work_off()
    assert stage.who(photo) == [None], "the very same photo"

    next_night(stage)
    stage.restart()
    expire(stage.runtime)

    assert stage.who(stage.photo(lookalike)) == [None], "another photo, another night"
    assert len(all_alerts(stage, guest.id)) == 1
    assert stage.who(stage.photo(stage.near(stage.axis(0), 0.97, towards=3))) == [guest.id]
    assert len(all_alerts(stage, guest.id)) == 2, "the person themselves is still found"


def test_memory_of_a_pair_ends_with_the_entry(stage, guest, lookalike):
    stage.identify(stage.photo(lookalike))
    answer(stage, all_alerts(stage, guest.id)[0], "not_them")
    stage.work_off()
    with stage.runtime.database.begin() as transaction:
        (kept,) = transaction.scalars(select(AlertRejection)).all()
        assert b"\0" * 64 not in kept.sealed, "it is sealed"

    stage.runtime.clock.moment += timedelta(days=11)
    assert stage.who(stage.photo(lookalike)) == [guest.id], "before it is removed, too"
    expire(stage.runtime)

    with stage.runtime.database.begin() as transaction:
        assert transaction.scalars(select(AlertRejection)).all() == []


def test_installation_may_remember_for_the_night_only(stage, guest, lookalike):
    limits = dataclasses.replace(stage.runtime.limits, remembers_rejected_alerts=False)
    stage.runtime = dataclasses.replace(stage.runtime, limits=limits)
    stage.identify(stage.photo(lookalike))
    answer(stage, all_alerts(stage, guest.id)[0], "not_them")
    stage.work_off()

    assert stage.who(stage.photo(lookalike)) == [None]
    next_night(stage)
    stage.restart()
    assert stage.who(stage.photo(lookalike)) == [guest.id]


def test_person_who_joined_a_wrong_alert_raises_anew(stage, guest, lookalike):
    stage.identify(stage.photo(lookalike))
    stage.identify(stage.photo(stage.axis(0)))
    stage.identify(stage.photo(lookalike))
    (wrong,) = all_alerts(stage, guest.id)

    answer(stage, wrong, "not_them")
    stage.work_off()
    stage.work_off()

    first, second = all_alerts(stage, guest.id)
    assert (first.answer, second.answer) == ("not_them", None)
    with stage.runtime.database.begin() as transaction:
        shown = transaction.get_one(Face, second.face_id)
        assert shown.answer is None
        assert len(alerts.sightings_of(transaction, second.id)) == 1, "the stranger is not among"


def test_sightings_whose_job_failed_are_raised_by_the_clock(stage, guest, lookalike):
    stage.identify(stage.photo(lookalike))
    stage.identify(stage.photo(stage.axis(0)))
    (wrong,) = all_alerts(stage, guest.id)
    answer(stage, wrong, "not_them")
    with stage.runtime.database.begin() as transaction:
        failed = update(Job).where(Job.kind == "REMEMBER", Job.finished_at.is_(None))
        transaction.execute(failed.values(state="FAILED", finished_at=stage.runtime.clock.now()))

    assert settle_left_over_sightings(stage.runtime) == 1
    assert settle_left_over_sightings(stage.runtime) == 0
    assert [alert.answer for alert in all_alerts(stage, guest.id)] == ["not_them", None]


# ── the clock, erasure ──────────────────────────────────────────────────────────────────────
def test_alert_that_waits_is_said_again_once(stage, guest):
    stage.identify(stage.photo(stage.axis(0)))
    (alert,) = all_alerts(stage, guest.id)
    minutes = stage.runtime.limits.alert_escalation_minutes
    for moved in (minutes - 1, 1, 5):
        stage.runtime.clock.moment += timedelta(minutes=moved)
        tend_alerts(stage.runtime)

    assert events_of(stage, alert) == ["raised", "escalated"]
    assert audited(stage, alert) == ["alert.raised", "alert.escalated"]


def test_alert_ends_with_its_entry(stage, free):
    keep_out(stage.runtime, free.id, days=1)
    (face,) = stage.identify(stage.photo(stage.axis(0)))
    stage.runtime.clock.moment += timedelta(days=1)
    tend_alerts(stage.runtime)

    (alert,) = all_alerts(stage, free.id)
    assert alert.answer == "lapsed"
    with stage.runtime.database.begin() as transaction:
        assert alerts.of_faces(transaction, [face.id]) == {}
    with pytest.raises(ConflictError):
        answer(stage, alert, "same_person")


@pytest.mark.duty("GDPR 17")
def test_erased_guest_leaves_no_alert(stage, guest, lookalike):
    stage.identify(stage.photo(lookalike))
    answer(stage, all_alerts(stage, guest.id)[0], "not_them")
    stage.work_off()
    erase_customer(stage.runtime, CustomerId(guest.id), actor="test")
    assert all_alerts(stage, guest.id) == []
    with stage.runtime.database.begin() as transaction:
        assert transaction.scalars(select(AlertRejection)).all() == []


# ── outside ─────────────────────────────────────────────────────────────────────────────────
class Receiver:
    """Takes what comes, after refusing the first ``refusals``."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.bodies: list[bytes] = []

    def deliver(self, body: bytes, *, at) -> None:
        if self.refusals:
            self.refusals -= 1
            raise NotDeliveredError(reason="status_500")
        self.bodies.append(body)


def run_news(stage) -> list[str]:
    query = select(Job).where(Job.kind == "NOTIFY").order_by(Job.created_at)
    with stage.runtime.database.begin() as transaction:
        owed = list(transaction.scalars(query))
    for job in owed:
        run_job(stage.runtime, JobId(job.id))
    with stage.runtime.database.begin() as transaction:
        return [transaction.get_one(Job, job.id).state for job in owed]


@pytest.mark.duty("GDPR 44")
def test_art_44_outside_is_told_ids_until_it_takes_them(stage, guest):
    stage.runtime = dataclasses.replace(stage.runtime, webhook=Receiver(refusals=1))
    stage.identify(stage.photo(stage.axis(0)))
    (alert,) = all_alerts(stage, guest.id)

    assert run_news(stage)[-1] == "QUEUED"
    stage.runtime.clock.moment += timedelta(minutes=2)
    assert run_news(stage)[-1] == "DONE"

    (body,) = stage.runtime.webhook.bodies
    told = json.loads(body)
    assert (told["type"], told["alert_id"]) == ("alert.raised", str(alert.id))
    assert set(told) == {"id", "type", "alert_id", "venue_id", "at"}
    assert str(guest.id).encode() not in body


def test_demo_alerts_are_of_those_on_the_watchlist_and_made_once(stage, guest):
    other = stage.guest("Bo", stage.axis(1))
    with stage.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
    rosa = Principal("Rosa", None, manager(stage.runtime), Rights({}), venue_id)
    made = [
        load_demo_alerts(stage.runtime, [guest.id, other.id], rosa, venue_id=venue_id)
        for _ in range(2)
    ]
    assert made == [5, 0]
    assert [alert.answer for alert in all_alerts(stage, guest.id)].count(None) == 1
    assert all_alerts(stage, other.id) == []


def test_history_of_the_guest_tells_the_confirmed_ones_alone(stage, guest, lookalike):
    stage.identify(stage.photo(lookalike))
    answer(stage, all_alerts(stage, guest.id)[0], "not_them")
    stage.identify(stage.photo(stage.axis(0)))
    answer(stage, all_alerts(stage, guest.id)[1], "same_person")

    with stage.runtime.database.begin() as transaction:
        now, shown = stage.runtime.clock.now(), {"decision": None}
        events = timeline(transaction, guest.id, allowed=shown, limit=10, now=now)

    told = [event.facts for event in events if "alert" in event.facts]
    assert told == [{"alert": str(all_alerts(stage, guest.id)[1].id), "answer": "same_person"}]
