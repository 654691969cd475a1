"""Several generations of the index: one answers, and every write reaches all of them."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from tests.integration.generations import (
    OtherEngine,
    begin,
    drop_all_but_the_first,
    knowing,
    seen_otherwise,
)
from vestibule.domain.ids import CustomerId
from vestibule.records import customers, gallery, generations
from vestibule.records.tables import Template
from vestibule.workflows.carry_over import carry_to_other_spaces
from vestibule.workflows.choose_templates import restore_template, retire_template
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.index_templates import reconcile_index, remove_dropped_generations
from vestibule.workflows.move_template import move_template, stale_crops, undo_move
from vestibule.workflows.record_consent import ConsentGiven, record_consent, withdraw_consent
from vestibule.workflows.remove_template import remove_template
from vestibule.workflows.settle_generations import settle_serving


@pytest.fixture
def here(stage):
    yield stage
    stage.strike()
    drop_all_but_the_first(stage.runtime)


@pytest.fixture
def other(here):
    """The stage's runtime can open a second space, of which a generation is live."""
    crops: dict[int, np.ndarray] = {}
    engine = OtherEngine(here.runtime.engine, crops)
    here.crops = crops
    here.runtime = knowing(here.runtime, engine)
    here.other_generation = begin(here.runtime, engine.space)
    return engine


def on_file(here, customer, vector: np.ndarray) -> Template:
    """A template whose stored crop is a picture that the other engine can be asked about."""
    template = here.template(customer.id, vector)
    brightness = 40 + 3 * len(here.crops)
    here.crops[brightness] = vector
    encoded = io.BytesIO()
    Image.new("RGB", (200, 200), (brightness,) * 3).save(encoded, "PNG")
    here.runtime.blobs.put(template.crop_key, encoded.getvalue())
    return template


def twins(here, template: Template) -> list[Template]:
    with here.runtime.database.begin() as transaction:
        return gallery.counterparts(transaction, template)


def indexed(here, generation) -> set:
    return here.runtime.index.template_ids(generation)


@pytest.mark.usefixtures("other")
def test_template_reaches_every_generation_of_its_space_and_no_other(here):
    second = begin(here.runtime, here.runtime.engine.space, "BUILDING")

    template = here.template(here.guest("Ada").id, here.axis(0))

    assert template.id in indexed(here, here.runtime.generation)
    assert template.id in indexed(here, second)
    assert template.id not in indexed(here, here.other_generation)


def test_carried_face_is_found_in_the_other_space_with_what_people_decided_of_it(here, other):
    template = on_file(here, here.guest("Ada"), here.axis(3))

    carry_to_other_spaces(here.runtime, [template.id])

    (twin,) = twins(here, template)
    assert twin.space_id == other.space.id
    assert (twin.crop_key, twin.quality) == (template.crop_key, template.quality)
    probe = seen_otherwise(here.axis(3)[None])
    ((found,),) = here.runtime.index.search(here.other_generation, probe, limit=1)
    assert (found.template_id, found.score) == (twin.id, pytest.approx(1.0, abs=1e-4))


@pytest.mark.usefixtures("other")
def test_carrying_twice_makes_one_template(here):
    template = on_file(here, here.guest("Ada"), here.axis(3))

    carry_to_other_spaces(here.runtime, [template.id])
    carry_to_other_spaces(here.runtime, [template.id])

    assert len(twins(here, template)) == 1


@pytest.mark.duty("GDPR 9")
@pytest.mark.usefixtures("other")
def test_nothing_is_embedded_without_a_basis(here):
    customer = here.guest("Ada")
    template = on_file(here, customer, here.axis(3))
    with here.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, customer.id)
    withdraw_consent(here.runtime, customer.id, consent.id, actor="test")

    carry_to_other_spaces(here.runtime, [template.id])

    assert twins(here, template) == []


