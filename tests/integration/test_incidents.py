"""Who may report, see, change and decide an incident; and what happens when two do at once."""

from contextlib import suppress
from uuid import uuid4

import pytest

from tests.integration.incident_house import House, at_once
from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    IncidentChangedError,
    InvalidInputError,
    NotFoundError,
    OwnReportError,
    PersonNeededError,
)
from vestibule.domain.incidents import IncidentKind, Involved, Part
from vestibule.domain.permissions import EVERYTHING, Grant, Role
from vestibule.records import incidents
from vestibule.records.incident_lists import Filters
from vestibule.workflows.decide_incident import close_incident, dismiss_incident
from vestibule.workflows.see_incidents import list_incidents
from vestibule.workflows.sign_in import Principal


@pytest.fixture
def house(stage) -> House:
    return House(stage)


# ── from report to closure ──────────────────────────────────────────────────────────────────
def test_incident_goes_from_report_to_closure_and_every_step_is_remembered(house):
    guest = house.stage.guest("Zoé")
    door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
    incident_id = house.report(door, Involved(Part.ACTOR, guest.id))

    house.verify(incident_id, manager)
    close_incident(house.runtime, incident_id, seen_version=2, reason=None, by=manager)

    whole = house.look(incident_id, manager)
    assert [(r.action, r.by_id) for r in whole.revisions] == [
        ("REPORTED", door.account_id),
        ("VERIFIED", manager.account_id),
        ("CLOSED", manager.account_id),
    ]
    assert house.audited(incident_id) == [
        "incident.report",
        "incident.verify",
        "incident.close",
        "incident.view",
    ]


def test_only_verified_incidents_count_and_closed_ones_still_do(house):
    guest = house.stage.guest("Zoé")
    door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
    ids = [house.report(door, Involved(Part.ACTOR, guest.id)) for _ in range(2)]

    def counting():
        with house.runtime.database.begin() as transaction:
            return guest.id in set(incidents.customers_with_verified(transaction))

    assert not counting()
    dismiss_incident(house.runtime, ids[0], seen_version=1, reason="Not them.", by=manager)
    assert not counting()
    house.verify(ids[1], manager)
    assert counting()
    close_incident(house.runtime, ids[1], seen_version=2, reason=None, by=manager)
    assert counting()
    with house.runtime.database.begin() as transaction:
        states = [past.state.value for past in incidents.past_of(transaction, guest.id)]
    assert sorted(states) == ["CLOSED", "DISMISSED"]


def test_sending_a_report_twice_reports_once(house):
    door, other = house.staff(Role.DOOR), house.staff(Role.DOOR)
    chosen = uuid4()

    assert house.report(door, id=chosen) == house.report(door, id=chosen) == chosen
    assert len(house.look(chosen, door).revisions) == 1
    with pytest.raises(ConflictError):
        house.report(other, id=chosen)


def test_same_report_from_many_clicks_at_once_is_one_report(house):
    door, chosen, done = house.staff(Role.DOOR), uuid4(), []

    def click() -> None:
        house.report(door, id=chosen)
        done.append(chosen)

    at_once([click] * 6)

    assert len(done) == 6
    assert house.version(chosen) == 1


def test_future_and_long_past_cannot_be_reported(house):
    from datetime import timedelta

    door, now = house.staff(Role.DOOR), house.runtime.clock.now()
    for moment in (now + timedelta(hours=1), now - timedelta(days=4_000)):
        with pytest.raises(InvalidInputError):
            house.report(door, occurred_at=moment)


# ── who decides ─────────────────────────────────────────────────────────────────────────────
def test_reporter_decides_nothing_about_their_own_report(house):
    manager = house.staff(Role.MANAGER)
    incident_id = house.report(manager)

    with pytest.raises(OwnReportError):
        house.verify(incident_id, manager)
    with pytest.raises(OwnReportError):
        dismiss_incident(house.runtime, incident_id, seen_version=1, reason="No.", by=manager)
    assert house.row(incident_id).state == "REPORTED"


