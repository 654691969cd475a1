"""The algorithm proposes, people decide: proposals that a customer's incidents now ask for.

One customer at a time, under the lock of their file. So two workers at once, a verification and a
dismissal, a merge and a decision wait for each other, and whoever comes last sees it all. Safe to
run any number of times: what was proposed is not proposed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from vestibule.domain.incidents import COUNTING, Part, PastIncident
from vestibule.domain.night import night_of
from vestibule.domain.watchlist_policy import WatchlistPolicy
from vestibule.domain.watchlist_scoring import Before, Finding, findings
from vestibule.records import (
    audit,
    customers,
    incident_histories,
    incidents,
    venues,
    watchlist_entries,
    watchlist_policies,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.watchlist_policies import PolicyInForce
from vestibule.records.watchlist_tables import WatchlistProposal
from vestibule.workflows.keep_proposal import Proposed, Proposer, keep_evidence, keep_proposal
from vestibule.workflows.runtime import Runtime

ACTOR = "algorithm"
CUSTOMERS_A_ROUND = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it, by proposal."""

    proposed: tuple[UUID, ...] = ()
    withdrawn: tuple[UUID, ...] = ()
    expired: tuple[UUID, ...] = ()


def propose_for(runtime: Runtime, customer_id: UUID, *, reason: str) -> Settled:
    """Bring the customer's open proposals up to what the incidents say now.

    To be called after whatever changed them has committed. ``reason`` is for the audit log.
    """
    with runtime.database.begin() as transaction:
        if customers.find_for_change(transaction, customer_id) is None:
            return Settled()
        now = runtime.clock.now()
        rule = watchlist_policies.in_force(transaction)
        past = incidents.past_of(transaction, customer_id)
        still_open, changes = _reviewed(transaction, customer_id, past, now=now)
        as_of = tonight(transaction, now)
        before = _before(transaction, customer_id, rule.policy, now=now)
        for finding in findings(rule.policy, past, as_of=as_of, before=before):
            changes += _answer(
                transaction, customer_id, finding, rule, still_open, as_of=as_of, now=now
            )
        _record(transaction, customer_id, changes, reason=reason, now=now)
    return Settled(*(_ids(changes, state) for state in ("OPEN", "WITHDRAWN", "EXPIRED")))


def due_customers(runtime: Runtime) -> list[UUID]:
    """For whom the policy in force asks for anything, and those with an open proposal.

    Who was asked of before is found too; ``propose_for`` knows. Nothing is locked or written.
    """
    with runtime.database.begin() as transaction:
        policy = watchlist_policies.in_force(transaction).policy
        as_of = tonight(transaction, runtime.clock.now())
        histories = incident_histories.counting_histories(transaction)
        waiting = watchlist_proposals.customers_with_open(transaction)
    nobody_asked = Before(heard={})
    due = {
        customer_id
        for customer_id, past in histories.items()
        if findings(policy, past, as_of=as_of, before=nobody_asked)
    }
    return sorted(due | waiting)


def propose_all(runtime: Runtime, *, reason: str = "nightly") -> list[UUID]:
    """Of everybody, in one go; returns the new proposals."""
    made: list[UUID] = []
    for customer_id in due_customers(runtime):
        made.extend(propose_for(runtime, customer_id, reason=reason).proposed)
    return made


def expire_unanswered(runtime: Runtime) -> int:
    """Close what nobody answered in time; a later round finds what is left over."""
    with runtime.database.look() as transaction:
        late = watchlist_proposals.unanswered(
            transaction, now=runtime.clock.now(), limit=CUSTOMERS_A_ROUND
        )
    return sum(len(propose_for(runtime, one, reason="unanswered").expired) for one in late)


def tonight_of(runtime: Runtime) -> date:
    with runtime.database.look() as transaction:
        return tonight(transaction, runtime.clock.now())


def tonight(transaction: Transaction, now: datetime) -> date:
    """The night by which age is counted in the whole chain: that of its first venue."""
    home = venues.home(transaction)
    return night_of(now, timezone=home.timezone, closes_at_hour=home.closes_at_hour)


def counts(past: Iterable[PastIncident]) -> dict[UUID, PastIncident]:
    """Of them, what was verified and done by the customer, by incident."""
    return {
        one.incident_id: one for one in past if one.state in COUNTING and one.part is Part.ACTOR
    }


