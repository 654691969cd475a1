"""The review desk: what waits, on which evidence, who is still needed, who is kept out."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import (
    Objection,
    objection_to_deciding,
    objection_to_hearing,
    still_counting,
)
from vestibule.records import (
    audit,
    watchlist_entries,
    watchlist_names,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.watchlist_names import EvidenceIncident, Names
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistDecision,
    WatchlistEntry,
    WatchlistProposal,
)
from vestibule.workflows.decide_proposal import APPROVE
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


@dataclass(frozen=True, slots=True)
class ProposalShown:
    """``objection`` is why this caller is not the one to decide, None if they may."""

    proposal: WatchlistProposal
    customer_name: str
    decisions: Sequence[WatchlistDecision]
    objection: Objection | None
    approved_by: Set[UUID]
    """Whose approvals count; others may have approved and corrected an incident since."""


@dataclass(frozen=True, slots=True)
class ProposalPageShown:
    items: list[ProposalShown]
    total: int
    names: Names


@dataclass(frozen=True, slots=True)
class ProposalDetail:
    shown: ProposalShown
    incidents: Sequence[EvidenceIncident]
    entry: WatchlistEntry | None
    extended: WatchlistEntry | None
    is_found_by_face: bool
    names: Names


@dataclass(frozen=True, slots=True)
class AppealShown:
    appeal: WatchlistAppeal
    objection: Objection | None


@dataclass(frozen=True, slots=True)
class EntryShown:
    entry: WatchlistEntry
    customer_name: str
    appeals: Sequence[AppealShown]
    approved_by: Sequence[str]
    may_lift: bool


@dataclass(frozen=True, slots=True)
class EntryPageShown:
    """``by_face`` are the customers whom a photo can find; the others stand there by name."""

    items: list[EntryShown]
    total: int
    names: Names
    by_face: frozenset[UUID]
    now: datetime


def show_proposals(
    runtime: Runtime, *, is_open: bool, offset: int, limit: int, caller: Principal
) -> ProposalPageShown:
    with runtime.database.begin() as transaction:
        page = watchlist_proposals.page(
            transaction,
            is_open=is_open,
            venues=caller.venues(Permission.VIEW_WATCHLIST),
            offset=offset,
            limit=limit,
        )
        items = shown_proposals(transaction, page.items, caller)
        names = watchlist_names.of_venues(transaction)
    return ProposalPageShown(items, page.total, names)


def show_proposal(runtime: Runtime, proposal_id: UUID, *, caller: Principal) -> ProposalDetail:
    """With its evidence. Looking at it is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        proposal = watchlist_proposals.find(transaction, proposal_id)
        if proposal is None or not caller.may(Permission.VIEW_WATCHLIST, proposal.venue_id):
            raise NotFoundError()
        name = watchlist_proposals.names_of(transaction, [proposal.customer_id])
        (shown,) = shown_proposals(transaction, [(proposal, name[proposal.customer_id])], caller)
        evidence = watchlist_proposals.evidence_of(transaction, [proposal.id]).get(proposal.id, {})
        extended = proposal.extends_id
        detail = ProposalDetail(
            shown=shown,
            incidents=watchlist_names.incidents(transaction, evidence),
            entry=watchlist_entries.of_proposals(transaction, [proposal.id]).get(proposal.id),
            extended=watchlist_entries.find(transaction, extended) if extended else None,
            is_found_by_face=bool(
                watchlist_names.findable_by_face(transaction, [proposal.customer_id])
            ),
            names=watchlist_names.of_venues_and(transaction, accounts=set(evidence.values())),
        )
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=caller.actor,
            action="watchlist.view",
            subject=f"proposal:{proposal.id}",
            customer=str(proposal.customer_id),
        )
    return detail


def show_entries(
    runtime: Runtime, *, holds: bool, query: str, offset: int, limit: int, caller: Principal
) -> EntryPageShown:
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        page = watchlist_entries.page(
            transaction,
            holds=holds,
            venues=caller.venues(Permission.VIEW_WATCHLIST),
            query=query,
            now=now,
            offset=offset,
            limit=limit,
        )
        return shown_entries(transaction, page.items, page.total, now=now, caller=caller)