@pytest.mark.duty("GDPR 7(3)")
@pytest.mark.usefixtures("other")
def test_withdrawal_takes_out_of_every_generation_and_a_new_consent_brings_back(here):
    customer = here.guest("Ada")
    template = on_file(here, customer, here.axis(3))
    carry_to_other_spaces(here.runtime, [template.id])
    with here.runtime.database.begin() as transaction:
        consent = customers.active_consent(transaction, customer.id)

    withdraw_consent(here.runtime, customer.id, consent.id, actor="test")
    assert template.id not in indexed(here, here.runtime.generation)
    assert indexed(here, here.other_generation) == set()

    given = ConsentGiven(basis="explicit-consent", given_by="test")
    record_consent(here.runtime, customer.id, given, actor="test")
    assert template.id in indexed(here, here.runtime.generation)
    assert len(indexed(here, here.other_generation)) == 1


@pytest.mark.duty("GDPR 17")
@pytest.mark.usefixtures("other")
def test_erasure_looks_into_every_generation(here):
    customer = here.guest("Ada")
    template = on_file(here, customer, here.axis(3))
    carry_to_other_spaces(here.runtime, [template.id])

    erasure = erase_customer(here.runtime, CustomerId(customer.id), actor="test")

    assert (erasure.templates, erasure.vectors) == (2, 2)
    assert indexed(here, here.other_generation) == set()
    with here.runtime.database.begin() as transaction:
        left = transaction.scalars(select(Template).where(Template.customer_id == customer.id))
        assert list(left) == []


@pytest.mark.usefixtures("other")
def test_removed_face_is_gone_in_every_space_with_its_crop(here):
    template = on_file(here, here.guest("Ada"), here.axis(3))
    carry_to_other_spaces(here.runtime, [template.id])
    (twin,) = twins(here, template)

    remove_template(here.runtime, twin.id, actor="test")

    assert here.owner(template.id) is None
    assert indexed(here, here.other_generation) == set()
    assert template.id not in indexed(here, here.runtime.generation)
    assert here.runtime.blobs.keys(f"customers/{template.customer_id}/") == []


@pytest.mark.usefixtures("other")
def test_moved_face_moves_in_every_space_and_back(here):
    ada, bea = here.guest("Ada"), here.guest("Bea")
    template = on_file(here, ada, here.axis(3))
    carry_to_other_spaces(here.runtime, [template.id])

    move = move_template(
        here.runtime,
        template.id,
        from_customer=ada.id,
        to_customer=bea.id,
        reason="wrong file",
        actor="test",
    )
    owners = {here.owner(template.id), *(here.owner(t.id) for t in moved_twins(here, template))}
    assert owners == {bea.id}
    assert here.runtime.blobs.keys(f"customers/{ada.id}/") == []
    assert stale_crops(here.runtime) == []

    undo_move(here.runtime, move.id, actor="test")
    owners = {here.owner(template.id), *(here.owner(t.id) for t in moved_twins(here, template))}
    assert owners == {ada.id}


def moved_twins(here, template: Template) -> list[Template]:
    with here.runtime.database.begin() as transaction:
        return gallery.counterparts(transaction, gallery.find_template(transaction, template.id))


@pytest.mark.usefixtures("other")
def test_face_that_a_person_set_aside_is_searched_in_no_space(here):
    template = on_file(here, here.guest("Ada"), here.axis(3))
    carry_to_other_spaces(here.runtime, [template.id])

    retire_template(here.runtime, template.id, actor="test")
    assert indexed(here, here.other_generation) == set()

    restore_template(here.runtime, template.id, instead_of=None, actor="test")
    assert len(indexed(here, here.other_generation)) == 1


def test_crop_without_a_face_to_the_other_pack_does_not_hold_the_enrolment_up(here, other):
    other.blind = True
    template = on_file(here, here.guest("Ada"), here.axis(3))

    carry_to_other_spaces(here.runtime, [template.id])

    assert twins(here, template) == []
    assert template.id in indexed(here, here.runtime.generation)


