"""Who is on the watchlist at a moment. A lapsed entry stops matching by the clock, with no job."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from vestibule.records.database import Transaction
from vestibule.records.watchlist_tables import WatchlistEntry


def active_for(
    transaction: Transaction, customer_ids: Iterable[UUID], *, venue_id: UUID, now: datetime
) -> dict[UUID, WatchlistEntry]:
    """Of those customers, who is kept out of that venue now; of several entries the longest."""
    ids = set(customer_ids)
    if not ids:
        return {}
    query = (
        select(WatchlistEntry)
        .where(WatchlistEntry.customer_id.in_(ids), holds_at(venue_id), is_active(now))
        .order_by(WatchlistEntry.ends_at, WatchlistEntry.id)
    )
    return {entry.customer_id: entry for entry in transaction.scalars(query)}


def is_active(now: datetime) -> ColumnElement[bool]:
    """From its start on, and no longer at the very moment of its end."""
    return (
        (WatchlistEntry.starts_at <= now)
        & (WatchlistEntry.ends_at > now)
        & WatchlistEntry.lifted_at.is_(None)
    )


def holds_at(venue_id: UUID) -> ColumnElement[bool]:
    return or_(WatchlistEntry.venue_id.is_(None), WatchlistEntry.venue_id == venue_id)