def show_entry(runtime: Runtime, entry_id: UUID, *, caller: Principal) -> EntryPageShown:
    """Just that one. Looking at it is recorded. Raises NotFoundError."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        entry = watchlist_entries.find(transaction, entry_id)
        if entry is None or not caller.may(Permission.VIEW_WATCHLIST, entry.venue_id):
            raise NotFoundError()
        name = watchlist_proposals.names_of(transaction, [entry.customer_id])[entry.customer_id]
        shown = shown_entries(transaction, [(entry, name)], 1, now=now, caller=caller)
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="watchlist.view",
            subject=f"entry:{entry.id}",
            customer=str(entry.customer_id),
        )
    return shown


def show_appeals(
    runtime: Runtime, *, is_open: bool, offset: int, limit: int, caller: Principal
) -> tuple[EntryPageShown, list[UUID], int]:
    """The entries appealed against, the appeals in their order, and how many there are."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        page = watchlist_entries.appeal_page(
            transaction,
            is_open=is_open,
            venues=caller.venues(Permission.VIEW_WATCHLIST),
            offset=offset,
            limit=limit,
        )
        entries = {entry.id: (entry, name) for _appeal, entry, name in page.items}
        shown = shown_entries(
            transaction, list(entries.values()), page.total, now=now, caller=caller
        )
    return shown, [appeal.id for appeal, _entry, _name in page.items], page.total


def shown_proposals(
    transaction: Transaction, rows: Iterable[tuple[WatchlistProposal, str]], caller: Principal
) -> list[ProposalShown]:
    found = list(rows)
    said = watchlist_proposals.decisions_of(transaction, [proposal.id for proposal, _ in found])
    involved = watchlist_proposals.involved_in(transaction, [proposal for proposal, _ in found])
    return [
        ProposalShown(
            proposal=proposal,
            customer_name=name,
            decisions=said.get(proposal.id, []),
            objection=objection_to_deciding(
                caller.account_id,
                is_permitted=caller.may(Permission.DECIDE_PROPOSALS, proposal.venue_id),
                involved=involved[proposal.id],
            ),
            approved_by=still_counting(
                _approvers(said.get(proposal.id, ())), involved[proposal.id]
            ),
        )
        for proposal, name in found
    ]


def _approvers(said: Iterable[WatchlistDecision]) -> list[UUID]:
    return [one.account_id for one in said if one.verdict == APPROVE]


def shown_entries(
    transaction: Transaction,
    rows: Sequence[tuple[WatchlistEntry, str]],
    total: int,
    *,
    now: datetime,
    caller: Principal,
) -> EntryPageShown:
    entries = [entry for entry, _ in rows]
    appeals = watchlist_entries.appeals_of(transaction, [entry.id for entry in entries])
    said = watchlist_proposals.decisions_of(transaction, [one.proposal_id for one in entries])
    objections = objections_to_hearing(transaction, entries, caller)
    return EntryPageShown(
        items=[
            EntryShown(
                entry=entry,
                customer_name=name,
                appeals=[
                    AppealShown(appeal, objections[entry.id])
                    for appeal in appeals.get(entry.id, [])
                ],
                approved_by=[one.decided_by for one in said.get(entry.proposal_id, [])],
                may_lift=caller.account_id is not None
                and caller.may(Permission.DECIDE_PROPOSALS, entry.venue_id),
            )
            for entry, name in rows
        ],
        total=total,
        names=watchlist_names.of_venues(transaction),
        by_face=watchlist_names.findable_by_face(
            transaction, [entry.customer_id for entry in entries]
        ),
        now=now,
    )


def objections_to_hearing(
    transaction: Transaction,
    entries: Sequence[WatchlistEntry],
    caller: Principal,
) -> dict[UUID, Objection | None]:
    """By entry; an entry goes with its proposal."""
    proposals = watchlist_proposals.by_id(transaction, [entry.proposal_id for entry in entries])
    involved = watchlist_proposals.involved_in(transaction, list(proposals.values()))
    return {
        entry.id: objection_to_hearing(
            caller.account_id,
            is_permitted=caller.may(Permission.DECIDE_APPEALS, entry.venue_id),
            involved=involved[entry.proposal_id],
        )
        for entry in entries
    }