def test_write_that_meets_a_dropped_generation_does_not_bring_it_back(here):
    second = begin(here.runtime, here.runtime.engine.space)
    here.template(here.guest("Ada").id, here.axis(0))
    index = here.runtime.index
    upsert = index.upsert

    def drop_then_upsert(generation, entries):
        if generation == second:
            with here.runtime.database.begin() as transaction:
                generations.find_for_change(transaction, second.number).state = "DROPPED"
            remove_dropped_generations(here.runtime)
        upsert(generation, entries)

    index.upsert = drop_then_upsert
    try:
        here.template(here.guest("Bea").id, here.axis(1))
    finally:
        del index.upsert

    assert indexed(here, second) == set()


def test_photo_that_was_searched_in_a_dropped_generation_is_done_again(here):
    second = begin(here.runtime, here.runtime.engine.space)
    ada = here.guest("Ada", here.axis(0))
    photo = here.photo(here.axis(0))
    search = here.runtime.index.search
    first, here.runtime = here.runtime, here.runtime.at(second)

    def drop_then_search(generation, probes, **options):
        with here.runtime.database.begin() as transaction:
            generations.find_for_change(transaction, second.number).state = "DROPPED"
        remove_dropped_generations(here.runtime)
        here.runtime.index.search = search
        return search(generation, probes, **options)

    here.runtime.index.search = drop_then_search
    try:
        from vestibule.workflows import identify_photo, run_job

        handlers = dict(run_job.HANDLERS)
        run_job.HANDLERS["IDENTIFY"] = lambda _, job: identify_photo.identify_photo(
            here.runtime, job
        )
        try:
            stored = here.identified(photo)
        finally:
            run_job.HANDLERS.update(handlers)
        assert here.faces(stored) == []
        here.runtime = first
        first.clock.moment = first.clock.moment.replace(minute=30)
        run_job.run_job(first, stored.job_id)
        assert [face.customer_id for face in here.faces(stored)] == [ada.id]
    finally:
        here.runtime = first
        first.index.__dict__.pop("search", None)


def test_reconciling_leaves_alone_what_a_batch_fills(here):
    ready = begin(here.runtime, here.runtime.engine.space)
    building = begin(here.runtime, here.runtime.engine.space, "BUILDING")
    template = here.template(here.guest("Ada").id, here.axis(0))
    here.runtime.index.delete(building, [template.id])
    assert reconcile_index(here.runtime) == (0, 0)
    assert template.id not in indexed(here, building)

    here.runtime.index.delete(ready, [template.id])
    assert reconcile_index(here.runtime) == (1, 0)
    assert indexed(here, ready) == indexed(here, here.runtime.generation)


def test_two_generations_never_serve_at_once(here):
    second = begin(here.runtime, here.runtime.engine.space)
    with here.runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        row = generations.find_for_change(transaction, second.number)
        generations.make_serving(transaction, row, now=here.runtime.clock.now())
    with here.runtime.database.begin() as transaction:
        states = [row.state for row in generations.live_rows(transaction)]
        assert generations.serving(transaction) == second
    assert sorted(states) == ["SERVING", "STANDBY"]


def test_changed_setting_serves_its_space_and_an_unchanged_one_does_not_undo_a_switch(here, other):
    runtime, now = here.runtime, datetime(2026, 11, 21, tzinfo=UTC)

    def start_with(space) -> str:
        settle_serving(runtime.database, space, low_light="on", now=now)
        with runtime.database.begin() as transaction:
            return generations.serving(transaction).space.id

    own = runtime.engine.space
    assert start_with(own) == own.id
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        row = generations.find_for_change(transaction, here.other_generation.number)
        generations.make_serving(transaction, row, now=now)
    assert start_with(own) == other.space.id
    assert start_with(other.space) == other.space.id
    assert start_with(own) == own.id
