"""A proposal for the watchlist becomes a row: what it rests on, who must agree, by when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from vestibule.domain.ids import new_uuid
from vestibule.domain.watchlist_evidence import evidence_content
from vestibule.domain.watchlist_scoring import Score
from vestibule.records import watchlist_entries
from vestibule.records.database import Transaction
from vestibule.records.watchlist_policies import PolicyInForce
from vestibule.records.watchlist_tables import WatchlistEvidence, WatchlistProposal


@dataclass(frozen=True, slots=True)
class Proposer:
    """``account_id`` None is the algorithm; a person says why."""

    actor: str
    account_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """``venue_id`` None is the chain; ``rung`` is None where a person chose the days."""

    customer_id: UUID
    venue_id: UUID | None
    days: int
    score: Score
    rung: int | None


def keep_proposal(
    transaction: Transaction,
    proposed: Proposed,
    *,
    rule: PolicyInForce,
    proposer: Proposer,
    as_of: date,
    now: datetime,
) -> WatchlistProposal:
    """The customer is locked and has no open proposal for the same place.

    Where an entry for that place holds, the proposal would extend it. How many must agree goes by
    how long the person would be kept out in a row: short entries in a row are a long one.
    """
    policy, is_chain_wide = rule.policy, proposed.venue_id is None
    extended = watchlist_entries.latest_in_scope(
        transaction, proposed.customer_id, proposed.venue_id, now=now
    )
    total_days = proposed.days
    if extended is not None:
        since = watchlist_entries.kept_out_since(transaction, extended)
        total_days += -(-(extended.ends_at - since) // timedelta(days=1))
    proposal = WatchlistProposal(
        id=new_uuid(),
        customer_id=proposed.customer_id,
        venue_id=proposed.venue_id,
        origin="algorithm" if proposer.account_id is None else "person",
        state="OPEN",
        policy_number=rule.number,
        points=proposed.score.points,
        days=proposed.days,
        approvals_needed=policy.approvals_for(is_chain_wide=is_chain_wide, total_days=total_days),
        evidence=evidence_content(
            policy,
            proposed.score,
            as_of=as_of,
            threshold=policy.chain_threshold if is_chain_wide else policy.venue_threshold,
            rung=proposed.rung,
        ),
        reason=proposer.reason,
        extends_id=extended.id if extended else None,
        proposed_by=proposer.actor,
        proposed_by_id=proposer.account_id,
        created_at=now,
        expires_at=now + timedelta(days=policy.answer_within_days),
    )
    transaction.add(proposal)
    transaction.flush()
    return proposal


def keep_evidence(
    transaction: Transaction, proposal: WatchlistProposal, reporters: dict[UUID, UUID]
) -> None:
    """``reporters`` is who reported each incident."""
    for incident_id, reporter_id in sorted(reporters.items()):
        transaction.add(
            WatchlistEvidence(
                proposal_id=proposal.id, incident_id=incident_id, reporter_id=reporter_id
            )
        )
    transaction.flush()
