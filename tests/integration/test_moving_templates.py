"""A face on the wrong file is moved and moved back; nothing is lost, whatever happens meanwhile."""

import dataclasses
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from vestibule.domain.errors import (
    ConflictError,
    ConsentMissingError,
    InvalidInputError,
    NotFoundError,
    VestibuleError,
)
from vestibule.domain.ids import CustomerId, JobId
from vestibule.records import customers, gallery, template_moves
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.gallery_tables import TemplateMove
from vestibule.records.tables import Job
from vestibule.workflows.choose_templates import retire_template
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.move_template import move_template, remove_stale_crops, undo_move
from vestibule.workflows.record_consent import withdraw_consent
from vestibule.workflows.run_job import run_job
from vestibule.workflows.sealed_faces import load_crop
from vestibule.workflows.submit_photo import submit_photo


@pytest.fixture
def wrong(stage):
    """Ben's face was enrolled on Ada's file."""
    stage.ada = stage.guest("Ada", stage.axis(0))
    stage.ben = stage.guest("Ben", stage.axis(1))
    return stage.template(stage.ada.id, stage.near(stage.axis(1), 0.6, towards=2))


def move(stage, template, *, to=None, by="test"):
    stage.runtime.clock.moment += timedelta(seconds=1)
    return move_template(
        stage.runtime,
        template.id,
        from_customer=stage.ada.id,
        to_customer=to or stage.ben.id,
        reason="Wrong file.",
        actor=by,
    )


def state(stage) -> dict:
    """Everything that a move may change: owner, status, crop, index."""
    with stage.runtime.database.begin() as transaction:
        rows = [
            row
            for guest in (stage.ada, stage.ben)
            for row in gallery.templates_of(transaction, guest.id)
        ]
    index = stage.runtime.index.template_ids(stage.runtime.generation)
    return {
        row.id: (
            row.customer_id,
            row.status,
            row.decided_by,
            row.retired_for,
            row.crop_key,
            load_crop(stage.runtime, row.crop_key),
            row.id in index,
        )
        for row in rows
    }


def crops(stage, customer) -> list[str]:
    return stage.runtime.blobs.keys(f"customers/{customer.id}/")


def test_moved_face_finds_its_new_owner_and_not_the_old_one(stage, wrong):
    probe = stage.photo(stage.near(stage.axis(2), 0.95, towards=5))
    assert stage.who(probe) == [stage.ada.id]

    move(stage, wrong)

    assert stage.who(probe) == [stage.ben.id]
    assert stage.indexed_owner(wrong.id) == stage.ben.id
    assert [wrong.id.hex in key.replace("-", "") for key in crops(stage, stage.ada)] == [False]
    assert f"customers/{stage.ben.id}/{wrong.id}.jpg" in crops(stage, stage.ben)


def test_moving_back_restores_everything_exactly(stage, wrong):
    before = state(stage)

    moved = move(stage, wrong)
    assert state(stage) != before
    undo_move(stage.runtime, moved.id, actor="test")

    assert state(stage) == before
    assert stage.indexed_owner(wrong.id) == stage.ada.id


def test_moving_back_restores_what_the_cap_had_set_aside(stage, wrong):
    for number in range(3, 7):
        stage.template(stage.ben.id, stage.near(stage.axis(1), 0.7, towards=number + 10))
    before = state(stage)

    moved = move(stage, wrong)
    assert "RETIRED" in {row[1] for row in state(stage).values()}
    undo_move(stage.runtime, moved.id, actor="test")

    assert state(stage) == before


def test_face_that_a_person_set_aside_is_set_aside_again_after_moving_back(stage, wrong):
    retire_template(stage.runtime, wrong.id, actor="test")
    before = state(stage)

    moved = move(stage, wrong)
    assert state(stage)[wrong.id][1] == "ACTIVE"
    undo_move(stage.runtime, moved.id, actor="test")

    assert state(stage) == before


