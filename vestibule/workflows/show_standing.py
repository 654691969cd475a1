"""What a guest's incidents come to tonight, and what people asked and decided of them so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.incidents import PastIncident
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_evidence import evidence_content
from vestibule.domain.watchlist_scoring import score
from vestibule.records import (
    audit,
    customers,
    incidents,
    watchlist_entries,
    watchlist_names,
    watchlist_policies,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.watchlist_names import EvidenceIncident, Names
from vestibule.workflows.propose_watchlist import counts, tonight
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.show_watchlist import (
    EntryPageShown,
    ProposalShown,
    shown_entries,
    shown_proposals,
)
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """``scores`` are arithmetic by place, None being the chain; ``longest_days`` by hand."""

    customer_id: UUID
    customer_name: str
    policy_number: int
    longest_days: int
    scores: Sequence[tuple[UUID | None, dict[str, Any]]]
    incidents: Sequence[EvidenceIncident]
    proposals: Sequence[ProposalShown]
    entries: EntryPageShown
    names: Names


def show_standing(runtime: Runtime, customer_id: UUID, *, caller: Principal) -> Standing:
    """At the caller's venues and in the chain. Looking at it is recorded. Raises NotFoundError."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        customer = customers.find(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        counting = counts(incidents.past_of(transaction, customer_id))
        rule = watchlist_policies.in_force(transaction)
        rows = [
            (one, customer.name)
            for one in watchlist_proposals.of_customer(transaction, customer_id)
            if caller.may(Permission.VIEW_WATCHLIST, one.venue_id)
        ]
        entries = [
            (one, customer.name)
            for one in watchlist_entries.of_customer(transaction, customer_id)
            if caller.may(Permission.VIEW_WATCHLIST, one.venue_id)
        ]
        standing = Standing(
            customer_id=customer_id,
            customer_name=customer.name,
            policy_number=rule.number,
            longest_days=rule.policy.ladder_days[-1],
            scores=_scores(transaction, rule, list(counting.values()), runtime, caller),
            incidents=watchlist_names.incidents(transaction, counting),
            proposals=shown_proposals(transaction, reversed(rows), caller),
            entries=shown_entries(transaction, entries[::-1], len(entries), now=now, caller=caller),
            names=watchlist_names.of_venues_and(
                transaction, accounts={one.reporter_id for one in counting.values()}
            ),
        )
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="watchlist.view",
            subject=f"customer:{customer_id}",
        )
    return standing


def _scores(
    transaction: Transaction,
    rule: watchlist_policies.PolicyInForce,
    past: Sequence[PastIncident],
    runtime: Runtime,
    caller: Principal,
) -> list[tuple[UUID | None, dict[str, Any]]]:
    policy, as_of = rule.policy, tonight(transaction, runtime.clock.now())
    places: list[UUID | None] = [None, *sorted({one.venue_id for one in past})]
    found = []
    for venue_id in places:
        if venue_id is not None and not caller.may(Permission.VIEW_WATCHLIST, venue_id):
            continue
        here = [one for one in past if venue_id is None or one.venue_id == venue_id]
        threshold = policy.chain_threshold if venue_id is None else policy.venue_threshold
        content = evidence_content(
            policy, score(policy, here, as_of=as_of), as_of=as_of, threshold=threshold, rung=None
        )
        found.append((venue_id, content))
    return found
