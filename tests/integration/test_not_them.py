"""An answered wrong match does not return, and what it is remembered by does not stay."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from vestibule.domain.ids import CustomerId, FaceId
from vestibule.records import customers, not_them
from vestibule.records.gallery_tables import NotThem
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.expire import expire
from vestibule.workflows.record_consent import withdraw_consent

pytestmark = pytest.mark.usefixtures("lookalike")


@pytest.fixture
def lookalike(stage):
    """A stranger who is taken for Ada in a photo, and two more photos of that stranger."""
    ada = stage.guest("Ada", stage.axis(0))
    stranger = stage.near(stage.axis(0), 0.7, towards=1)
    later = stage.near(stranger, 0.85, towards=2)
    stage.first, stage.later = stage.photo(stranger), stage.photo(later)
    assert stage.who(stage.later) == [ada.id], "the later photo would be taken for Ada too"
    return ada


def reject(stage, content: bytes):
    (face,) = stage.identify(content)
    return say_not_them(stage, face)


def say_not_them(stage, face):
    answered = answer_face(stage.runtime, FaceId(face.id), "not_them", actor="test")
    stage.work_off()
    return answered


def remembered(stage) -> int:
    with stage.runtime.database.begin() as transaction:
        return transaction.scalar(select(func.count()).select_from(NotThem)) or 0


def alike(stage, content: bytes) -> dict:
    image = stage.runtime.codec.decode_upright(content)
    probes = stage.runtime.engine.embed(image, stage.runtime.engine.detect(image))
    space, now = stage.runtime.engine.space, stage.runtime.clock.now()
    return stage.runtime.rejected.alike(space, probes, now=now)[0]


def test_other_photo_of_the_rejected_person_is_not_taken_for_the_guest_that_night(stage):
    reject(stage, stage.first)

    assert stage.who(stage.later) == [None]


def test_guest_is_still_recognised_after_somebody_else_was_rejected(stage, lookalike):
    reject(stage, stage.first)

    own = stage.near(stage.axis(0), 0.9, towards=3)
    assert stage.who(stage.photo(own)) == [lookalike.id]


def test_same_photo_never_shows_the_pair_again_even_after_a_restart_and_the_night(stage):
    reject(stage, stage.first)
    stage.restart()
    stage.runtime.clock.moment += timedelta(days=2)
    expire(stage.runtime)

    assert stage.who(stage.first) == [None]


def test_only_the_answered_face_of_a_photo_is_kept_from_the_guest(stage, lookalike):
    photo = stage.photo(stage.near(stage.axis(0), 0.7, towards=1), stage.axis(0))
    first, second = stage.identify(photo)
    assert (first.customer_id, second.customer_id) == (None, lookalike.id)
    say_not_them(stage, second)
    stage.restart()

    assert stage.who(photo) == [lookalike.id, None]


def test_next_best_guest_is_offered_instead(stage):
    ben = stage.guest("Ben", stage.near(stage.axis(0), 0.65, towards=1))

    reject(stage, stage.photo(stage.axis(0)))

    assert stage.who(stage.photo(stage.axis(0))) == [ben.id]


def test_rejected_person_who_is_another_guest_is_recognised_as_themselves(stage):
    reject(stage, stage.first)
    ben = stage.guest("Ben", stage.near(stage.axis(0), 0.7, towards=1))

    assert stage.who(stage.first) == [ben.id]
    assert stage.who(stage.later) == [ben.id]


def test_answer_turned_round_is_forgotten_in_every_way(stage, lookalike):
    face = reject(stage, stage.first)

    answer_face(stage.runtime, FaceId(face.id), "same_person", actor="test")

    assert remembered(stage) == 0
    assert stage.who(stage.later) == [lookalike.id]
    assert stage.who(stage.first) == [lookalike.id]


def test_answer_on_one_of_two_uploads_is_turned_round_for_both(stage, lookalike):
    one, two = stage.identify(stage.first)[0], stage.identify(stage.first)[0]
    for face in (one, two):
        say_not_them(stage, face)
    assert remembered(stage) == 2

    answer_face(stage.runtime, FaceId(two.id), "same_person", actor="test")

    assert stage.who(stage.first) == [lookalike.id]
    assert stage.who(stage.later) == [lookalike.id]


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_embedding_is_forgotten_when_the_venue_closes(stage, lookalike):
    reject(stage, stage.first)
    assert alike(stage, stage.first)

    stage.runtime.clock.moment += timedelta(hours=8)  # 23:00 UTC; the venue closes at 8 in Paris
    assert alike(stage, stage.first) == {}
    expire(stage.runtime)

    assert stage.who(stage.later) == [lookalike.id]
    assert stage.who(stage.first) == [None]


def test_photo_is_remembered_for_the_days_that_were_set(stage, lookalike):
    reject(stage, stage.first)

    stage.runtime.clock.moment += stage.runtime.limits.not_them_memory
    expire(stage.runtime)

    assert remembered(stage) == 0
    assert stage.who(stage.first) == [lookalike.id]


@pytest.mark.duty("GDPR 17")
def test_erasing_the_guest_forgets_what_was_answered(stage, lookalike):
    reject(stage, stage.first)

    erase_customer(stage.runtime, CustomerId(lookalike.id), actor="test")

    assert remembered(stage) == 0
    assert alike(stage, stage.first) == {}


def test_withdrawing_forgets_the_embedding(stage, lookalike):
    reject(stage, stage.first)
    with stage.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, lookalike.id)

    withdraw_consent(stage.runtime, lookalike.id, consent.id, actor="test")

    assert alike(stage, stage.first) == {}


def test_erasure_that_overtakes_the_answer_leaves_no_embedding(stage, lookalike, monkeypatch):
    rejected = stage.runtime.rejected
    remember = rejected.remember

    def overtaken(space, probe):
        erase_customer(stage.runtime, CustomerId(lookalike.id), actor="test")
        remember(space, probe)

    monkeypatch.setattr(rejected, "remember", overtaken)
    reject(stage, stage.first)

    assert alike(stage, stage.first) == {}


def test_template_behind_a_wrong_match_is_counted_until_the_answer_is_turned_round(
    stage, lookalike
):
    template = stage.template(lookalike.id, stage.near(stage.axis(0), 0.7, towards=1))
    face = reject(stage, stage.first)

    def count() -> dict:
        now = stage.runtime.clock.now()
        with stage.runtime.database.begin() as transaction:
            return not_them.counts(transaction, [template.id], now=now)

    assert count() == {template.id: 1}
    answer_face(stage.runtime, FaceId(face.id), "same_person", actor="test")
    assert count() == {}


def test_answer_stands_when_the_crop_is_gone_already(stage):
    (face,) = stage.identify(stage.first)
    stage.runtime.blobs.delete(face.crop_key)

    say_not_them(stage, face)

    assert alike(stage, stage.first) == {}
    assert stage.who(stage.first) == [None]
