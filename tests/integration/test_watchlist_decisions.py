"""People decide: never alone where it is much, never on their own word, and always with an end."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.integration.watchlist_desk import Desk, at_once, errors
from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from vestibule.domain.permissions import Role
from vestibule.records.watchlist_tables import WatchlistDecision
from vestibule.workflows.appeal_entry import Outcome, decide_appeal, record_appeal
from vestibule.workflows.check_name import check_name
from vestibule.workflows.lift_entry import lift_entry
from vestibule.workflows.show_watchlist import show_entries, show_proposal, show_proposals

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


def _words(desk, proposal_id):
    query = select(WatchlistDecision).where(WatchlistDecision.proposal_id == proposal_id)
    with desk.runtime.database.begin() as transaction:
        return list(transaction.scalars(query))


def _objection(error) -> str:
    return error.value.facts["objection"]


# ── who may decide ──────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 5(1)(e)")
def test_an_approved_guest_is_kept_out_until_the_end_and_not_a_moment_longer(desk):
    guest_id, entry = desk.banned_guest()

    assert desk.is_kept_out(guest_id)
    assert desk.is_kept_out(guest_id, at=entry.ends_at - SECOND)
    assert not desk.is_kept_out(guest_id, at=entry.ends_at)
    assert not desk.is_kept_out(guest_id, at=entry.starts_at - SECOND)
    assert not desk.is_kept_out(guest_id, venue_id=desk.other_venue())


def test_who_reported_an_incident_does_not_judge_it(desk):
    reporter = desk.manager()
    guest_id = desk.guest()
    desk.incident(guest_id, by=reporter, nights_ago=2)
    desk.incident(guest_id, by=desk.doors[0], nights_ago=1)
    made = desk.propose(guest_id)
    for verdict in ("approve", "reject"):
        with pytest.raises(ForbiddenError) as refused:
            desk.decide(made.id, reporter, verdict)
        assert _objection(refused) == "reported_an_incident"
    assert desk.proposal(made.id).state == "OPEN"


# ── who corrected ───────────────────────────────────────────────────────────────────────────
def test_who_corrected_an_incident_judges_it_no_more_than_its_reporter(desk):
    corrector, guest_id = desk.manager(), desk.guest()
    first = desk.incident(guest_id, by=desk.doors[0], nights_ago=2)
    desk.incident(guest_id, by=desk.doors[1], nights_ago=1)
    desk.correct(first, corrector)
    made = desk.propose(guest_id)
    for verdict in ("approve", "reject"):
        with pytest.raises(ForbiddenError) as refused:
            desk.decide(made.id, corrector, verdict)
        assert _objection(refused) == "corrected_an_incident"

    desk.decide(made.id, desk.manager())
    (appeal,) = record_appeal(desk.runtime, guest_id, statement="x", caller=desk.staff(Role.HOST))
    with pytest.raises(ForbiddenError) as refused:
        decide_appeal(desk.runtime, appeal.id, Outcome("lifted", "x"), caller=corrector)
    assert _objection(refused) == "corrected_an_incident"


def test_an_approval_counts_no_more_once_its_giver_corrected_an_incident(desk):
    guest_id, one, second = desk.guest(), desk.manager(), desk.manager()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, days=90)
    desk.decide(made.id, one)
    desk.correct(incident_id, one)
    desk.decide(made.id, second)

    assert not desk.is_kept_out(guest_id)
    shown = show_proposal(desk.runtime, made.id, caller=second).shown
    assert shown.approved_by == {second.account_id}
    desk.decide(made.id, desk.manager())
    assert desk.is_kept_out(guest_id)


def test_correcting_and_approving_at_once_never_lets_a_corrector_keep_somebody_out(desk):
    for _ in range(6):
        guest_id, by = desk.guest(), desk.manager()
        incident_id = desk.incident(guest_id, by=desk.doors[0])
        made = desk.by_hand(guest_id, desk.manager(), incident_id, days=14)
        came = at_once(partial(desk.correct, incident_id, by), partial(desk.decide, made.id, by))

        refused = [one for one in came if isinstance(one, ForbiddenError)]
        assert came[0] is None
        assert desk.is_kept_out(guest_id) == (refused == [])
        if not refused:  # they approved before they corrected
            (entry,) = desk.entries(guest_id)
            assert entry.created_at <= desk.corrected_at(incident_id)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["correct", "approve"]), st.integers(0, 2)), max_size=8
    )
)
def test_whatever_the_order_two_who_corrected_nothing_stand_behind_an_entry(desk, steps):
    guest_id, people = desk.guest(), [desk.manager() for _ in range(3)]
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, days=90)
    corrected, approved = set(), set()
    for step, who in steps:
        if len(approved - corrected) >= 2:
            break
        if step == "correct":
            desk.correct(incident_id, people[who])
            corrected.add(who)
            continue
        with suppress(ForbiddenError):
            desk.decide(made.id, people[who])
            approved.add(who)
    assert desk.is_kept_out(guest_id) == (len(approved - corrected) >= 2)


def test_door_host_dpo_admin_a_key_and_another_venue_do_not_decide(desk):
    made = desk.propose(desk.dangerous_guest())
    for role in (Role.DOOR, Role.HOST, Role.ADMIN):
        with pytest.raises(NotFoundError):  # they see no proposals at all
            desk.decide(made.id, desk.staff(role))
    with pytest.raises(NotFoundError):
        desk.decide(made.id, desk.manager(desk.other_venue()))
    with pytest.raises(ForbiddenError) as refused:
        desk.decide(made.id, desk.staff(Role.DPO))
    assert _objection(refused) == "not_permitted"
    with pytest.raises(ForbiddenError) as refused:
        desk.decide(made.id, desk.key())
    assert _objection(refused) == "not_a_person"
    assert _words(desk, made.id) == []


@pytest.mark.duty("GDPR 22", "AI Act 14")
def test_art_22_nobody_approves_what_they_proposed(desk):
    proposer, guest_id = desk.manager(), desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0], severity=5)
    made = desk.by_hand(guest_id, proposer, incident_id)
    with pytest.raises(ForbiddenError) as refused:
        desk.decide(made.id, proposer)
    assert _objection(refused) == "proposed_it"

    desk.decide(made.id, desk.manager())
    assert desk.is_kept_out(guest_id)


@pytest.mark.duty("GDPR 22")
@pytest.mark.parametrize(("fields", "needed"), [({"days": 30}, 1), ({"days": 31}, 2)])
def test_longer_than_thirty_days_needs_two(desk, fields, needed):
    guest_id = desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, **fields)

    assert made.approvals_needed == needed
    desk.decide(made.id, desk.manager())
    assert desk.is_kept_out(guest_id) == (needed == 1)


def test_the_chain_needs_two_different_people(desk):
    guest_id, one = desk.guest(), desk.manager()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, venue_id=None, days=7)
    desk.decide(made.id, one)
    desk.decide(made.id, one)
    assert not desk.is_kept_out(guest_id)

    desk.decide(made.id, desk.manager(desk.other_venue()))
    assert desk.is_kept_out(guest_id, venue_id=desk.other_venue())


# ── at once ─────────────────────────────────────────────────────────────────────────────────
def test_two_approvals_at_once_make_one_entry(desk):
    for _ in range(3):
        guest_id = desk.guest()
        incident_id = desk.incident(guest_id, by=desk.doors[0])
        made = desk.by_hand(guest_id, desk.manager(), incident_id, days=90)
        managers = [desk.manager(), desk.manager()]
        came = at_once(*[partial(desk.decide, made.id, by) for by in managers])

        assert errors(came) == []
        assert len(desk.entries(guest_id)) == 1
        assert len(_words(desk, made.id)) == 2


def test_double_clicks_of_one_person_are_one_word(desk):
    guest_id, by = desk.guest(), desk.manager()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    made = desk.by_hand(guest_id, desk.manager(), incident_id, days=90)
    came = at_once(*[lambda: desk.decide(made.id, by)] * 4)

    assert errors(came) == []
    assert len(_words(desk, made.id)) == 1
    assert desk.proposal(made.id).state == "OPEN"


def test_an_approval_and_a_rejection_at_once_keep_nobody_out_twice(desk):
    for _ in range(3):
        guest_id = desk.dangerous_guest()
        made = desk.propose(guest_id)
        came = at_once(
            partial(desk.decide, made.id, desk.manager()),
            partial(desk.decide, made.id, desk.manager(), "reject"),
        )
        assert [type(one) for one in errors(came)] == [ConflictError]
        state = desk.proposal(made.id).state
        assert desk.is_kept_out(guest_id) == (state == "APPROVED")


def test_two_proposals_by_hand_at_once_are_one(desk):
    guest_id = desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    people = [desk.manager(), desk.manager(), desk.manager()]
    came = at_once(*[partial(desk.by_hand, guest_id, by, incident_id) for by in people])

    assert [type(one) for one in errors(came)] == [ConflictError] * 2
    assert len(desk.proposals(guest_id)) == 1


# ── by hand, longer, shorter ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fields", [{"state": "REPORTED"}, {"state": "DISMISSED"}])
def test_a_proposal_by_hand_rests_on_verified_incidents(desk, fields):
    guest_id = desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0], **fields)
    for evidence in ([incident_id], []):
        with pytest.raises(InvalidInputError):
            desk.by_hand(guest_id, desk.manager(), *evidence)


def test_short_entries_in_a_row_are_a_long_one_and_need_two(desk):
    guest_id = desk.guest()
    incident_id = desk.incident(guest_id, by=desk.doors[0])
    needed = []
    for _ in range(3):
        made = desk.by_hand(guest_id, desk.manager(), incident_id, days=15)
        needed.append(made.approvals_needed)
        for _ in range(made.approvals_needed):
            desk.decide(made.id, desk.manager())
    first, second, third = desk.entries(guest_id)

    assert needed == [1, 1, 2]
    assert (second.starts_at, third.starts_at) == (first.ends_at, second.ends_at)
    assert desk.is_kept_out(guest_id, at=third.ends_at - SECOND)
    assert not desk.is_kept_out(guest_id, at=third.ends_at)


def test_an_entry_is_lifted_with_a_reason_at_once(desk):
    guest_id, entry = desk.banned_guest()
    with pytest.raises(ForbiddenError):
        lift_entry(desk.runtime, entry.id, reason="x", caller=desk.key())
    by = desk.manager()
    lift_entry(desk.runtime, entry.id, reason="It was somebody else.", caller=by)
    lift_entry(desk.runtime, entry.id, reason="It was somebody else.", caller=by)

    assert not desk.is_kept_out(guest_id)
    assert desk.audit_holds()


# ── appeals ─────────────────────────────────────────────────────────────────────────────────
def _appealed(desk):
    approver, reporter = desk.manager(), desk.manager()
    guest_id = desk.guest()
    desk.incident(guest_id, by=reporter, nights_ago=2)
    desk.incident(guest_id, by=desk.doors[0], nights_ago=1)
    desk.decide(desk.propose(guest_id).id, approver)
    (appeal,) = record_appeal(
        desk.runtime, guest_id, statement="Not me.", caller=desk.staff(Role.HOST)
    )
    return guest_id, appeal, approver, reporter


@pytest.mark.duty("GDPR 22")
def test_an_appeal_is_heard_by_somebody_who_had_no_part_in_it(desk):
    guest_id, appeal, approver, reporter = _appealed(desk)
    lifted = Outcome("lifted", "The accounts differ.")
    for caller, why in (
        (approver, "decided_the_proposal"),
        (reporter, "reported_an_incident"),
        (desk.staff(Role.DPO), "not_permitted"),
        (desk.key(), "not_a_person"),
    ):
        with pytest.raises(ForbiddenError) as refused:
            decide_appeal(desk.runtime, appeal.id, lifted, caller=caller)
        assert _objection(refused) == why
    assert desk.is_kept_out(guest_id)

    decide_appeal(desk.runtime, appeal.id, lifted, caller=desk.manager())
    assert not desk.is_kept_out(guest_id)


def test_an_appeal_may_only_bring_the_end_nearer(desk):
    guest_id, appeal, _approver, _reporter = _appealed(desk)
    (entry,) = desk.entries(guest_id)
    other = desk.manager()
    for ends_at in (None, entry.ends_at, entry.ends_at + SECOND, desk.runtime.clock.now()):
        with pytest.raises(InvalidInputError):
            outcome = Outcome("shortened", "x", ends_at)
            decide_appeal(desk.runtime, appeal.id, outcome, caller=other)

    sooner = entry.ends_at - timedelta(days=3)
    outcome = Outcome("shortened", "A first time.", sooner)
    came = at_once(*[lambda: decide_appeal(desk.runtime, appeal.id, outcome, caller=other)] * 2)
    assert errors(came) == []
    assert not desk.is_kept_out(guest_id, at=sooner)
    assert desk.entries(guest_id)[0].first_ends_at == entry.ends_at


def test_one_open_appeal_an_entry_with_a_deadline(desk):
    guest_id, appeal, *_ = _appealed(desk)
    assert appeal.due_at > appeal.recorded_at
    with pytest.raises(ConflictError):
        record_appeal(desk.runtime, guest_id, statement="x", caller=desk.staff(Role.HOST))
    with pytest.raises(NotFoundError):
        record_appeal(desk.runtime, desk.guest(), statement="x", caller=desk.staff(Role.HOST))


# ── what people see ─────────────────────────────────────────────────────────────────────────
def test_a_manager_sees_their_venue_and_the_chain_alone(desk):
    made = desk.propose(desk.dangerous_guest("Robin Vidal"))
    here, elsewhere = desk.manager(), desk.manager(desk.other_venue())
    listed = [
        {one.proposal.id for one in show_proposals(
            desk.runtime, is_open=True, offset=0, limit=100, caller=caller
        ).items}
        for caller in (here, elsewhere)
    ]  # fmt: skip
    assert made.id in listed[0]
    assert made.id not in listed[1]
    with pytest.raises(NotFoundError):
        show_proposal(desk.runtime, made.id, caller=elsewhere)
    assert show_proposal(desk.runtime, made.id, caller=here).incidents[0].account == "Hit somebody."


def test_entries_are_found_by_name_and_say_who_is_there_by_name_only(desk):
    guest_id, _entry = desk.banned_guest("Zoé Quénault")
    page = show_entries(
        desk.runtime, holds=True, query="zoe quen", offset=0, limit=10, caller=desk.manager()
    )
    assert [one.entry.customer_id for one in page.items] == [guest_id]
    assert page.by_face == frozenset()


@pytest.mark.duty("GDPR 10")
def test_art_10_the_door_asks_by_name_and_hears_only_whether_to_call_a_manager(desk):
    desk.banned_guest("Zoé Quénault")
    door, elsewhere = desk.staff(Role.DOOR), desk.other_venue()
    assert check_name(desk.runtime, "zoe QUENAULT", venue_id=desk.home, caller=door) is True
    assert check_name(desk.runtime, "Zoé", venue_id=desk.home, caller=door) is False
    with pytest.raises(ForbiddenError):
        check_name(desk.runtime, "Zoé Quénault", venue_id=elsewhere, caller=door)
