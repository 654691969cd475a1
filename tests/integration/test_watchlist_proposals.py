"""The algorithm proposes once, whoever runs it when; it keeps nobody out."""

from functools import partial

import pytest
from sqlalchemy import func, select

from services.worker.watchlist_round import WatchlistRound
from tests.integration.watchlist_desk import Desk, at_once, errors
from vestibule.domain.errors import ConflictError, ForbiddenError, InvalidInputError
from vestibule.domain.ids import CustomerId
from vestibule.domain.incidents import IncidentKind, IncidentState, Part
from vestibule.domain.watchlist_policy import AS_SHIPPED, content_of
from vestibule.records import watchlist_tables as tables
from vestibule.records.audit_tables import AuditEntry
from vestibule.workflows.adopt_watchlist_policy import adopt_policy, simulate_policy
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.propose_watchlist import propose_all, propose_for


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


@pytest.mark.duty("GDPR 22", "AI Act 14")
def test_ai_act_art_14_two_verified_brawls_told_by_two_people_are_proposed_and_nobody_is_out(desk):
    guest_id = desk.dangerous_guest()
    made = desk.propose(guest_id)

    assert (made.state, made.origin, made.venue_id) == ("OPEN", "algorithm", desk.home)
    assert made.points >= made.evidence["threshold"] * 1000
    assert len(made.evidence["lines"]) == 2
    assert not desk.is_kept_out(guest_id)
    assert desk.audit_holds()


def test_running_again_and_nightly_proposes_no_second_time(desk):
    guest_id = desk.dangerous_guest()
    propose_all(desk.runtime)
    propose_all(desk.runtime)
    desk.passes(days=1)
    WatchlistRound().round(desk.runtime)

    assert len(desk.proposals(guest_id)) == 1


def test_workers_at_once_propose_once(desk):
    for _ in range(3):
        guest_id = desk.dangerous_guest()
        came = at_once(*[partial(propose_for, desk.runtime, guest_id, reason="x")] * 4)
        assert errors(came) == []
        assert len(desk.proposals(guest_id)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "REPORTED"},
        {"state": "DISMISSED"},
        {"part": Part.VICTIM},
        {"part": Part.WITNESS},
        {"nights_ago": 600},
    ],
)
def test_what_does_not_count_proposes_nothing(desk, fields):
    guest_id = desk.guest()
    for door in desk.doors:
        desk.incident(guest_id, by=door, severity=5, **fields)
    assert propose_for(desk.runtime, guest_id, reason="x").proposed == ()


def test_one_reporter_alone_proposes_nobody(desk):
    guest_id = desk.guest()
    for nights_ago in range(1, 12):
        desk.incident(guest_id, by=desk.doors[0], severity=5, nights_ago=nights_ago)
    assert propose_for(desk.runtime, guest_id, reason="x").proposed == ()


def test_what_was_proposed_is_withdrawn_when_an_incident_no_longer_stands(desk):
    guest_id = desk.dangerous_guest()
    made = desk.propose(guest_id)
    with desk.runtime.database.begin() as transaction:
        evidence = select(tables.WatchlistEvidence.incident_id)
        first = transaction.scalar(evidence.where(tables.WatchlistEvidence.proposal_id == made.id))
    desk.becomes(first, IncidentState.DISMISSED)

    with pytest.raises(ConflictError):
        desk.decide(made.id, desk.manager())
    assert propose_for(desk.runtime, guest_id, reason="x").withdrawn == (made.id,)
    assert desk.proposals(guest_id, "OPEN") == []

    desk.becomes(first, IncidentState.VERIFIED)  # a withdrawn proposal asked nobody
    assert len(propose_for(desk.runtime, guest_id, reason="x").proposed) == 1


VERIFIED, DISMISSED = IncidentState.VERIFIED, IncidentState.DISMISSED


def _settle(desk, guest_id, incident_id, *states):
    for state in states:
        desk.becomes(incident_id, state)
        propose_for(desk.runtime, guest_id, reason="x")


def test_verifying_and_dismissing_while_proposing_leaves_what_the_incidents_say(desk):
    for _ in range(4):
        guest_id = desk.guest()
        ids = [desk.incident(guest_id, by=door, state="REPORTED") for door in desk.doors]

        came = at_once(
            partial(_settle, desk, guest_id, ids[0], VERIFIED),
            partial(_settle, desk, guest_id, ids[1], VERIFIED, DISMISSED),
            partial(_settle, desk, guest_id, ids[2], DISMISSED, VERIFIED),
            partial(propose_all, desk.runtime),
        )
        assert errors(came) == []
        (standing,) = desk.proposals(guest_id, "OPEN")
        rests_on = {line["incident_id"] for line in standing.evidence["lines"]}
        assert rests_on == {str(ids[0]), str(ids[2])}


def test_something_new_takes_the_place_of_an_open_proposal(desk):
    guest_id = desk.dangerous_guest()
    first = desk.propose(guest_id)
    desk.incident(guest_id, by=desk.doors[2], nights_ago=0)
    second = desk.propose(guest_id)

    assert desk.proposal(first.id).state == "WITHDRAWN"
    assert len(second.evidence["lines"]) == 3


