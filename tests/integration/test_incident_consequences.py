"""What follows from a decision about an incident, and a demo that may be loaded twice."""

import pytest

from tests.integration.incident_house import House
from vestibule.domain.incidents import Involved, Part
from vestibule.domain.permissions import Role
from vestibule.records import incidents, purchases, watchlist_proposals
from vestibule.workflows.load_demo_incidents import (
    load_demo_incidents,
    load_demo_purchases,
    remove_demo_incidents,
)


@pytest.fixture
def house(stage) -> House:
    return House(stage)


def open_proposals(house, customer_id) -> list:
    with house.runtime.database.begin() as transaction:
        return watchlist_proposals.open_of(transaction, customer_id)


def severe(house, guest) -> list:
    """Two reports by two people, on one night, that together are beyond any doubt."""
    actor = Involved(Part.ACTOR, guest.id)
    return [house.report(house.staff(Role.DOOR), actor, severity=5) for _ in range(2)]


def test_verified_incidents_are_proposed_for_at_once_and_reported_ones_are_not(house):
    guest, manager = house.stage.guest("Zoé"), house.staff(Role.MANAGER)
    reported = severe(house, guest)
    assert open_proposals(house, guest.id) == []

    for incident_id in reported:
        house.verify(incident_id, manager)

    assert open_proposals(house, guest.id) != []


def test_edit_that_takes_a_verification_back_takes_the_proposal_back(house):
    guest, manager = house.stage.guest("Zoé"), house.staff(Role.MANAGER)
    second = house.staff(Role.MANAGER)
    for incident_id in severe(house, guest):
        house.verify(incident_id, manager)

    house.edit(incident_id, second, people=[Involved(Part.ACTOR, description="Somebody else")])

    before = open_proposals(house, guest.id)
    assert all(str(incident_id) not in str(one.evidence) for one in before)


def test_demo_is_loaded_once_however_often_and_removed_without_a_trace(house):
    guests = [house.stage.guest(f"Guest {n}").id for n in range(4)]
    reporters = [house.staff(Role.DOOR), house.staff(Role.DOOR)]
    manager = house.staff(Role.MANAGER)

    def load():
        return load_demo_incidents(house.runtime, guests, reporters=reporters, manager=manager)

    made = load()
    assert load() == made
    states = {house.row(incident_id).state for incident_id in made}
    assert states == {"REPORTED", "VERIFIED", "DISMISSED", "CLOSED"}
    assert load_demo_purchases(house.runtime, guests, by=manager) > 20
    load_demo_purchases(house.runtime, guests, by=manager)
    with house.runtime.database.begin() as transaction:
        now = house.runtime.clock.now()
        assert set(purchases.who_needs_care(transaction, guests, now=now)) == {guests[2]}

    assert remove_demo_incidents(house.runtime) == len(made)
    with house.runtime.database.begin() as transaction:
        assert incidents.past_of(transaction, guests[0]) == []