def test_target_without_a_consent_is_refused_and_nothing_changes(stage, wrong):
    carla = stage.guest("Carla", consent=False)
    before = state(stage)

    with pytest.raises(ConsentMissingError):
        move(stage, wrong, to=carla.id)

    assert state(stage) == before
    assert crops(stage, carla) == []


def test_moving_back_to_somebody_who_withdrew_is_refused(stage, wrong):
    moved = move(stage, wrong)
    with stage.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, stage.ada.id)
    withdraw_consent(stage.runtime, stage.ada.id, consent.id, actor="test")

    with pytest.raises(ConsentMissingError):
        undo_move(stage.runtime, moved.id, actor="test")

    assert stage.owner(wrong.id) == stage.ben.id


def test_move_to_the_same_file_and_of_an_unknown_face_are_refused(stage, wrong):
    with pytest.raises(InvalidInputError):
        move(stage, wrong, to=stage.ada.id)
    with pytest.raises(NotFoundError):
        move(stage, Unknown(uuid4()))


@dataclasses.dataclass
class Unknown:
    id: UUID


def test_face_that_is_on_the_other_file_already_is_not_moved_there(stage, wrong):
    stage.template(stage.ben.id, stage.axis(9), source_sha256=wrong.source_sha256)

    with pytest.raises(ConflictError):
        move(stage, wrong)

    assert stage.owner(wrong.id) == stage.ada.id


def test_move_is_undone_once_and_not_after_the_face_was_moved_on(stage, wrong):
    carla = stage.guest("Carla", stage.axis(3))
    first = move(stage, wrong)
    stage.runtime.clock.moment += timedelta(seconds=1)
    second = move_template(
        stage.runtime,
        wrong.id,
        from_customer=stage.ben.id,
        to_customer=carla.id,
        reason="Still wrong.",
        actor="test",
    )

    with pytest.raises(ConflictError):
        undo_move(stage.runtime, first.id, actor="test")
    undo_move(stage.runtime, second.id, actor="test")
    undo_move(stage.runtime, first.id, actor="test")
    with pytest.raises(ConflictError):
        undo_move(stage.runtime, first.id, actor="test")

    assert stage.owner(wrong.id) == stage.ada.id


def test_history_is_kept_on_both_files_and_in_the_audit(stage, wrong):
    moved = move(stage, wrong, by="Nadia")
    undo_move(stage.runtime, moved.id, actor="Nadia")

    with stage.runtime.database.begin() as transaction:
        for guest in (stage.ada, stage.ben):
            (shown,) = template_moves.of_customer(transaction, guest.id)
            assert (shown.id, shown.undone_by) == (moved.id, "Nadia")
            query = select(AuditEntry.action).where(
                AuditEntry.actor == "Nadia", AuditEntry.subject == f"customer:{guest.id}"
            )
            actions = transaction.scalars(query.order_by(AuditEntry.number)).all()
            assert actions == ["template.move", "template.move_back"]


@pytest.mark.parametrize("erased", ["ada", "ben"])
def test_erasing_either_side_forgets_the_move(stage, wrong, erased):
    move(stage, wrong)
    erase_customer(stage.runtime, CustomerId(getattr(stage, erased).id), actor="test")

    with stage.runtime.database.begin() as transaction:
        assert transaction.scalar(select(func.count()).select_from(TemplateMove)) == 0
    assert stage.owner(wrong.id) == (stage.ben.id if erased == "ada" else None)
    if erased == "ada":
        assert stage.who(stage.photo(stage.axis(2))) == [stage.ben.id]


