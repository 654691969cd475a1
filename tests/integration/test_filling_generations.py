"""A new generation: what it holds and answers, who leaves meanwhile, switching and dropping."""

import pytest
from sqlalchemy import select

from tests.integration.generations import (
    work_off,
)
from vestibule.domain.errors import ConflictError
from vestibule.domain.ids import CustomerId
from vestibule.records import batches, customers, gallery
from vestibule.records.tables import Template
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.fill_generation import request_rebuild
from vestibule.workflows.record_consent import withdraw_consent
from vestibule.workflows.switch_generation import (
    clear_templates,
    drop_generation,
    switch_generation,
)


def test_rebuilt_generation_holds_the_same_and_answers_the_same(gallery_here):
    here = gallery_here
    for axis in range(6):
        here.guest(axis, faces=2)

    batch = request_rebuild(here.runtime, actor="test")
    assert here.state_of(batch.generation) == "BUILDING"
    work_off(here.runtime)

    assert here.batch(batch).state == "DONE"
    assert here.state_of(batch.generation) == "READY"
    assert here.indexed(batch) == here.runtime.index.template_ids(here.runtime.generation)
    found = here.comparison(batch)
    assert found["agreeing"] == found["faces"] == found["same_neighbours"] == 12
    assert found["right_old"] == found["right_new"] == 12
    assert found["largest_score_gap"] < 1e-3


def test_reembedded_gallery_is_whole_and_finds_the_same_people(gallery_here):
    here = gallery_here
    for axis in range(6):
        here.guest(axis, faces=2)

    batch = here.reembed()
    work_off(here.runtime)

    assert here.batch(batch).state == "DONE"
    assert here.progress(batch) == batches.Progress(12, 12, 0)
    assert here.in_other_space() == 12 == len(here.indexed(batch))
    assert here.comparison(batch)["right_new"] == 12
    assert here.comparison(batch)["agreeing"] == 12


def test_photo_is_decided_in_the_space_that_serves_before_and_after_the_switch_and_back(
    gallery_here,
):
    here = gallery_here
    customer = here.guest(3)
    first = here.runtime.generation
    batch = here.reembed()
    work_off(here.runtime)
    own = here.runtime.engine.space.id

    def decided() -> tuple:
        (face,) = here.stage.identify(here.stage.photo(here.stage.axis(3)))
        with here.runtime.database.begin() as transaction:
            return face.customer_id, gallery.find_template(transaction, face.template_id).space_id

    assert decided() == (customer.id, own)
    switch_generation(here.runtime, batch.generation, reason="trial", actor="test")
    assert decided() == (customer.id, here.engine.space.id)
    switch_generation(here.runtime, first.number, reason="back", actor="test")
    assert decided() == (customer.id, own)
    assert here.state_of(batch.generation) == "STANDBY"


@pytest.mark.parametrize("leaves", ["erasure", "withdrawal"])
def test_who_leaves_while_their_face_is_embedded_is_in_no_generation(
    gallery_here, monkeypatch, leaves
):
    here = gallery_here
    stays, goes = here.guest(0), here.guest(1)
    batch = here.reembed()
    real = here.engine.embed_each

    def gone_meanwhile(faces):
        rows = real(faces)
        monkeypatch.setattr(here.engine, "embed_each", real)
        if leaves == "erasure":
            erase_customer(here.runtime, CustomerId(goes.id), actor="test")
        else:
            with here.runtime.database.begin() as transaction:
                consent = customers.active_consent(transaction, goes.id)
            withdraw_consent(here.runtime, goes.id, consent.id, actor="test")
        return rows

    monkeypatch.setattr(here.engine, "embed_each", gone_meanwhile)
    work_off(here.runtime)

    with here.runtime.database.begin() as transaction:
        owners = {row.customer_id for row in gallery.templates(transaction, here.indexed(batch))}
        rows = transaction.scalars(
            select(Template).where(Template.space_id == here.engine.space.id)
        )
        assert {row.customer_id for row in rows} == owners == {stays.id}
    if leaves == "erasure":
        assert here.runtime.blobs.keys(f"customers/{goes.id}/") == []


def test_face_that_the_other_pack_does_not_find_is_told_and_erased_with_its_guest(gallery_here):
    here = gallery_here
    customer = here.guest(0)
    here.engine.blind = True

    batch = here.reembed()
    work_off(here.runtime)

    assert here.progress(batch) == batches.Progress(1, 1, 1)
    with here.runtime.database.begin() as transaction:
        (failure,) = batches.failures(transaction, batch.id, offset=0, limit=10)
    assert (failure.code, failure.customer_id) == ("no_face", customer.id)
    assert here.state_of(batch.generation) == "READY"
    erase_customer(here.runtime, CustomerId(customer.id), actor="test")
    with here.runtime.database.begin() as transaction:
        assert batches.count_failures(transaction, batch.id) == 0


def test_switch_waits_for_what_was_enrolled_past_the_generation(gallery_here):
    here = gallery_here
    here.guest(0)
    batch = here.reembed()
    work_off(here.runtime)
    here.guest(1)  # written by a process that knew nothing of the other space

    with pytest.raises(ConflictError) as refused:
        switch_generation(here.runtime, batch.generation, reason="now", actor="test")
    assert refused.value.facts["missing"] == 1

    here.reembed()
    work_off(here.runtime)
    switch_generation(here.runtime, batch.generation, reason="now", actor="test")
    assert here.state_of(batch.generation) == "SERVING"


def test_dropped_generation_takes_its_templates_along_when_asked_to(gallery_here):
    here = gallery_here
    here.guest(0, faces=2)
    batch = here.reembed()
    work_off(here.runtime)

    drop_generation(
        here.runtime, batch.generation, clears_templates=True, reason="no use", actor="test"
    )
    while clear_templates(here.runtime):
        pass

    assert here.in_other_space() == 0
    assert len(here.runtime.index.template_ids(here.runtime.generation)) == 2
    with pytest.raises(ConflictError):
        drop_generation(
            here.runtime,
            here.runtime.generation.number,
            clears_templates=True,
            reason="x",
            actor="test",
        )


def test_one_generation_is_filled_at_a_time(gallery_here):
    gallery_here.guest(0)
    request_rebuild(gallery_here.runtime, actor="test")
    with pytest.raises(ConflictError):
        gallery_here.reembed()
