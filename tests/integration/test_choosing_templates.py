"""Several templates a customer: which are searched, and what a person's word changes."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import customers, gallery
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.tables import Template
from vestibule.workflows.choose_templates import (
    choose_templates,
    restore_template,
    retire_template,
)
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.request_enrolment import Who, request_enrolment_from_photo
from vestibule.workflows.run_job import run_job

CAP = 5


@pytest.fixture
def ada(stage):
    """As many different looks as are allowed."""
    stage.base = stage.axis(0)
    return stage.guest("Ada", *[look(stage, number) for number in range(1, CAP + 1)])


def look(stage, number: int):
    return stage.near(stage.axis(0), 0.7, towards=number)


def enrol(stage, customer, vector):
    stage.runtime.clock.moment += timedelta(seconds=1)
    content = stage.photo(vector)
    who = Who(customer_id=customer.id)
    enrolment, job = request_enrolment_from_photo(stage.runtime, content, who, None, actor="test")
    run_job(stage.runtime, job.id)
    with stage.runtime.database.begin() as transaction:
        return transaction.get_one(type(enrolment), enrolment.id)


def templates(stage, customer, status: str) -> dict:
    with stage.runtime.database.begin() as transaction:
        rows = gallery.templates_of(transaction, customer.id)
    return {row.id: row for row in rows if row.status == status}


def indexed(stage) -> set:
    return stage.runtime.index.template_ids(stage.runtime.generation)


def test_enrolment_beyond_the_cap_retires_one_and_deletes_none(stage, ada):
    enrolment = enrol(stage, ada, look(stage, 6))

    in_use, retired = templates(stage, ada, "ACTIVE"), templates(stage, ada, "RETIRED")
    assert enrolment.outcome == "enrolled"
    assert (len(in_use), len(retired)) == (CAP, 1)
    assert set(in_use) <= indexed(stage)
    assert not set(retired) & indexed(stage)
    (row,) = retired.values()
    assert stage.runtime.blobs.get(row.crop_key)
    assert row.retired_for == (enrolment.template_id if row.id != enrolment.template_id else None)


def test_retired_template_finds_nobody(stage, ada):
    odd = stage.near(stage.axis(0), 0.2, towards=9)
    template = stage.template(ada.id, odd)
    retire_template(stage.runtime, template.id, actor="test")

    assert stage.who(stage.photo(stage.axis(9))) == [None]


def test_near_duplicate_of_a_better_face_is_kept_aside_although_there_is_room(stage):
    ben = stage.guest("Ben", stage.axis(0))

    enrolment = enrol(stage, ben, stage.near(stage.axis(0), 0.99, towards=1))

    assert list(templates(stage, ben, "RETIRED")) == [enrolment.template_id]


def test_better_near_duplicate_takes_the_place_of_a_worse_one(stage):
    ben = stage.guest("Ben")
    worse = stage.template(ben.id, stage.axis(0), quality={"eye_distance_px": 21.0})

    enrolment = enrol(stage, ben, stage.near(stage.axis(0), 0.99, towards=1))

    (row,) = templates(stage, ben, "RETIRED").values()
    assert (row.id, row.retired_for) == (worse.id, enrolment.template_id)
    assert list(templates(stage, ben, "ACTIVE")) == [enrolment.template_id]


def test_undoing_an_enrolment_brings_the_replaced_face_back_and_sets_the_new_one_aside(stage):
    ben = stage.guest("Ben")
    worse = stage.template(ben.id, stage.axis(0), quality={"eye_distance_px": 21.0})
    enrolment = enrol(stage, ben, stage.near(stage.axis(0), 0.99, towards=1))

    restore_template(stage.runtime, worse.id, instead_of=enrolment.template_id, actor="test")

    assert list(templates(stage, ben, "ACTIVE")) == [worse.id]
    assert worse.id in indexed(stage)
    assert enrolment.template_id not in indexed(stage)


def test_what_a_person_decided_no_later_selection_changes(stage, ada):
    wanted = next(iter(templates(stage, ada, "ACTIVE")))
    unwanted = list(templates(stage, ada, "ACTIVE"))[1]
    retire_template(stage.runtime, wanted, actor="test")
    restore_template(stage.runtime, wanted, instead_of=None, actor="test")
    retire_template(stage.runtime, unwanted, actor="test")

    for number in (6, 7, 8):
        enrol(stage, ada, look(stage, number))

    assert wanted in templates(stage, ada, "ACTIVE")
    assert unwanted in templates(stage, ada, "RETIRED")
    assert len(templates(stage, ada, "ACTIVE")) == CAP


def test_restoring_beyond_the_cap_makes_another_give_way_and_says_which(stage, ada):
    enrol(stage, ada, look(stage, 6))
    (aside,) = templates(stage, ada, "RETIRED")

    choice = restore_template(stage.runtime, aside, instead_of=None, actor="test")

    assert len(choice.retired) == 1
    assert aside in templates(stage, ada, "ACTIVE")
    assert set(templates(stage, ada, "RETIRED")) == set(choice.retired)


def test_no_more_than_the_cap_can_be_chosen_by_hand(stage, ada):
    for number in (6, 7):
        enrol(stage, ada, look(stage, number))
    for template_id in list(templates(stage, ada, "ACTIVE")):
        restore_template(stage.runtime, template_id, instead_of=None, actor="test")
    aside = next(iter(templates(stage, ada, "RETIRED")))

    with pytest.raises(ConflictError):
        restore_template(stage.runtime, aside, instead_of=None, actor="test")

    assert aside in templates(stage, ada, "RETIRED")
    assert aside not in indexed(stage)


def test_face_of_another_guest_cannot_give_way(stage, ada):
    other = stage.guest("Ben", stage.axis(20))
    theirs = next(iter(templates(stage, other, "ACTIVE")))
    mine = next(iter(templates(stage, ada, "ACTIVE")))

    with pytest.raises(NotFoundError):
        restore_template(stage.runtime, mine, instead_of=theirs, actor="test")

    assert theirs in templates(stage, other, "ACTIVE")


def test_choosing_twice_changes_nothing(stage, ada):
    enrol(stage, ada, look(stage, 6))

    with stage.runtime.database.begin() as transaction:
        customers.find_for_change(transaction, ada.id)
        again = choose_templates(stage.runtime, transaction, ada.id)

    assert again.changed == ()


def test_enrolments_at_the_same_time_never_exceed_the_cap(stage, ada):
    jobs = []
    for number in range(6, 10):
        content = stage.photo(look(stage, number))
        who = Who(customer_id=ada.id)
        jobs.append(request_enrolment_from_photo(stage.runtime, content, who, None, actor="t")[1])
    threads = [threading.Thread(target=run_job, args=(stage.runtime, job.id)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    in_use = templates(stage, ada, "ACTIVE")
    assert len(in_use) == CAP
    assert indexed(stage) & set(templates(stage, ada, "RETIRED")) == set()


def test_only_searched_templates_count_for_the_threshold(stage, ada):
    space = stage.runtime.engine.space.id

    def size():
        with stage.runtime.database.begin() as transaction:
            return gallery.size(transaction, space)

    before = size()
    enrol(stage, ada, look(stage, 6))

    assert size() == before


def test_retired_templates_are_erased_with_their_customer(stage, ada):
    enrol(stage, ada, look(stage, 6))

    erasure = erase_customer(stage.runtime, CustomerId(ada.id), actor="test")

    assert erasure.templates == CAP + 1
    assert stage.runtime.blobs.keys(f"customers/{ada.id}/") == []
    with stage.runtime.database.begin() as transaction:
        query = select(Template.id).where(Template.customer_id == ada.id)
        assert transaction.scalars(query).all() == []


def test_every_word_of_a_person_is_in_the_audit(stage, ada):
    template_id = next(iter(templates(stage, ada, "ACTIVE")))
    retire_template(stage.runtime, template_id, actor="Nadia")
    retire_template(stage.runtime, template_id, actor="Nadia")
    restore_template(stage.runtime, template_id, instead_of=None, actor="Nadia")

    query = select(AuditEntry.action).where(
        AuditEntry.actor == "Nadia", AuditEntry.subject == f"customer:{ada.id}"
    )
    with stage.runtime.database.begin() as transaction:
        actions = transaction.scalars(query.order_by(AuditEntry.number)).all()
    assert actions == ["template.retire", "template.restore"]
