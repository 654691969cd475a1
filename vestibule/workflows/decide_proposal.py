"""A person approves or rejects a proposal. Enough approvals make an entry; one rejection none.

Two at once wait for each other at the customer's file, and each person's word counts once, so a
double click changes nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vestibule.domain.errors import ConflictError, ForbiddenError, NotFoundError
from vestibule.domain.ids import new_uuid
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import Involved, objection_to_deciding, still_counting
from vestibule.records import (
    audit,
    customers,
    incidents,
    watchlist_entries,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.watchlist_tables import (
    WatchlistDecision,
    WatchlistEntry,
    WatchlistProposal,
)
from vestibule.workflows.propose_watchlist import counts, is_changed
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

APPROVE, REJECT = "approve", "reject"


def decide_proposal(
    runtime: Runtime, proposal_id: UUID, *, verdict: str, reason: str, caller: Principal
) -> WatchlistProposal:
    """``verdict`` is APPROVE or REJECT. Saying the same again is no error and no second word.

    Raises NotFoundError, ForbiddenError (fact: ``objection``), and ConflictError where it is
    closed, was answered the other way by the caller, or rests on what is no longer so.
    """
    with runtime.database.begin() as transaction:
        proposal = _locked(transaction, proposal_id, caller)
        evidence = watchlist_proposals.evidence_of(transaction, [proposal.id]).get(proposal.id, {})
        said = watchlist_proposals.decisions_of(transaction, [proposal.id]).get(proposal.id, [])
        if _said_so(said, verdict, caller):
            return proposal
        _require_open(runtime, proposal)
        incidents.keep_as_they_are(transaction, evidence)
        involved = watchlist_proposals.involved_in(transaction, [proposal])[proposal.id]
        objection = objection_to_deciding(
            caller.account_id,
            is_permitted=caller.may(Permission.DECIDE_PROPOSALS, proposal.venue_id),
            involved=involved,
        )
        if objection is not None or caller.account_id is None:
            raise ForbiddenError(objection=objection.value if objection else None)
        _require_unchanged(transaction, proposal, evidence)
        made = WatchlistDecision(
            id=new_uuid(),
            proposal_id=proposal.id,
            account_id=caller.account_id,
            decided_by=caller.actor,
            verdict=verdict,
            reason=reason,
            decided_at=runtime.clock.now(),
        )
        transaction.add(made)
        entry = _settled(transaction, proposal, [*said, made], involved)
        _record(transaction, proposal, made, entry)
    return proposal


def _locked(transaction: Transaction, proposal_id: UUID, caller: Principal) -> WatchlistProposal:
    """The customer first, then the proposal: the order in which everybody locks."""
    seen = watchlist_proposals.find(transaction, proposal_id)
    if seen is None or not caller.may(Permission.VIEW_WATCHLIST, seen.venue_id):
        raise NotFoundError()
    customer = customers.find_for_change(transaction, seen.customer_id)
    locked = watchlist_proposals.lock(transaction, proposal_id)
    if customer is None or locked is None or locked.customer_id != seen.customer_id:
        raise NotFoundError()
    return locked


def _said_so(said: Sequence[WatchlistDecision], verdict: str, caller: Principal) -> bool:
    own = [one for one in said if one.account_id == caller.account_id]
    if own and own[0].verdict != verdict:
        raise ConflictError("You answered this proposal the other way.", verdict=own[0].verdict)
    return bool(own)


def _require_open(runtime: Runtime, proposal: WatchlistProposal) -> None:
    if proposal.state != "OPEN":
        raise ConflictError("This proposal is closed.", state=proposal.state)
    if proposal.expires_at <= runtime.clock.now():
        raise ConflictError("Nobody answered this proposal in time.", state="EXPIRED")


def _require_unchanged(
    transaction: Transaction, proposal: WatchlistProposal, evidence: dict[UUID, UUID]
) -> None:
    counting = counts(incidents.past_of(transaction, proposal.customer_id))
    if is_changed(proposal, evidence, counting):
        raise ConflictError("What this proposal rests on has changed since.", state="WITHDRAWN")


def _settled(
    transaction: Transaction,
    proposal: WatchlistProposal,
    said: Sequence[WatchlistDecision],
    involved: Involved,
) -> WatchlistEntry | None:
    now = said[-1].decided_at
    if said[-1].verdict == REJECT:
        proposal.state, proposal.closed_at = "REJECTED", now
        return None
    if len(still_counting((one.account_id for one in said), involved)) < proposal.approvals_needed:
        return None
    proposal.state, proposal.closed_at = "APPROVED", now
    extended = watchlist_entries.latest_in_scope(
        transaction, proposal.customer_id, proposal.venue_id, now=now
    )
    starts_at = now
    if proposal.extends_id is not None and extended is not None:
        starts_at = max(now, extended.ends_at)
    ends_at = starts_at + timedelta(days=proposal.days)
    entry = WatchlistEntry(
        id=new_uuid(),
        customer_id=proposal.customer_id,
        venue_id=proposal.venue_id,
        proposal_id=proposal.id,
        starts_at=starts_at,
        ends_at=ends_at,
        first_ends_at=ends_at,
        created_at=now,
    )
    transaction.add(entry)
    return entry


def _record(
    transaction: Transaction,
    proposal: WatchlistProposal,
    made: WatchlistDecision,
    entry: WatchlistEntry | None,
) -> None:
    transaction.flush()
    audit.append(
        transaction,
        at=made.decided_at,
        actor=made.decided_by,
        action=f"watchlist.{made.verdict}",
        subject=f"proposal:{proposal.id}",
        customer=str(proposal.customer_id),
        account=str(made.account_id),
        state=proposal.state,
        entry=str(entry.id) if entry else None,
        ends_at=entry.ends_at.isoformat() if entry else None,
    )
