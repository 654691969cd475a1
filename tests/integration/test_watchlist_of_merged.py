"""Two files of one person: what counts is joined, what holds goes on to hold, both ways back."""

from functools import partial

import pytest

from tests.integration.watchlist_desk import Desk, at_once, errors
from vestibule.domain.errors import NotFoundError
from vestibule.workflows.merge_customers import merge_customers, undo_merge
from vestibule.workflows.propose_watchlist import expire_unanswered, propose_for


@pytest.fixture
def desk(stage) -> Desk:
    return Desk(stage)


def _merge(desk, kept_id, merged_id):
    return merge_customers(desk.runtime, kept_id=kept_id, merged_id=merged_id, actor="test")


def test_two_halves_of_a_story_are_proposed_once_joined_and_withdrawn_apart(desk):
    kept_id, merged_id = desk.guest("Alex Morel"), desk.guest("Alexandre Morel")
    desk.incident(kept_id, by=desk.doors[0], nights_ago=2)
    desk.incident(merged_id, by=desk.doors[1], nights_ago=1)
    merge = _merge(desk, kept_id, merged_id)
    (proposal,) = desk.proposals(kept_id, "OPEN")
    assert len(proposal.evidence["lines"]) == 2
    assert propose_for(desk.runtime, merged_id, reason="x").proposed == ()

    undo_merge(desk.runtime, merge.id, actor="test")
    assert desk.proposals(kept_id, "OPEN") == []
    assert desk.proposals(merged_id, "OPEN") == []


def test_an_entry_holds_for_the_joined_file(desk):
    banned_id, _entry = desk.banned_guest()
    kept_id = desk.guest("Alexandre Morel")
    merge = _merge(desk, kept_id, banned_id)
    assert desk.is_kept_out(kept_id)

    undo_merge(desk.runtime, merge.id, actor="test")
    assert desk.is_kept_out(banned_id)
    assert not desk.is_kept_out(kept_id)


def test_open_proposals_of_both_files_become_one_and_none_is_left_to_decide(desk):
    kept_id, merged_id = desk.dangerous_guest("Alex Morel"), desk.dangerous_guest("A. Morel")
    left = desk.propose(merged_id)
    desk.propose(kept_id)
    _merge(desk, kept_id, merged_id)

    places = [one.venue_id for one in desk.proposals(kept_id, "OPEN")]
    assert len(places) == len(set(places)) >= 1
    if desk.proposal(left.id).customer_id == merged_id:
        with pytest.raises(NotFoundError):
            desk.decide(left.id, desk.manager())
    desk.passes(days=30)
    assert expire_unanswered(desk.runtime) >= 1
    assert expire_unanswered(desk.runtime) == 0, (
        "what stays with a merged file is not tried for ever"
    )


def test_deciding_while_files_are_merged_keeps_somebody_out_once_or_not_at_all(desk):
    for _ in range(3):
        guest_id, kept_id = desk.dangerous_guest("Alex Morel"), desk.guest("A. Morel")
        made = desk.propose(guest_id)
        came = at_once(
            partial(desk.decide, made.id, desk.manager()), partial(_merge, desk, kept_id, guest_id)
        )
        assert all(isinstance(one, NotFoundError) for one in errors(came))
        entries = desk.entries(kept_id)
        assert len(entries) == (desk.proposal(made.id).state == "APPROVED")
        assert desk.is_kept_out(kept_id) == bool(entries)
