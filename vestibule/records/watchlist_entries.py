"""Entries of the watchlist and the appeals against them, as the review desk looks at them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from vestibule.domain.names import folded
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.records.watchlist import is_active
from vestibule.records.watchlist_proposals import Venues
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistEntry,
    WatchlistProposal,
)


def find(transaction: Transaction, entry_id: UUID) -> WatchlistEntry | None:
    return transaction.get(WatchlistEntry, entry_id)


def lock(transaction: Transaction, entry_id: UUID) -> WatchlistEntry | None:
    """As it is now, until the transaction ends; lock the customer before."""
    query = select(WatchlistEntry).where(WatchlistEntry.id == entry_id)
    return transaction.scalar(query.with_for_update().execution_options(populate_existing=True))


def begun_since(transaction: Transaction, customer_id: UUID, since: datetime) -> int:
    """How many the customer had, those that were lifted left out."""
    query = select(func.count()).where(
        WatchlistEntry.customer_id == customer_id,
        WatchlistEntry.created_at > since,
        WatchlistEntry.lifted_at.is_(None),
    )
    return transaction.scalar(query) or 0


def latest_in_scope(
    transaction: Transaction, customer_id: UUID, venue_id: UUID | None, *, now: datetime
) -> WatchlistEntry | None:
    """The entry of just that scope that ends last, unless it is over."""
    scope = (
        WatchlistEntry.venue_id.is_(None)
        if venue_id is None
        else WatchlistEntry.venue_id == venue_id
    )
    query = (
        select(WatchlistEntry)
        .where(
            WatchlistEntry.customer_id == customer_id,
            scope,
            WatchlistEntry.ends_at > now,
            WatchlistEntry.lifted_at.is_(None),
        )
        .order_by(WatchlistEntry.ends_at.desc(), WatchlistEntry.id)
    )
    return transaction.scalar(query.limit(1))


def kept_out_since(transaction: Transaction, entry: WatchlistEntry) -> datetime:
    """When the first of the entries began that this one, by way of others, extends."""
    since, seen = entry.starts_at, {entry.id}
    extended = _extended_by(transaction, entry)
    while extended is not None and extended.id not in seen:
        since = min(since, extended.starts_at)
        seen.add(extended.id)
        extended = _extended_by(transaction, extended)
    return since


def _extended_by(transaction: Transaction, entry: WatchlistEntry) -> WatchlistEntry | None:
    proposal = transaction.get(WatchlistProposal, entry.proposal_id)
    if proposal is None or proposal.extends_id is None:
        return None
    return transaction.get(WatchlistEntry, proposal.extends_id)


def current_of(
    transaction: Transaction, customer_id: UUID, *, now: datetime
) -> list[WatchlistEntry]:
    """Entries that hold or will, at any venue."""
    query = (
        select(WatchlistEntry)
        .where(
            WatchlistEntry.customer_id == customer_id,
            WatchlistEntry.ends_at > now,
            WatchlistEntry.lifted_at.is_(None),
        )
        .order_by(WatchlistEntry.ends_at.desc(), WatchlistEntry.id)
    )
    return list(transaction.scalars(query))


def of_proposals(
    transaction: Transaction, proposal_ids: Iterable[UUID]
) -> dict[UUID, WatchlistEntry]:
    query = select(WatchlistEntry).where(WatchlistEntry.proposal_id.in_(list(proposal_ids)))
    return {entry.proposal_id: entry for entry in transaction.scalars(query)}


def of_customer(transaction: Transaction, customer_id: UUID) -> list[WatchlistEntry]:
    query = (
        select(WatchlistEntry)
        .where(WatchlistEntry.customer_id == customer_id)
        .order_by(WatchlistEntry.created_at, WatchlistEntry.id)
    )
    return list(transaction.scalars(query))


@dataclass(frozen=True, slots=True)
class EntryPage:
    items: list[tuple[WatchlistEntry, str]]
    """Each with the customer's name."""
    total: int


def page(
    transaction: Transaction,
    *,
    holds: bool,
    venues: Venues,
    query: str,
    now: datetime,
    offset: int,
    limit: int,
) -> EntryPage:
    """Those that hold by who comes free first, or those that are over, the latest first."""
    is_current = and_(WatchlistEntry.ends_at > now, WatchlistEntry.lifted_at.is_(None))
    wanted = (
        select(WatchlistEntry, Customer.name)
        .join(Customer, Customer.id == WatchlistEntry.customer_id)
        .where(
            Customer.status == "ACTIVE", is_current if holds else ~is_current, _at_any_of(venues)
        )
    )
    for word in folded(query).split():
        wanted = wanted.where(Customer.folded_name.contains(word, autoescape=True))
    order = WatchlistEntry.ends_at if holds else WatchlistEntry.ends_at.desc()
    rows = transaction.execute(
        wanted.order_by(order, WatchlistEntry.id).offset(offset).limit(limit)
    ).all()
    total = transaction.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    return EntryPage([(row[0], row[1]) for row in rows], total)