def is_changed(
    proposal: WatchlistProposal, evidence: Iterable[UUID], counting: Mapping[UUID, PastIncident]
) -> bool:
    """Whether an incident it rests on is another than it was: dismissed, edited, not theirs."""
    seen = {line["incident_id"]: line for line in proposal.evidence["lines"]}
    for incident_id in evidence:
        one, line = counting.get(incident_id), seen.get(str(incident_id))
        if one is None:
            return True
        if line is not None and (line["kind"], line["severity"]) != (one.kind.value, one.severity):
            return True
    return False


# ── one customer ────────────────────────────────────────────────────────────────────────────
OpenProposals = dict[UUID | None, tuple[WatchlistProposal, frozenset[UUID]]]


def _reviewed(
    transaction: Transaction, customer_id: UUID, past: Sequence[PastIncident], *, now: datetime
) -> tuple[OpenProposals, list[WatchlistProposal]]:
    """Open proposals that stand, by venue; and those that were closed here."""
    found = watchlist_proposals.open_of(transaction, customer_id)
    evidence = watchlist_proposals.evidence_of(transaction, [one.id for one in found])
    counting = counts(past)
    standing: OpenProposals = {}
    closed = []
    for proposal in found:
        rests_on = frozenset(evidence.get(proposal.id, {}))
        if proposal.expires_at <= now:
            closed.append(_close(proposal, "EXPIRED", now=now))
        elif is_changed(proposal, rests_on, counting):
            closed.append(_close(proposal, "WITHDRAWN", now=now))
        else:
            standing[proposal.venue_id] = (proposal, rests_on)
    transaction.flush()
    return standing, closed


def _before(
    transaction: Transaction, customer_id: UUID, policy: WatchlistPolicy, *, now: datetime
) -> Before:
    since = now - timedelta(days=policy.forgotten_after_days)
    return Before(
        heard=watchlist_proposals.heard_of(transaction, customer_id),
        entries=watchlist_entries.begun_since(transaction, customer_id, since),
    )


def _answer(
    transaction: Transaction,
    customer_id: UUID,
    finding: Finding,
    rule: PolicyInForce,
    still_open: OpenProposals,
    *,
    as_of: date,
    now: datetime,
) -> list[WatchlistProposal]:
    """A new proposal, with those that it takes the place of; none where one says it already."""
    ids = finding.score.incident_ids
    for scope in (finding.venue_id, None):
        if scope in still_open and ids <= still_open[scope][1]:
            return []
    in_the_way = still_open.get(finding.venue_id)
    if in_the_way is not None and in_the_way[0].origin == "person":
        return []  # a person asked; what is new is proposed once that was answered
    replaced = [
        proposal
        for venue_id, (proposal, rests_on) in still_open.items()
        if venue_id == finding.venue_id
        or (finding.venue_id is None and proposal.origin == "algorithm" and rests_on <= ids)
    ]
    for proposal in replaced:
        _close(proposal, "WITHDRAWN", now=now)
        del still_open[proposal.venue_id]
    transaction.flush()
    made = keep_proposal(
        transaction,
        Proposed(customer_id, finding.venue_id, finding.days, finding.score, finding.rung),
        rule=rule,
        proposer=Proposer(ACTOR),
        as_of=as_of,
        now=now,
    )
    keep_evidence(
        transaction, made, {line.incident_id: line.reporter_id for line in finding.score.lines}
    )
    still_open[finding.venue_id] = (made, ids)
    return [*replaced, made]


def _close(proposal: WatchlistProposal, state: str, *, now: datetime) -> WatchlistProposal:
    proposal.state, proposal.closed_at = state, now
    return proposal


def _record(
    transaction: Transaction,
    customer_id: UUID,
    changes: Sequence[WatchlistProposal],
    *,
    reason: str,
    now: datetime,
) -> None:
    transaction.flush()
    actions = {"OPEN": "propose", "WITHDRAWN": "withdraw", "EXPIRED": "expire"}
    for proposal in changes:
        audit.append(
            transaction,
            at=now,
            actor=ACTOR,
            action=f"watchlist.{actions[proposal.state]}",
            subject=f"proposal:{proposal.id}",
            customer=str(customer_id),
            venue=str(proposal.venue_id) if proposal.venue_id else None,
            days=proposal.days,
            points=proposal.points,
            reason=reason,
        )


def _ids(changes: Iterable[WatchlistProposal], state: str) -> tuple[UUID, ...]:
    return tuple(proposal.id for proposal in changes if proposal.state == state)