# ── at the same time ────────────────────────────────────────────────────────────────────────
def at_once(*works) -> list[str]:
    """Run them in threads that start together; what each ended with."""
    ends: list[str] = [""] * len(works)
    gate = threading.Barrier(len(works))

    def run(place: int) -> None:
        gate.wait()
        try:
            works[place]()
            ends[place] = "done"
        except VestibuleError as error:
            ends[place] = error.code

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_two_moves_at_once_to_different_files_move_it_once(stage, wrong):
    carla = stage.guest("Carla", stage.axis(3))

    ends = at_once(lambda: move(stage, wrong), lambda: move(stage, wrong, to=carla.id))

    assert sorted(ends) == ["conflict", "done"]
    winner = stage.ben.id if ends[0] == "done" else carla.id
    assert stage.owner(wrong.id) == stage.indexed_owner(wrong.id) == winner
    found = [
        k for g in (stage.ada, stage.ben, carla) for k in crops(stage, g) if str(wrong.id) in k
    ]
    assert found == [f"customers/{winner}/{wrong.id}.jpg"]


def test_moves_in_opposite_directions_do_not_wait_for_each_other_forever(stage, wrong):
    bens = stage.template(stage.ben.id, stage.axis(7))

    def other_way() -> None:
        move_template(
            stage.runtime,
            bens.id,
            from_customer=stage.ben.id,
            to_customer=stage.ada.id,
            reason="Wrong file.",
            actor="test",
        )

    assert at_once(lambda: move(stage, wrong), other_way) == ["done", "done"]


@pytest.mark.parametrize("erased", ["ada", "ben"])
def test_move_while_either_side_is_erased_leaves_no_trace_of_the_erased(stage, wrong, erased):
    gone = getattr(stage, erased)

    ends = at_once(
        lambda: move(stage, wrong),
        lambda: erase_customer(stage.runtime, CustomerId(gone.id), actor="test"),
    )

    assert ends[1] == "done"
    assert ends[0] in ("done", "not_found")
    assert crops(stage, gone) == []
    owner = stage.owner(wrong.id)
    assert owner != gone.id
    moved = ends[0] == "done"
    if erased == "ada":
        assert owner == (stage.ben.id if moved else None)
    else:
        assert owner == (None if moved else stage.ada.id)
    in_index = wrong.id in stage.runtime.index.template_ids(stage.runtime.generation)
    assert in_index == (owner is not None)


def test_photo_that_is_being_identified_never_names_the_old_owner(stage, wrong):
    """The move comes after the search and before the result is stored."""

    class OvertakenCodec:
        def __getattr__(self, name):
            return getattr(stage.runtime.codec, name)

        def blur_faces(self, image, boxes):
            move(stage, wrong)
            return stage.runtime.codec.blur_faces(image, boxes)

    overtaken = dataclasses.replace(stage.runtime, codec=OvertakenCodec())
    photo = submit_photo(stage.runtime, stage.photo(stage.axis(2)), actor="test")
    run_job(overtaken, JobId(photo.job_id))
    assert stage.faces(photo) == []

    with stage.runtime.database.begin() as transaction:
        transaction.get_one(Job, photo.job_id).not_before = None
    run_job(stage.runtime, JobId(photo.job_id))

    assert [face.customer_id for face in stage.faces(photo)] == [stage.ben.id]


def test_stale_index_shows_the_new_owner(stage, wrong, monkeypatch):
    """The crash comes between the commit and the index."""
    monkeypatch.setattr("vestibule.workflows.move_template.reindex_templates", lambda *_: None)
    move(stage, wrong)
    assert stage.indexed_owner(wrong.id) == stage.ada.id

    assert stage.who(stage.photo(stage.axis(2))) == [stage.ben.id]
    index_templates(stage.runtime, [wrong.id])
    assert stage.indexed_owner(wrong.id) == stage.ben.id


def test_crop_left_behind_by_a_crash_is_removed_at_the_next_start(stage, wrong):
    old_key, content = wrong.crop_key, stage.runtime.blobs.get(wrong.crop_key)
    move(stage, wrong)
    stage.runtime.blobs.put(old_key, content)

    assert remove_stale_crops(stage.runtime) == 1

    assert old_key not in crops(stage, stage.ada)
    assert len(crops(stage, stage.ben)) == 2
    assert remove_stale_crops(stage.runtime) == 0