def kept_out_by_name(
    transaction: Transaction, name: str, *, venue_id: UUID, now: datetime
) -> list[UUID]:
    """Customers of just that name, without case and accents, who are kept out of that venue now."""
    query = (
        select(Customer.id)
        .join(WatchlistEntry, WatchlistEntry.customer_id == Customer.id)
        .where(
            Customer.folded_name == folded(name),
            Customer.status == "ACTIVE",
            is_active(now),
            or_(WatchlistEntry.venue_id.is_(None), WatchlistEntry.venue_id == venue_id),
        )
        .distinct()
    )
    return list(transaction.scalars(query))


# ── appeals ─────────────────────────────────────────────────────────────────────────────────
def find_appeal(transaction: Transaction, appeal_id: UUID) -> WatchlistAppeal | None:
    return transaction.get(WatchlistAppeal, appeal_id)


def lock_appeal(transaction: Transaction, appeal_id: UUID) -> WatchlistAppeal | None:
    query = select(WatchlistAppeal).where(WatchlistAppeal.id == appeal_id)
    return transaction.scalar(query.with_for_update().execution_options(populate_existing=True))


def open_appeal(transaction: Transaction, entry_id: UUID) -> WatchlistAppeal | None:
    query = select(WatchlistAppeal).where(
        WatchlistAppeal.entry_id == entry_id, WatchlistAppeal.outcome.is_(None)
    )
    return transaction.scalar(query)


def appeals_of(
    transaction: Transaction, entry_ids: Iterable[UUID]
) -> dict[UUID, list[WatchlistAppeal]]:
    """By entry, oldest first."""
    query = (
        select(WatchlistAppeal)
        .where(WatchlistAppeal.entry_id.in_(list(entry_ids)))
        .order_by(WatchlistAppeal.recorded_at, WatchlistAppeal.id)
    )
    found: dict[UUID, list[WatchlistAppeal]] = {}
    for appeal in transaction.scalars(query):
        found.setdefault(appeal.entry_id, []).append(appeal)
    return found


def with_overdue_appeal(transaction: Transaction, *, now: datetime) -> list[WatchlistEntry]:
    """Of customers who are not being erased; the longest overdue first. An entry has one open."""
    query = (
        select(WatchlistEntry)
        .join(WatchlistAppeal, WatchlistAppeal.entry_id == WatchlistEntry.id)
        .join(Customer, Customer.id == WatchlistEntry.customer_id)
        .where(
            WatchlistAppeal.outcome.is_(None),
            WatchlistAppeal.due_at <= now,
            Customer.status == "ACTIVE",
        )
        .order_by(WatchlistAppeal.due_at, WatchlistAppeal.id)
    )
    return list(transaction.scalars(query))


@dataclass(frozen=True, slots=True)
class AppealPage:
    items: list[tuple[WatchlistAppeal, WatchlistEntry, str]]
    """Each with its entry and the customer's name."""
    total: int


def appeal_page(
    transaction: Transaction, *, is_open: bool, venues: Venues, offset: int, limit: int
) -> AppealPage:
    """Open ones by what is due first; decided ones the latest first."""
    undecided = WatchlistAppeal.outcome.is_(None)
    wanted = (
        select(WatchlistAppeal, WatchlistEntry, Customer.name)
        .join(WatchlistEntry, WatchlistEntry.id == WatchlistAppeal.entry_id)
        .join(Customer, Customer.id == WatchlistEntry.customer_id)
        .where(
            Customer.status == "ACTIVE", undecided if is_open else ~undecided, _at_any_of(venues)
        )
    )
    order = WatchlistAppeal.due_at if is_open else WatchlistAppeal.decided_at.desc()
    rows = transaction.execute(
        wanted.order_by(order, WatchlistAppeal.id).offset(offset).limit(limit)
    ).all()
    total = transaction.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    return AppealPage([(row[0], row[1], row[2]) for row in rows], total)


def _at_any_of(venues: Venues) -> ColumnElement[bool]:
    if venues is None:
        return true()
    return or_(WatchlistEntry.venue_id.is_(None), WatchlistEntry.venue_id.in_(venues))
