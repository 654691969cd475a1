"""Venues of the chain: opened, corrected. None is removed: visits and photos name it."""

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.names import clean_name
from vestibule.records import audit, venues
from vestibule.records.database import Transaction
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime


def open_venue(
    runtime: Runtime, *, name: str, timezone: str, closes_at_hour: int, actor: str
) -> Venue:
    """Raises InvalidInputError for a time zone nobody knows, ConflictError for a name in use."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = venues.add(
            transaction,
            name=_free_name(transaction, name, of=None),
            timezone=_timezone(timezone),
            closes_at_hour=closes_at_hour,
            now=now,
        )
        audit.append(
            transaction, at=now, actor=actor, action="venue.open", subject=f"venue:{venue.id}"
        )
    return venue


def change_venue(
    runtime: Runtime,
    venue_id: UUID,
    *,
    name: str | None,
    timezone: str | None,
    closes_at_hour: int | None,
    actor: str,
) -> Venue:
    """What is None stays. Nights that are past keep their dates.

    Raises NotFoundError, InvalidInputError, ConflictError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = venues.find(transaction, venue_id)
        if venue is None:
            raise NotFoundError()
        if name is not None:
            venue.name = _free_name(transaction, name, of=venue_id)
        if timezone is not None:
            venue.timezone = _timezone(timezone)
        if closes_at_hour is not None:
            venue.closes_at_hour = closes_at_hour
        transaction.flush()
        audit.append(
            transaction, at=now, actor=actor, action="venue.change", subject=f"venue:{venue_id}"
        )
    return venue


def _free_name(transaction: Transaction, name: str, *, of: UUID | None) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise InvalidInputError(fields=["name"])
    for other in venues.in_order(transaction):
        if other.id != of and other.name.casefold() == cleaned.casefold():
            raise ConflictError("A venue has this name.", field="name")
    return cleaned


def _timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("No such time zone.", fields=["timezone"]) from error
