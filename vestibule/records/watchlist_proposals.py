"""Proposals for the watchlist: what waits for people, what they said, what they heard before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from vestibule.domain.watchlist_deciders import Involved
from vestibule.records import incidents
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.records.watchlist_tables import (
    WatchlistDecision,
    WatchlistEvidence,
    WatchlistProposal,
)

HEARD = ("APPROVED", "REJECTED", "EXPIRED")
"""What people were asked, whether they answered or not. A withdrawn proposal asks nothing."""

Venues = frozenset[UUID] | None
"""Where a caller may look: None is everywhere."""


def find(transaction: Transaction, proposal_id: UUID) -> WatchlistProposal | None:
    return transaction.get(WatchlistProposal, proposal_id)


def by_id(transaction: Transaction, proposal_ids: Iterable[UUID]) -> dict[UUID, WatchlistProposal]:
    query = select(WatchlistProposal).where(WatchlistProposal.id.in_(list(proposal_ids)))
    return {proposal.id: proposal for proposal in transaction.scalars(query)}


def lock(transaction: Transaction, proposal_id: UUID) -> WatchlistProposal | None:
    """As it is now, until the transaction ends; lock the customer before."""
    query = select(WatchlistProposal).where(WatchlistProposal.id == proposal_id)
    return transaction.scalar(query.with_for_update().execution_options(populate_existing=True))


def open_of(transaction: Transaction, customer_id: UUID) -> list[WatchlistProposal]:
    """Locked; lock the customer before."""
    query = (
        select(WatchlistProposal)
        .where(WatchlistProposal.customer_id == customer_id, WatchlistProposal.state == "OPEN")
        .order_by(WatchlistProposal.id)
    )
    return list(transaction.scalars(query.with_for_update()))


def customers_with_open(transaction: Transaction) -> set[UUID]:
    query = select(WatchlistProposal.customer_id).where(WatchlistProposal.state == "OPEN")
    return set(transaction.scalars(query))


def unanswered(transaction: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Customers with an open proposal whose time to answer is over; who was merged waits."""
    query = (
        select(WatchlistProposal.customer_id)
        .join(Customer, Customer.id == WatchlistProposal.customer_id)
        .where(
            WatchlistProposal.state == "OPEN",
            WatchlistProposal.expires_at <= now,
            Customer.status == "ACTIVE",
        )
        .distinct()
    )
    return list(transaction.scalars(query.limit(limit)))


def heard_of(transaction: Transaction, customer_id: UUID) -> dict[UUID | None, frozenset[UUID]]:
    """Incidents that rested in an earlier proposal of the customer, by its venue."""
    query = (
        select(WatchlistProposal.venue_id, WatchlistEvidence.incident_id)
        .join(WatchlistEvidence, WatchlistEvidence.proposal_id == WatchlistProposal.id)
        .where(WatchlistProposal.customer_id == customer_id, WatchlistProposal.state.in_(HEARD))
    )
    found: dict[UUID | None, set[UUID]] = defaultdict(set)
    for venue_id, incident_id in transaction.execute(query):
        found[venue_id].add(incident_id)
    return {venue_id: frozenset(ids) for venue_id, ids in found.items()}


def evidence_of(
    transaction: Transaction, proposal_ids: Iterable[UUID]
) -> dict[UUID, dict[UUID, UUID]]:
    """By proposal: each incident with the account that reported it."""
    query = select(WatchlistEvidence).where(WatchlistEvidence.proposal_id.in_(list(proposal_ids)))
    found: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for row in transaction.scalars(query):
        found[row.proposal_id][row.incident_id] = row.reporter_id
    return found


def decisions_of(
    transaction: Transaction, proposal_ids: Iterable[UUID]
) -> dict[UUID, list[WatchlistDecision]]:
    """By proposal, in the order in which they were made."""
    query = (
        select(WatchlistDecision)
        .where(WatchlistDecision.proposal_id.in_(list(proposal_ids)))
        .order_by(WatchlistDecision.decided_at, WatchlistDecision.id)
    )
    found: dict[UUID, list[WatchlistDecision]] = defaultdict(list)
    for row in transaction.scalars(query):
        found[row.proposal_id].append(row)
    return found


def involved_in(
    transaction: Transaction, proposals: Sequence[WatchlistProposal]
) -> dict[UUID, Involved]:
    """By proposal: whose word it rests on, as the histories of its incidents say now."""
    ids = [proposal.id for proposal in proposals]
    evidence, decisions = evidence_of(transaction, ids), decisions_of(transaction, ids)
    named = {incident_id for of in evidence.values() for incident_id in of}
    correctors = incidents.correctors_of(transaction, named)
    return {
        proposal.id: Involved(
            proposer_id=proposal.proposed_by_id,
            reporter_ids=frozenset(evidence.get(proposal.id, {}).values()),
            corrector_ids=frozenset(
                account_id
                for incident_id in evidence.get(proposal.id, ())
                for account_id in correctors.get(incident_id, ())
            ),
            decider_ids=frozenset(one.account_id for one in decisions.get(proposal.id, ())),
        )
        for proposal in proposals
    }


@dataclass(frozen=True, slots=True)
class ProposalPage:
    items: list[tuple[WatchlistProposal, str]]
    """Each with the customer's name."""
    total: int


def page(
    transaction: Transaction, *, is_open: bool, venues: Venues, offset: int, limit: int
) -> ProposalPage:
    """Open ones by what is due first; closed ones the latest first."""
    state = WatchlistProposal.state == "OPEN"
    wanted = _visible(state if is_open else ~state, venues)
    order = (
        (WatchlistProposal.expires_at, WatchlistProposal.id)
        if is_open
        else (WatchlistProposal.closed_at.desc(), WatchlistProposal.id)
    )
    rows = transaction.execute(wanted.order_by(*order).offset(offset).limit(limit)).all()
    total = transaction.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    return ProposalPage([(row[0], row[1]) for row in rows], total)


def of_customer(transaction: Transaction, customer_id: UUID) -> list[WatchlistProposal]:
    """Oldest first, in any state."""
    query = (
        select(WatchlistProposal)
        .where(WatchlistProposal.customer_id == customer_id)
        .order_by(WatchlistProposal.created_at, WatchlistProposal.id)
    )
    return list(transaction.scalars(query))


def names_of(transaction: Transaction, customer_ids: Iterable[UUID]) -> dict[UUID, str]:
    query = select(Customer.id, Customer.name).where(Customer.id.in_(list(customer_ids)))
    return {row.id: row.name for row in transaction.execute(query)}


def _visible(state: ColumnElement[bool], venues: Venues) -> Select[WatchlistProposal, str]:
    """One for the chain is seen at every venue."""
    here = (
        None
        if venues is None
        else or_(WatchlistProposal.venue_id.is_(None), WatchlistProposal.venue_id.in_(venues))
    )
    conditions = [state, Customer.status == "ACTIVE", *([] if here is None else [here])]
    return (
        select(WatchlistProposal, Customer.name)
        .join(Customer, Customer.id == WatchlistProposal.customer_id)
        .where(and_(*conditions))
    )