@pytest.mark.parametrize("role", [Role.DOOR, Role.HOST, Role.DPO, Role.ADMIN])
def test_only_managers_decide(house, role):
    incident_id = house.report(house.staff(Role.DOOR))

    with pytest.raises((ForbiddenError, NotFoundError)):
        house.verify(incident_id, house.staff(role))


@pytest.mark.duty("GDPR 10")
def test_manager_of_another_venue_neither_sees_nor_decides(house):
    incident_id = house.report(house.staff(Role.DOOR))
    stranger = house.staff(Role.MANAGER, venue_id=house.other_venue())

    assert incident_id not in house.listed(stranger)
    for attempt in (house.look, house.verify):
        with pytest.raises(NotFoundError):
            attempt(incident_id, stranger)


def test_api_key_reports_and_decides_nothing(house):
    key = Principal("till", None, None, EVERYTHING, house.venue_id)
    incident_id = house.report(house.staff(Role.DOOR))

    with pytest.raises(PersonNeededError):
        house.report(key)
    with pytest.raises(PersonNeededError):
        house.verify(incident_id, key)


def test_who_made_it_worse_does_not_verify_it(house):
    door, manager, second = (house.staff(r) for r in (Role.DOOR, Role.MANAGER, Role.MANAGER))
    incident_id = house.report(door)
    house.edit(incident_id, manager, severity=5)

    with pytest.raises(OwnReportError):
        house.verify(incident_id, manager)
    house.verify(incident_id, second)


def test_who_mended_the_words_does_not_verify_it_and_may_dismiss_it(house):
    incident_id = house.report(house.staff(Role.DOOR))
    manager = house.staff(Role.MANAGER)
    house.edit(incident_id, manager, account="Pushed somebody at the bar.")

    with pytest.raises(OwnReportError):
        house.verify(incident_id, manager)
    assert not house.look(incident_id, manager).may_verify
    dismiss_incident(house.runtime, incident_id, seen_version=2, reason="No.", by=manager)


def test_who_corrected_it_once_never_verifies_it_whoever_decided_in_between(house):
    one, second, third = (house.staff(Role.MANAGER) for _ in range(3))
    incident_id = house.report(house.staff(Role.DOOR))
    house.edit(incident_id, one, severity=5)
    house.verify(incident_id, second)
    house.edit(incident_id, third, severity=4)

    for corrector in (one, third):
        with pytest.raises(OwnReportError):
            house.verify(incident_id, corrector)
    house.verify(incident_id, second)


# ── two at once ─────────────────────────────────────────────────────────────────────────────
def test_of_two_decisions_at_once_one_succeeds(house):
    managers = [house.staff(Role.MANAGER) for _ in range(4)]
    incident_id = house.report(house.staff(Role.DOOR))
    results = []

    def decide(manager, number):
        def call() -> None:
            try:
                if number % 2:
                    house.verify(incident_id, manager, seen=1)
                else:
                    dismiss_incident(
                        house.runtime, incident_id, seen_version=1, reason="No.", by=manager
                    )
                results.append("decided")
            except IncidentChangedError:
                results.append("changed")

        return call

    at_once([decide(manager, n) for n, manager in enumerate(managers)])

    assert sorted(results) == ["changed", "changed", "changed", "decided"]
    assert house.version(incident_id) == 2


def test_what_was_edited_meanwhile_is_not_verified_unseen(house):
    door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
    incident_id = house.report(door)
    house.edit(incident_id, door, severity=5)

    with pytest.raises(IncidentChangedError) as refused:
        house.verify(incident_id, manager, seen=1)
    assert refused.value.facts["version"] == 2


def test_edit_and_verification_at_once_never_leave_an_unseen_severity_verified(house):
    for _ in range(5):
        door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
        incident_id = house.report(door)

        def edit(incident_id=incident_id, door=door) -> None:
            with suppress(IncidentChangedError, NotFoundError):
                house.edit(incident_id, door, seen=1, severity=5)

        def verify(incident_id=incident_id, manager=manager) -> None:
            with suppress(IncidentChangedError):
                house.verify(incident_id, manager, seen=1)

        at_once([edit, verify])

        row = house.row(incident_id)
        assert (row.state, row.severity) in {("VERIFIED", 3), ("REPORTED", 5)}


