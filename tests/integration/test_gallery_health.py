"""A look through the gallery: what it finds, and how actions and judgements change the list."""

from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import delete

from vestibule.domain.errors import NotFoundError
from vestibule.domain.gallery_health import FindingKind
from vestibule.domain.ids import CustomerId, FaceId, JobId
from vestibule.records import customers, gallery_health, jobs
from vestibule.records.gallery_tables import GalleryJudgement
from vestibule.records.tables import Job
from vestibule.workflows import gallery_gaps
from vestibule.workflows.answer_face import answer_face
from vestibule.workflows.choose_templates import retire_template
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.examine_gallery import examine_gallery, request_examination
from vestibule.workflows.gallery_gaps import FRESH_FOR_S, GalleryGaps
from vestibule.workflows.judge_finding import judge_finding, take_judgement_back
from vestibule.workflows.move_template import move_template, undo_move
from vestibule.workflows.record_consent import withdraw_consent
from vestibule.workflows.run_job import run_job


@pytest.fixture(autouse=True)
def nothing_judged(stage):
    yield
    with stage.runtime.database.begin() as transaction:
        transaction.execute(delete(GalleryJudgement))
        transaction.execute(delete(Job).where(Job.kind == "GALLERY"))


def examine(stage) -> Job:
    job = request_examination(stage.runtime, actor="test")
    run_job(stage.runtime, JobId(job.id))
    with stage.runtime.database.begin() as transaction:
        return transaction.get_one(Job, job.id)


def found(stage, kind: str) -> list:
    with stage.runtime.database.begin() as transaction:
        return gallery_health.findings(transaction, FindingKind(kind), offset=0, limit=50)


def gap(stage, kind, **limits) -> list:
    space_id = stage.runtime.engine.space.id
    old_before = stage.runtime.clock.now() - timedelta(days=730)
    options = {"offset": 0, "limit": 50, **limits}
    database = stage.runtime.database
    page = stage.runtime.gaps.page(database, space_id, kind, old_before=old_before, **options)
    return [item.customer.id for item in page.items]


@pytest.fixture
def poisoned(stage):
    """Ben's face is on Ada's file, and Carla is on file twice."""
    axis, near = stage.axis, stage.near
    stage.ada = stage.guest("Ada", axis(0), near(axis(0), 0.8, towards=1))
    stage.ben = stage.guest("Ben", axis(10), near(axis(10), 0.8, towards=11))
    stage.stray = stage.template(stage.ada.id, near(axis(10), 0.9, towards=12))
    stage.carla = stage.guest("Carla", axis(20))
    stage.carla_again = stage.guest("Carla C.", near(axis(20), 0.9, towards=21))
    return examine(stage)


@pytest.mark.duty("GDPR 5(1)(d)")
@pytest.mark.usefixtures("poisoned")
def test_stray_face_is_found_with_the_guest_it_belongs_to(stage):
    (finding,) = found(stage, "NEARER")

    assert (finding.template_id, finding.customer_id) == (stage.stray.id, stage.ada.id)
    assert finding.other_customer_id == stage.ben.id
    assert found(stage, "OUTLIER") == []


@pytest.mark.usefixtures("poisoned")
def test_guest_who_is_on_file_twice_is_found_once_and_a_stray_face_makes_no_pair(stage):
    pairs = [{f.customer_id, f.other_customer_id} for f in found(stage, "DUPLICATE")]

    assert pairs == [{stage.carla.id, stage.carla_again.id}]


def test_face_like_nobody_on_its_file_is_an_outlier(stage):
    ada = stage.guest("Ada", stage.axis(0), stage.near(stage.axis(0), 0.8, towards=1))
    odd = stage.template(ada.id, stage.axis(5))
    examine(stage)

    (finding,) = found(stage, "OUTLIER")

    assert finding.template_id == odd.id
    assert finding.other_customer_id == ada.id


def test_look_says_how_many_pairs_were_compared_and_how_many_are_chance(poisoned):
    progress = poisoned.progress

    assert (progress["customers"], progress["templates"]) == (4, 7)
    assert progress["comparisons"] == 6
    assert 0 < progress["expected_pairs"] <= 5


@pytest.mark.usefixtures("poisoned")
def test_moving_the_stray_face_settles_the_finding_at_once_and_moving_back_brings_it_again(stage):
    moved = move_template(
        stage.runtime,
        stage.stray.id,
        from_customer=stage.ada.id,
        to_customer=stage.ben.id,
        reason="Ben's.",
        actor="test",
    )
    assert found(stage, "NEARER") == []

    undo_move(stage.runtime, moved.id, actor="test")

    assert len(found(stage, "NEARER")) == 1


@pytest.mark.usefixtures("poisoned")
def test_face_that_was_set_aside_is_no_finding(stage):
    retire_template(stage.runtime, stage.stray.id, actor="test")

    assert found(stage, "NEARER") == []
    examine(stage)
    assert found(stage, "NEARER") == []


@pytest.mark.usefixtures("poisoned")
def test_two_different_people_are_remembered_by_the_next_look_until_it_is_taken_back(stage):
    (pair,) = found(stage, "DUPLICATE")

    judgement = judge_finding(stage.runtime, pair.id, actor="test")
    assert found(stage, "DUPLICATE") == []
    examine(stage)
    assert found(stage, "DUPLICATE") == []

    take_judgement_back(stage.runtime, judgement.id, actor="test")
    assert len(found(stage, "DUPLICATE")) == 1
    with pytest.raises(NotFoundError):
        take_judgement_back(stage.runtime, judgement.id, actor="test")


