"""The face of a guest who no longer comes: told of, set aside, gone; never found once it is due."""

import dataclasses
from types import SimpleNamespace
from uuid import UUID

import pytest

from tests.integration.retention_home import DAYS, Home, guest
from vestibule.domain.retention import NOTICE, Kept, face_goes_at
from vestibule.records import idle_faces
from vestibule.records.tables import Template
from vestibule.workflows import keep_no_longer
from vestibule.workflows.keep_no_longer import remove_everything_due
from vestibule.workflows.show_retention import show_retention


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    made.strike()


def faces_of(home: Home, one: UUID) -> int:
    return home.count(Template, Template.customer_id == one)


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_face_goes_after_a_notice_and_not_without_one(home):
    one = guest(home)
    key = f"customers/{one.id}/"
    home.pass_days(DAYS[Kept.TEMPLATE] + 100)
    assert remove_everything_due(home.runtime)[Kept.TEMPLATE] == 0, "nobody was told yet"
    assert home.entries_of("retention.remind")[-1].details["customers"] == [str(one.id)]
    home.pass_days(NOTICE.days - 0.01)
    remove_everything_due(home.runtime)
    assert faces_of(home, one.id) == 1
    home.pass_days(0.01)
    assert remove_everything_due(home.runtime)[Kept.TEMPLATE] == 1
    assert faces_of(home, one.id) == 0
    assert home.runtime.blobs.keys(key) == []
    assert home.stage.who(home.stage.photo(one.vector)) == [None]


def test_who_comes_again_keeps_their_face_and_is_told_anew(home):
    one = guest(home)
    home.pass_days(DAYS[Kept.TEMPLATE])
    remove_everything_due(home.runtime)
    home.pass_days(10)
    home.visit(one.id)
    home.pass_days(DAYS[Kept.TEMPLATE] - 1)
    remove_everything_due(home.runtime)
    home.pass_days(NOTICE.days - 1)
    remove_everything_due(home.runtime)
    assert faces_of(home, one.id) == 1
    home.pass_days(2)
    remove_everything_due(home.runtime)
    assert faces_of(home, one.id) == 0


def test_held_face_stays_and_is_searched_no_more(home):
    one = guest(home)
    home.pass_days(DAYS[Kept.TEMPLATE])
    remove_everything_due(home.runtime)
    home.hold(customer_id=one.id, days=100)
    home.pass_days(NOTICE.days)
    for _ in range(2):
        assert remove_everything_due(home.runtime)[Kept.TEMPLATE] == 0
    assert faces_of(home, one.id) == 1
    assert home.stage.who(home.stage.photo(one.vector)) == [None]
    home.pass_days(100)
    assert remove_everything_due(home.runtime)[Kept.TEMPLATE] == 1
    assert faces_of(home, one.id) == 0


@pytest.mark.parametrize("step", ["unindex_templates", "blobs", "rows"])
def test_kill_at_any_step_leaves_a_face_that_nobody_finds_and_that_goes_next(
    home, monkeypatch, step
):
    one = guest(home)
    home.pass_days(DAYS[Kept.TEMPLATE])
    remove_everything_due(home.runtime)
    home.pass_days(NOTICE.days)

    class KilledError(BaseException):
        pass

    def kill(*_args, **_more):
        raise KilledError

    runtime = home.runtime
    with monkeypatch.context() as patched:
        if step == "unindex_templates":
            patched.setattr(keep_no_longer, step, kill)
        elif step == "rows":
            patched.setattr(idle_faces, "remove_set_aside", kill)
        else:
            runtime = dataclasses.replace(runtime, blobs=SimpleNamespace(delete=kill))
        with pytest.raises(KilledError):
            remove_everything_due(runtime)
    assert home.stage.who(home.stage.photo(one.vector)) == [None]
    home.visit(one.id)  # too late: it was decided
    assert remove_everything_due(home.runtime)[Kept.TEMPLATE] == 1
    assert faces_of(home, one.id) == 0 and home.runtime.blobs.keys(f"customers/{one.id}/") == []


def test_day_of_a_face_is_the_one_that_the_rule_says(home):
    one = guest(home).id
    active = home.clock.now()
    home.pass_days(DAYS[Kept.TEMPLATE] - 20)
    remove_everything_due(home.runtime)
    told, kept_days = home.clock.now(), DAYS[Kept.TEMPLATE]
    goes = face_goes_at(active, days=kept_days, reminded_at=told, now=told)
    with home.runtime.database.begin() as transaction:
        found = idle_faces.END.goes_at_of(transaction, one, kept_days=kept_days, now=told)
    assert found == goes
    assert (
        sum(
            show_retention(home.runtime, venue_id=home.house.venue_id)
            .outlooks["template"]
            .days.values()
        )
        == 1
    )
