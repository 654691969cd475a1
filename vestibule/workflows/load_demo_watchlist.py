"""A review desk that is in use: what waits, what half of two people approved, who is kept out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.ids import new_uuid
from vestibule.domain.incidents import IncidentKind, Involved, Part
from vestibule.records import incidents, watchlist_entries, watchlist_proposals
from vestibule.workflows.appeal_entry import record_appeal
from vestibule.workflows.decide_incident import verify_incident
from vestibule.workflows.decide_proposal import APPROVE, REJECT, decide_proposal
from vestibule.workflows.lift_entry import lift_entry
from vestibule.workflows.propose_by_hand import Wanted, propose_by_hand
from vestibule.workflows.propose_watchlist import propose_for
from vestibule.workflows.report_incident import NewIncident, report_incident
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

GUESTS_NEEDED = 6


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Two of the door, who report; three managers, so that two can agree and one can hear."""

    doors: tuple[Principal, Principal]
    managers: tuple[Principal, Principal, Principal]
    host: Principal


@dataclass(frozen=True, slots=True)
class _Deed:
    kind: IncidentKind
    severity: int
    nights_ago: int
    words: str


_EVENINGS = (
    _Deed(IncidentKind.VIOLENCE, 3, 19, "Pushed another guest against the bar after an argument."),
    _Deed(IncidentKind.HARASSMENT, 4, 2, "Followed a guest to the cloakroom after two warnings."),
)
_BRAWLS = (
    _Deed(IncidentKind.VIOLENCE, 4, 12, "Threw a glass; nobody was hurt."),
    _Deed(IncidentKind.VIOLENCE, 4, 3, "Hit a guest who asked to be left alone."),
)


def load_demo_watchlist(
    runtime: Runtime, guests: Sequence[UUID], staff: DemoStaff, *, venue_id: UUID
) -> list[UUID]:
    """At least ``GUESTS_NEEDED`` demo guests without incidents; returns the incidents made.

    By the same workflows as everything else, so that each step is refused or audited as usual.
    In turn: one waits, one waits for a second person, one is kept out and appeals, one waits for
    the whole chain, one was rejected, one was lifted early.
    """
    waits, half, kept_out, chain, rejected, lifted = guests[:GUESTS_NEEDED]
    first, second, _third = staff.managers
    made = _report(runtime, waits, staff, _EVENINGS, venue_id)
    made += (by_hand := _report(runtime, half, staff, _BRAWLS[:1], venue_id))
    _propose(runtime, half, by_hand, first, venue_id=venue_id, days=90)
    _decide(runtime, half, second, APPROVE, "The camera shows it, and it could have ended badly.")
    made += _report(runtime, kept_out, staff, _BRAWLS, venue_id)
    _decide(runtime, kept_out, first, APPROVE, "Two fights in two weeks, told by two of us.")
    statement = "The second time I only defended myself. My friends saw it."
    record_appeal(runtime, kept_out, statement=statement, caller=staff.host)
    made += (worst := _report(runtime, chain, staff, _BRAWLS[1:], venue_id))
    _propose(runtime, chain, worst, second, venue_id=None, days=30)
    made += _report(runtime, rejected, staff, _EVENINGS, venue_id)
    _decide(runtime, rejected, second, REJECT, "The first evening was a misunderstanding.")
    made += _report(runtime, lifted, staff, _BRAWLS, venue_id)
    _decide(runtime, lifted, first, APPROVE, "Both accounts agree.")
    _lift(runtime, lifted, second)
    return made


def _report(
    runtime: Runtime,
    guest_id: UUID,
    staff: DemoStaff,
    deeds: Sequence[_Deed],
    venue_id: UUID,
) -> list[UUID]:
    made = []
    for number, deed in enumerate(deeds):
        new = NewIncident(
            id=new_uuid(),
            kind=deed.kind,
            severity=deed.severity,
            account=deed.words,
            people=[Involved(Part.ACTOR, guest_id)],
            occurred_at=runtime.clock.now() - timedelta(days=deed.nights_ago),
            venue_id=venue_id,
        )
        incident_id = report_incident(runtime, new, by=staff.doors[number % 2])
        with runtime.database.begin() as transaction:
            incident = incidents.find(transaction, incident_id)
            assert incident is not None  # it was reported just now
            incident.is_demo = True
            version = incident.version
        verify_incident(
            runtime, incident_id, seen_version=version, reason=None, by=staff.managers[2]
        )
        made.append(incident_id)
    propose_for(runtime, guest_id, reason="demo")
    return made


def _propose(
    runtime: Runtime,
    guest_id: UUID,
    incident_ids: Sequence[UUID],
    by: Principal,
    *,
    venue_id: UUID | None,
    days: int,
) -> None:
    reason = "This cannot wait for a second evening."
    propose_by_hand(
        runtime, Wanted(guest_id, venue_id, days, tuple(incident_ids), reason), caller=by
    )


def _decide(runtime: Runtime, guest_id: UUID, by: Principal, verdict: str, reason: str) -> None:
    with runtime.database.begin() as transaction:
        waiting = [one.id for one in watchlist_proposals.open_of(transaction, guest_id)]
    for proposal_id in waiting:
        decide_proposal(runtime, proposal_id, verdict=verdict, reason=reason, caller=by)


def _lift(runtime: Runtime, guest_id: UUID, by: Principal) -> None:
    with runtime.database.begin() as transaction:
        held = watchlist_entries.current_of(transaction, guest_id, now=runtime.clock.now())
    for entry in held:
        reason = "The other guest withdrew what they had said."
        lift_entry(runtime, entry.id, reason=reason, caller=by)