@pytest.mark.usefixtures("poisoned")
def test_judging_a_pair_leaves_other_pairs_and_other_kinds(stage):
    again = stage.guest("Carla D.", stage.near(stage.axis(20), 0.9, towards=22))
    examine(stage)
    pairs = found(stage, "DUPLICATE")
    assert len(pairs) == 3

    without = next(p for p in pairs if again.id not in (p.customer_id, p.other_customer_id))
    judge_finding(stage.runtime, without.id, actor="test")

    assert len(found(stage, "DUPLICATE")) == 2
    assert len(found(stage, "NEARER")) == 1


@pytest.mark.usefixtures("poisoned")
def test_erased_and_withdrawn_guests_are_in_no_finding(stage):
    erase_customer(stage.runtime, CustomerId(stage.ben.id), actor="test")
    assert found(stage, "NEARER") == []
    with stage.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, stage.carla.id)
    withdraw_consent(stage.runtime, stage.carla.id, consent.id, actor="test")

    examine(stage)

    assert found(stage, "DUPLICATE") == []


def test_face_behind_wrong_matches_is_found_with_their_number(stage):
    ada = stage.guest("Ada", stage.axis(0))
    for lean in (1, 2):
        (face,) = stage.identify(stage.photo(stage.near(stage.axis(0), 0.6, towards=lean)))
        answer_face(stage.runtime, FaceId(face.id), "not_them", actor="test")
    examine(stage)

    (finding,) = found(stage, "WRONG_MATCHES")

    assert (finding.customer_id, finding.count) == (ada.id, 2)


def test_face_that_enrolment_would_refuse_today_is_found(stage):
    ada = stage.guest("Ada", stage.axis(0))
    poor = stage.template(ada.id, stage.axis(1), quality={"sharpness": 0.1})
    examine(stage)

    assert [finding.template_id for finding in found(stage, "POOR")] == [poor.id]


def test_second_request_joins_the_look_that_is_under_way(stage):
    first = request_examination(stage.runtime, actor="test")
    second = request_examination(stage.runtime, actor="test")

    assert first.id == second.id
    run_job(stage.runtime, JobId(first.id))
    assert request_examination(stage.runtime, actor="test").id != first.id


@pytest.mark.usefixtures("poisoned")
def test_look_that_is_done_twice_finds_everything_once(stage):
    examine(stage)

    assert len(found(stage, "NEARER")) == 1
    assert len(found(stage, "DUPLICATE")) == 1


@pytest.mark.usefixtures("poisoned")
def test_worker_that_lost_its_lease_replaces_nothing(stage):
    with stage.runtime.database.begin() as transaction:
        job = jobs.latest_of_kind(transaction, "GALLERY")
    retire_template(stage.runtime, stage.stray.id, actor="test")
    examine_gallery(stage.runtime, job)  # the row is DONE: nobody holds it

    assert len(found(stage, "DUPLICATE")) == 1


def test_files_that_lack_something_are_told_apart(stage):
    no_consent = stage.guest("A", stage.axis(0))
    with stage.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, no_consent.id)
    withdraw_consent(stage.runtime, no_consent.id, consent.id, actor="test")
    no_face = stage.guest("B")
    single = stage.guest("C", stage.axis(2))
    two = stage.guest("D", stage.axis(3), stage.axis(4))
    old = stage.guest("E")
    long_ago = stage.runtime.clock.now() - timedelta(days=800)
    for lean in (6, 7):
        stage.template(old.id, stage.axis(lean), created_at=long_ago)
    wants_no_face = stage.guest("F", consent=False)

    mine = {no_consent.id, no_face.id, single.id, two.id, old.id, wants_no_face.id}
    by_gap = {kind: mine & set(gap(stage, kind)) for kind in gallery_health.GAPS}

    assert by_gap == {
        "no_consent": {no_consent.id},
        "no_face": {no_face.id},
        "single_face": {single.id},
        "old_faces": {old.id},
    }


def test_lists_are_paged(stage):
    for number in range(5):
        stage.guest(f"Guest {number}", stage.axis(number))

    first, second = gap(stage, "single_face", limit=3), gap(stage, "single_face", offset=3, limit=3)

    assert len(set(first) | set(second)) == 5


def test_gaps_of_a_large_gallery_are_kept_for_a_while_and_shown_as_they_are_now(stage, monkeypatch):
    """A total may be behind; who is shown lacks it still."""
    monkeypatch.setattr(gallery_gaps, "SOUGHT_ANEW_BELOW", 1)
    now, looked = [0.0], Event()
    gaps = GalleryGaps(lambda: now[0])
    first, second = stage.guest("Ada", stage.axis(0)), stage.guest("Ben", stage.axis(10))

    def shown():
        page = gaps.page(
            stage.runtime.database,
            stage.runtime.engine.space.id,
            "single_face",
            old_before=stage.runtime.clock.now() - timedelta(days=730),
            offset=0,
            limit=50,
        )
        return page.total, [item.customer.id for item in page.items]

    total, people = shown()
    assert {first.id, second.id} <= set(people)
    stage.template(first.id, stage.axis(1))
    assert shown() == (total, [one for one in people if one != first.id])

    beside = gaps._look_beside
    monkeypatch.setattr(gaps, "_look_beside", lambda *told: (beside(*told), looked.set()))
    now[0] = FRESH_FOR_S
    assert shown()[0] == total  # nobody waits for the next look
    assert looked.wait(10)
    assert shown() == (total - 1, [one for one in people if one != first.id])
