"""From a report to a proposal: a verification proposes, a correction takes it back."""

from uuid import uuid4

import pytest

from tests.integration.watchlist_desk import Desk, at_once, errors
from vestibule.domain.incidents import IncidentKind, Involved, Part
from vestibule.domain.permissions import Role
from vestibule.records import incidents
from vestibule.workflows.decide_incident import verify_incident
from vestibule.workflows.edit_incident import IncidentEdit, edit_incident
from vestibule.workflows.load_demo_watchlist import (
    GUESTS_NEEDED,
    DemoStaff,
    load_demo_watchlist,
)
from vestibule.workflows.report_incident import NewIncident, report_incident


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


def _reported(desk, guest_id, by):
    new = NewIncident(
        id=uuid4(),
        kind=IncidentKind.VIOLENCE,
        severity=4,
        account="Hit somebody.",
        people=[Involved(part=Part.ACTOR, customer_id=guest_id)],
    )
    return report_incident(desk.runtime, new, by=by)


def _verify(desk, incident_id, by):
    with desk.runtime.database.begin() as transaction:
        version = incidents.find(transaction, incident_id).version
    verify_incident(desk.runtime, incident_id, seen_version=version, reason=None, by=by)


def test_the_second_verification_proposes_and_verifying_at_once_proposes_once(desk):
    guest_id, manager = desk.guest(), desk.manager()
    first, second = (_reported(desk, guest_id, door) for door in desk.doors[:2])
    assert desk.proposals(guest_id) == []
    came = at_once(
        lambda: _verify(desk, first, manager), lambda: _verify(desk, second, desk.manager())
    )
    assert errors(came) == []
    assert [one.state for one in desk.proposals(guest_id)] == ["OPEN"]


def test_a_correction_of_what_counts_takes_the_proposal_back(desk):
    guest_id, manager = desk.guest(), desk.manager()
    first, second = (_reported(desk, guest_id, door) for door in desk.doors[:2])
    _verify(desk, first, manager)
    _verify(desk, second, manager)
    edit = IncidentEdit(
        people=[Involved(part=Part.VICTIM, customer_id=guest_id)], reason="Mixed up"
    )
    with desk.runtime.database.begin() as transaction:
        version = incidents.find(transaction, second).version
    edit_incident(desk.runtime, second, edit, seen_version=version, by=desk.manager())

    assert [one.state for one in desk.proposals(guest_id)] == ["WITHDRAWN"]


def test_the_demo_desk_has_one_of_everything(desk):
    staff = DemoStaff(
        doors=(desk.doors[0], desk.doors[1]),
        managers=(desk.manager(), desk.manager(), desk.manager()),
        host=desk.staff(Role.HOST),
    )
    guests = [desk.guest(f"Guest {n}") for n in range(GUESTS_NEEDED)]
    load_demo_watchlist(desk.runtime, guests, staff, venue_id=desk.home)
    states = [[one.state for one in desk.proposals(guest_id)] for guest_id in guests]

    assert states == [["OPEN"], ["OPEN"], ["APPROVED"], ["OPEN"], ["REJECTED"], ["APPROVED"]]
    assert [desk.is_kept_out(guest_id) for guest_id in guests] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]
    assert desk.audit_holds()