# ── edits ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        {"kind": IncidentKind.WEAPON},
        {"severity": 1},
        {"people": [Involved(Part.WITNESS, description="A neighbour")]},
    ],
)
def test_verified_incident_is_to_be_verified_again_when_what_counts_changes(house, change):
    door, manager, second = (house.staff(r) for r in (Role.DOOR, Role.MANAGER, Role.MANAGER))
    incident_id = house.report(door)
    house.verify(incident_id, manager)

    house.edit(incident_id, second, **change)

    assert house.row(incident_id).state == "REPORTED"
    assert house.row(incident_id).decided_by_id is None
    last = house.look(incident_id, manager).revisions[-1]
    assert last.changes["state"] == {"was": "VERIFIED", "is": "REPORTED"}
    with pytest.raises(OwnReportError):
        house.verify(incident_id, second)
    house.verify(incident_id, manager)


def test_new_words_leave_a_verification_as_it_is_and_the_old_words_in_the_history(house):
    manager = house.staff(Role.MANAGER)
    incident_id = house.report(house.staff(Role.DOOR))
    house.verify(incident_id, manager)

    house.edit(incident_id, manager, account="Said it better.")

    assert house.row(incident_id).state == "VERIFIED"
    assert house.look(incident_id, manager).revisions[-1].changes == {
        "account": {"was": "Pushed somebody.", "is": "Said it better."}
    }


def test_edit_that_changes_nothing_leaves_no_trace_in_the_history(house):
    door = house.staff(Role.DOOR)
    incident_id = house.report(door)

    house.edit(incident_id, door, severity=3)

    assert house.version(incident_id) == 1


def test_dismissed_and_closed_incidents_change_no_more(house):
    door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
    incident_id = house.report(door)
    dismiss_incident(house.runtime, incident_id, seen_version=1, reason="No.", by=manager)

    with pytest.raises(IncidentChangedError):
        house.edit(incident_id, manager, severity=5)
    with pytest.raises(IncidentChangedError):
        house.verify(incident_id, manager)


# ── who sees ────────────────────────────────────────────────────────────────────────────────
def test_door_staff_see_their_own_report_until_it_is_decided(house):
    door, other = house.staff(Role.DOOR), house.staff(Role.DOOR)
    own, foreign = house.report(door), house.report(other)

    assert house.listed(door) == [own]
    with pytest.raises(NotFoundError):
        house.look(foreign, door)
    house.verify(own, house.staff(Role.MANAGER))
    assert house.listed(door) == []
    for attempt in (house.look, house.verify, lambda i, by: house.edit(i, by, severity=1)):
        with pytest.raises(NotFoundError):
            attempt(own, door)


def test_dpo_sees_all_and_changes_nothing(house):
    dpo = house.principal(Grant(Role.DPO), house.staff(Role.DPO).account_id)
    incident_id = house.report(house.staff(Role.DOOR))

    assert incident_id in house.listed(dpo)
    assert not house.look(incident_id, dpo).may_edit
    with pytest.raises(ForbiddenError):
        house.edit(incident_id, dpo, severity=1)


def test_list_is_filtered_and_paged_without_gap_or_double(house):
    from datetime import timedelta

    guest, door = house.stage.guest("Zoé"), house.staff(Role.DOOR)
    manager = house.staff(Role.MANAGER)
    now = house.runtime.clock.now()
    made = [
        house.report(
            door,
            *([Involved(Part.VICTIM, guest.id)] if number % 2 else []),
            severity=1 + number % 5,
            occurred_at=now - timedelta(minutes=number // 2),
        )
        for number in range(7)
    ]
    seen, after = [], None
    while True:
        mine = Filters(reported_by_id=door.account_id)
        page, _ = list_incidents(house.runtime, mine, limit=2, after=after, by=manager)
        seen += [item.incident.id for item in page.items]
        after = page.next_after
        if after is None:
            break

    assert sorted(seen) == sorted(made)
    assert len(house.listed(manager, customer_id=guest.id)) == 3
    assert all(house.row(i).severity >= 4 for i in house.listed(manager, least_severity=4))
