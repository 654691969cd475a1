"""The venues of the chain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from vestibule.records.database import Transaction
from vestibule.records.tables import Venue

_LOCK = 0x7673686D


def home(transaction: Transaction) -> Venue:
    """The first venue; made by ``ensure_home`` at start."""
    return transaction.scalars(select(Venue).order_by(Venue.created_at).limit(1)).one()


def in_order(transaction: Transaction) -> list[Venue]:
    """All of them, the first one first."""
    return list(transaction.scalars(select(Venue).order_by(Venue.created_at, Venue.id)))


def find(transaction: Transaction, venue_id: UUID) -> Venue | None:
    return transaction.get(Venue, venue_id)


def add(
    transaction: Transaction,
    *,
    name: str,
    timezone: str,
    closes_at_hour: int,
    minimum_age: int,
    capacity: int | None,
    now: datetime,
) -> Venue:
    venue = Venue(
        name=name,
        timezone=timezone,
        closes_at_hour=closes_at_hour,
        minimum_age=minimum_age,
        capacity=capacity,
        created_at=now,
    )
    transaction.add(venue)
    transaction.flush()
    return venue


def ensure_home(
    transaction: Transaction, *, name: str, timezone: str, closes_at_hour: int, now: datetime
) -> None:
    """Make the venue unless there is one. Safe for several processes that start at once."""
    if transaction.scalar(select(Venue.id).limit(1)) is not None:
        return
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if transaction.scalar(select(Venue.id).limit(1)) is None:
        transaction.add(
            Venue(name=name, timezone=timezone, closes_at_hour=closes_at_hour, created_at=now)
        )
