"""Venues of the chain: opened, corrected. None is removed: visits and photos name it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.names import clean_name
from vestibule.records import audit, venues
from vestibule.records.database import Transaction
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime


def open_venue(
    runtime: Runtime,
    *,
    name: str,
    timezone: str,
    closes_at_hour: int,
    minimum_age: int,
    capacity: int | None,
    actor: str,
) -> Venue:
    """Raises InvalidInputError for a time zone nobody knows or an age under the law's,
    ConflictError for a name in use.
    """
    _require_lawful(minimum_age)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = venues.add(
            transaction,
            name=_free_name(transaction, name, of=None),
            timezone=_timezone(timezone),
            closes_at_hour=closes_at_hour,
            minimum_age=minimum_age,
            capacity=capacity,
            now=now,
        )
        audit.append(
            transaction, at=now, actor=actor, action="venue.open", subject=f"venue:{venue.id}"
        )
    return venue


def _require_lawful(minimum_age: int) -> None:
    if minimum_age < FRANCE.minimum_age:
        raise InvalidInputError("The law asks for more.", fields=["minimum_age"])


def change_venue(
    runtime: Runtime, venue_id: UUID, changes: Mapping[str, Any], *, actor: str
) -> Venue:
    """Set what is named. Nights that are past keep their dates. A minimum age that rises removes no
    face by itself: it is asked at registration, enrolment, entry and correction from then on.

    Raises NotFoundError, InvalidInputError, ConflictError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = venues.find(transaction, venue_id)
        if venue is None:
            raise NotFoundError()
        values = dict(changes)
        _require_lawful(values.get("minimum_age", FRANCE.minimum_age))
        if "name" in values:
            values["name"] = _free_name(transaction, values["name"], of=venue_id)
        if "timezone" in values:
            values["timezone"] = _timezone(values["timezone"])
        for field, value in values.items():
            setattr(venue, field, value)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="venue.change",
            subject=f"venue:{venue_id}",
            fields=sorted(values),
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
