"""A hold is placed by a person, with a reason and an end, and nothing slips by it."""

import threading
from datetime import timedelta

import pytest

from tests.integration.retention_home import DAYS, Home, guest
from tests.people import headers, sign_in_as
from vestibule.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PersonNeededError,
)
from vestibule.domain.permissions import EVERYTHING, Grant, Role
from vestibule.domain.retention import NOTICE, Kept
from vestibule.workflows import see_incidents
from vestibule.workflows.hold_from_expiry import LONGEST, lift_hold, list_holds, place_hold
from vestibule.workflows.keep_no_longer import remove_everything_due, remove_some
from vestibule.workflows.show_kept import show_kept
from vestibule.workflows.sign_in import Principal


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    made.strike()


@pytest.fixture
def dpo(home) -> Principal:
    return home.house.principal(Grant(Role.DPO), home.house.staff(Role.DPO).account_id)


def place(home: Home, by: Principal, customer_id=None, incident_id=None, *, days: float = 100):
    return place_hold(
        home.runtime,
        customer_id=customer_id,
        incident_id=incident_id,
        reason="A claim.",
        ends_at=home.clock.now() + timedelta(days=days),
        by=by,
    )


def test_hold_keeps_until_it_is_lifted_and_is_told_in_the_file_and_the_log(home, dpo):
    one = guest(home).id
    home.visit(one, days_ago=2_000)
    hold = place(home, dpo, one)
    remove_everything_due(home.runtime)
    assert [h.id for h in show_kept(home.runtime, one, actor="host").holds] == [hold.id]
    assert list_holds(home.runtime, actor="dpo")[0][1] == "Guest 1"
    lift_hold(home.runtime, hold.id, reason="Settled.", by=dpo)
    with pytest.raises(ConflictError):
        lift_hold(home.runtime, hold.id, reason="Settled.", by=dpo)
    remove_everything_due(home.runtime)
    assert home.visits_of(one) == 0
    for action in ("legal_hold.place", "legal_hold.lift"):
        assert home.entries_of(action)[-1].subject == f"customer:{one}"
        assert "claim" not in str(home.entries_of(action)[-1].details)


def test_hold_on_an_incident_keeps_that_one_alone(home, dpo):
    one = guest(home).id
    old = home.clock.now() - timedelta(days=DAYS[Kept.INCIDENT])
    held, other = (home.incident(one, occurred_at=old) for _ in range(2))
    place(home, dpo, incident_id=held)
    remove_everything_due(home.runtime)
    assert home.house.row(held) is not None and home.house.row(other) is None


def test_nothing_goes_once_a_hold_stands_whatever_was_under_way(home, dpo):
    one = guest(home).id
    for day in range(40):
        home.visit(one, days_ago=1_000 + day)
    removing = threading.Thread(target=remove_some, args=(home.runtime, Kept.VISIT))
    removing.start()
    place(home, dpo, one)
    left = home.visits_of(one)
    removing.join()
    remove_everything_due(home.runtime)
    assert home.visits_of(one) == left


@pytest.mark.duty("GDPR 7(3)")
def test_art_7_3_held_guest_who_withdraws_is_found_no_more(home, dpo):
    from vestibule.records.tables import Consent
    from vestibule.workflows.record_consent import withdraw_consent

    one = guest(home)
    place(home, dpo, one.id)
    assert home.stage.who(home.stage.photo(one.vector)) == [one.id]
    with home.runtime.database.begin() as transaction:
        consent = transaction.query(Consent).filter_by(customer_id=one.id).one()
    withdraw_consent(home.runtime, one.id, consent.id, actor="host")
    assert home.stage.who(home.stage.photo(one.vector)) == [None]


def test_hold_does_not_bring_back_a_face_that_was_due(home, dpo):
    one = guest(home)
    home.pass_days(DAYS[Kept.TEMPLATE])
    remove_everything_due(home.runtime)
    assert show_kept(home.runtime, one.id, actor="host").face_goes_at is not None
    home.pass_days(NOTICE.days)
    place(home, dpo, one.id)
    remove_everything_due(home.runtime)
    assert home.stage.who(home.stage.photo(one.vector)) == [None]


@pytest.mark.parametrize("days", [0, -1, LONGEST.days + 1])
def test_hold_without_an_end_that_comes_is_refused(home, dpo, days):
    with pytest.raises(InvalidInputError):
        place(home, dpo, guest(home).id, days=days)


def test_hold_is_of_one_thing_that_is_there_and_by_a_person(home, dpo):
    one = guest(home).id
    with pytest.raises(InvalidInputError):
        place(home, dpo)
    with pytest.raises(InvalidInputError):
        place(home, dpo, one, home.incident(one))
    with pytest.raises(NotFoundError):
        place(home, dpo, incident_id=one)
    key = Principal("key", None, None, EVERYTHING, home.house.venue_id)
    with pytest.raises(PersonNeededError):
        place(home, key, one)


@pytest.mark.anyio
async def test_reason_is_only_for_those_who_may_place_holds(client, here):
    token = sign_in_as(here.runtime, Role.HOST, Role.DPO)
    made = await client.post("/v1/customers", json={"name": "Ada"}, headers=headers(token))
    customer_id, ends = made.json()["id"], here.runtime.clock.now() + timedelta(days=9)
    body = {"customer_id": customer_id, "reason": "A claim.", "ends_at": ends.isoformat()}
    placed = await client.post("/v1/legal-holds", json=body, headers=headers(token))
    assert placed.status_code == 201 and placed.json()["customer"]["name"] == "Ada"
    path = f"/v1/customers/{customer_id}/retention"
    seen = [
        (await client.get(path, headers=headers(caller))).json()["holds"][0]["reason"]
        for caller in (token, sign_in_as(here.runtime, Role.HOST))
    ]
    assert seen == ["A claim.", None]


def test_incident_tells_of_holds_on_it_and_on_who_was_in_it(home, dpo):
    one = guest(home).id
    incident = home.incident(one, occurred_at=home.clock.now() - timedelta(days=1))
    assert see_incidents.look_at_incident(home.runtime, incident, by=dpo).holds == []
    held = {place(home, dpo, one).id, place(home, dpo, incident_id=incident).id}
    whole = see_incidents.look_at_incident(home.runtime, incident, by=dpo)
    assert {hold.id for hold in whole.holds} == held and whole.may_know_reasons
    manager = home.house.principal(Grant(Role.MANAGER), home.house.staff(Role.MANAGER).account_id)
    told = see_incidents.look_at_incident(home.runtime, incident, by=manager)
    assert len(told.holds) == 2 and not told.may_know_reasons
