"""One event of a customer's history, and how a page of one kind is asked for."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from vestibule.domain.permissions import Permission
from vestibule.records.database import Transaction

Place = tuple[datetime, UUID]
Venues = Collection[UUID] | None
"""Where a caller may see something; None is everywhere."""


@dataclass(frozen=True, slots=True)
class Event:
    """``source`` says who or what told of it, in words of the record; ``facts`` differ by kind."""

    id: UUID
    kind: str
    at: datetime
    source: str
    venue_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of one kind: at most ``limit`` events before ``before``."""

    transaction: Transaction
    customer_id: UUID
    limit: int
    before: Place | None
    venues: Venues
    now: datetime


Reader = Callable[[Asked], list[Event]]


@dataclass(frozen=True, slots=True)
class Source:
    kind: str
    permission: Permission
    read: Reader


def earlier(
    asked: Asked,
    at: InstrumentedAttribute[Any] | ColumnElement[Any],
    row_id: InstrumentedAttribute[UUID],
) -> list[ColumnElement[bool]]:
    return [tuple_(at, row_id) < asked.before] if asked.before else []


def at_venues(asked: Asked, venue: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """What concerns the whole chain is seen by whoever sees any of its venues."""
    if asked.venues is None:
        return []
    return [or_(venue.is_(None), venue.in_(list(asked.venues)))]
