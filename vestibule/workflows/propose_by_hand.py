"""A manager proposes to keep somebody out, or to keep them out longer. Others decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from vestibule.domain.incidents import PastIncident
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import Objection
from vestibule.domain.watchlist_scoring import score
from vestibule.records import (
    audit,
    customers,
    incidents,
    watchlist_policies,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.tables import Venue
from vestibule.records.watchlist_policies import PolicyInForce
from vestibule.records.watchlist_tables import WatchlistProposal
from vestibule.workflows.keep_proposal import Proposed, Proposer, keep_evidence, keep_proposal
from vestibule.workflows.propose_watchlist import counts, tonight
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """``venue_id`` None is the whole chain; ``days`` from the approval on, or from the end of
    the entry in force there, which this then extends.
    """

    customer_id: UUID
    venue_id: UUID | None
    days: int
    incident_ids: Sequence[UUID]
    reason: str


def propose_by_hand(runtime: Runtime, wanted: Wanted, *, caller: Principal) -> WatchlistProposal:
    """Raises ForbiddenError, NotFoundError, InvalidInputError (evidence, days) and ConflictError
    where a proposal for the same place is open.
    """
    if caller.account_id is None:
        raise ForbiddenError(objection=Objection.NOT_A_PERSON.value)
    if not caller.may(Permission.DECIDE_PROPOSALS, wanted.venue_id):
        raise ForbiddenError(objection=Objection.NOT_PERMITTED.value)
    with runtime.database.begin() as transaction:
        if customers.find_for_change(transaction, wanted.customer_id) is None:
            raise NotFoundError()
        if wanted.venue_id is not None and transaction.get(Venue, wanted.venue_id) is None:
            raise NotFoundError()
        _require_none_open(transaction, wanted)
        rule = watchlist_policies.in_force(transaction)
        evidence = _evidence(transaction, wanted)
        _require_days(wanted, rule)
        proposal = _made(runtime, transaction, wanted, rule, evidence, caller)
        audit.append(
            transaction,
            at=proposal.created_at,
            actor=caller.actor,
            action="watchlist.propose",
            subject=f"proposal:{proposal.id}",
            customer=str(wanted.customer_id),
            venue=str(wanted.venue_id) if wanted.venue_id else None,
            days=wanted.days,
            points=proposal.points,
            reason="by hand",
        )
    return proposal


def _require_none_open(transaction: Transaction, wanted: Wanted) -> None:
    for proposal in watchlist_proposals.open_of(transaction, wanted.customer_id):
        if proposal.venue_id == wanted.venue_id:
            raise ConflictError("A proposal for the same place is open.", proposal=str(proposal.id))


def _evidence(transaction: Transaction, wanted: Wanted) -> list[PastIncident]:
    counting = counts(incidents.past_of(transaction, wanted.customer_id))
    missing = [str(one) for one in wanted.incident_ids if one not in counting]
    if missing or not wanted.incident_ids:
        raise InvalidInputError(
            "A proposal rests on verified incidents in which this customer was the actor.",
            fields=[{"field": "incident_ids", "problem": "verified, and their own deed"}],
            incidents=missing,
        )
    found = [counting[one] for one in dict.fromkeys(wanted.incident_ids)]
    if wanted.venue_id is not None and all(one.venue_id != wanted.venue_id for one in found):
        raise InvalidInputError(
            "At least one of the incidents must be of that venue.",
            fields=[{"field": "incident_ids", "problem": "at least one of that venue"}],
        )
    return found


def _require_days(wanted: Wanted, rule: PolicyInForce) -> None:
    longest = rule.policy.ladder_days[-1]
    if not 1 <= wanted.days <= longest:
        raise InvalidInputError(
            f"At least one day and at most {longest}.",
            fields=[{"field": "days", "problem": f"1 to {longest}"}],
        )


def _made(
    runtime: Runtime,
    transaction: Transaction,
    wanted: Wanted,
    rule: PolicyInForce,
    evidence: list[PastIncident],
    caller: Principal,
) -> WatchlistProposal:
    now = runtime.clock.now()
    as_of = tonight(transaction, now)
    reached = score(rule.policy, evidence, as_of=as_of)
    proposal = keep_proposal(
        transaction,
        Proposed(wanted.customer_id, wanted.venue_id, wanted.days, reached, None),
        rule=rule,
        proposer=Proposer(caller.actor, caller.account_id, wanted.reason),
        as_of=as_of,
        now=now,
    )
    keep_evidence(transaction, proposal, {one.incident_id: one.reporter_id for one in evidence})
    return proposal