def test_a_rejected_guest_is_proposed_again_only_for_something_new(desk):
    guest_id = desk.dangerous_guest()
    desk.decide(desk.propose(guest_id).id, desk.manager(), "reject")
    assert propose_for(desk.runtime, guest_id, reason="x").proposed == ()

    desk.incident(guest_id, by=desk.doors[2], severity=1, nights_ago=0)
    assert len(propose_for(desk.runtime, guest_id, reason="x").proposed) == 1


def test_brawls_at_several_venues_are_one_proposal_for_the_chain(desk):
    guest_id, elsewhere = desk.guest(), desk.other_venue()
    for venue_id, door, nights_ago in (
        (desk.home, desk.doors[0], 3),
        (elsewhere, desk.doors[1], 2),
        (elsewhere, desk.doors[2], 1),
    ):
        desk.incident(guest_id, by=door, severity=5, venue_id=venue_id, nights_ago=nights_ago)
    made = desk.propose(guest_id)

    assert made.venue_id is None
    assert made.approvals_needed == 2


def test_an_unanswered_proposal_expires_and_is_not_asked_again(desk):
    guest_id = desk.dangerous_guest()
    made = desk.propose(guest_id)
    desk.passes(days=AS_SHIPPED.answer_within_days)
    with pytest.raises(ConflictError):
        desk.decide(made.id, desk.manager())
    WatchlistRound().round(desk.runtime)

    assert [one.state for one in desk.proposals(guest_id)] == ["EXPIRED"]


@pytest.mark.duty("GDPR 17")
def test_an_erased_guest_leaves_nothing_and_is_not_proposed(desk):
    guest_id, _entry = desk.banned_guest()
    erase_customer(desk.runtime, CustomerId(guest_id), actor="test")

    assert propose_for(desk.runtime, guest_id, reason="x").proposed == ()
    assert desk.proposals(guest_id) == []
    assert desk.entries(guest_id) == []
    assert not desk.is_kept_out(guest_id)


# ── the policy ──────────────────────────────────────────────────────────────────────────────
def _counts(desk):
    names = [tables.WatchlistProposal, tables.WatchlistEntry, tables.WatchlistPolicyVersion]
    with desk.runtime.database.begin() as transaction:
        return [transaction.scalar(select(func.count()).select_from(one)) for one in names]


STRICTER = {**content_of(AS_SHIPPED), "venue_threshold": 50, "reporter_cap": 49}


def test_the_simulator_names_who_would_be_proposed_more_and_writes_nothing(desk):
    guest_id, head = desk.guest("Kim Sorel"), desk.head_manager()
    desk.incident(guest_id, by=desk.doors[0], severity=3, nights_ago=2)
    desk.incident(guest_id, by=desk.doors[1], severity=2, nights_ago=1)
    before = _counts(desk)
    simulated = simulate_policy(desk.runtime, STRICTER, caller=head)

    (change,) = [one for one in simulated.comparison.changes if one.customer_id == guest_id]
    assert (len(change.now), len(change.then)) == (0, 1)
    assert change.then[0].finding.score.lines
    assert simulated.names[guest_id] == "Kim Sorel"
    assert _counts(desk) == before
    assert desk.proposals(guest_id) == []


def test_a_policy_is_adopted_with_a_reason_by_somebody_of_the_whole_chain(desk):
    head = desk.head_manager()
    with desk.runtime.database.begin() as transaction:
        versions = select(func.coalesce(func.max(tables.WatchlistPolicyVersion.number), 0))
        number = transaction.scalar(versions)
    for caller in (desk.manager(), desk.key()):
        with pytest.raises(ForbiddenError):
            adopt_policy(desk.runtime, STRICTER, reason="x", replaces=number, caller=caller)
    with pytest.raises(InvalidInputError):
        wrong = {**STRICTER, "reporter_cap": 50}
        adopt_policy(desk.runtime, wrong, reason="x", replaces=number, caller=head)

    came = at_once(
        *[
            lambda: adopt_policy(
                desk.runtime, STRICTER, reason="Brawls", replaces=number, caller=head
            )
        ]
        * 3
    )
    assert sum(isinstance(one, ConflictError) for one in came) == 2
    try:
        guest_id = desk.guest()
        desk.incident(guest_id, by=desk.doors[0], severity=3, nights_ago=2)
        desk.incident(guest_id, by=desk.doors[1], severity=2, nights_ago=1)
        assert desk.propose(guest_id).policy_number == number + 1
    finally:
        adopt_policy(
            desk.runtime,
            content_of(AS_SHIPPED),
            reason="Back",
            replaces=number + 1,
            caller=head,
        )
    with desk.runtime.database.begin() as transaction:
        adopted = select(AuditEntry).where(AuditEntry.action == "watchlist_policy.adopt")
        assert transaction.scalars(adopted).first().details["changed"]
    assert desk.audit_holds()


def test_care_for_who_drank_too_much_is_no_sanction(desk):
    guest_id = desk.guest()
    for nights_ago, door in enumerate(desk.doors):
        desk.incident(
            guest_id,
            by=door,
            kind=IncidentKind.OVER_CONSUMPTION,
            severity=5,
            nights_ago=nights_ago,
        )
    assert propose_for(desk.runtime, guest_id, reason="x").proposed == ()
