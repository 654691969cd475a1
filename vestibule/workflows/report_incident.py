"""Staff report what happened, as fast as they can type it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError
from vestibule.domain.incidents import IncidentKind, Involved
from vestibule.domain.night import night_of
from vestibule.domain.permissions import Permission
from vestibule.records import customers, incidents, venues
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import record, require_person
from vestibule.workflows.sign_in import Principal

LONGEST_AGO = timedelta(days=5 * 365)
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a phone may be ahead of the server when somebody says "now"."""


@dataclass(frozen=True, slots=True)
class NewIncident:
    """``id`` is the caller's choice, so that sending twice reports once. ``venue_id`` None is where
    the reporter is, ``occurred_at`` None is now."""

    id: UUID
    kind: IncidentKind
    severity: int
    account: str
    people: Sequence[Involved]
    occurred_at: datetime | None = None
    venue_id: UUID | None = None
    is_demo: bool = False


def report_incident(runtime: Runtime, new: NewIncident, *, by: Principal) -> UUID:
    """Safe to run twice with one id. Raises ForbiddenError, InvalidInputError, ConflictError."""
    reporter_id, now = require_person(by), runtime.clock.now()
    occurred_at = require_past(new.occurred_at or now, now=now)
    with runtime.database.begin() as transaction:
        people = lock_people(transaction, new.people)
        venue = require_venue(transaction, new.venue_id, by)
        known = incidents.find_or_keep_id(transaction, new.id)
        if known is not None:
            return _same_report(known, reporter_id)
        incident = Incident(
            id=new.id,
            venue_id=venue.id,
            kind=new.kind.value,
            severity=new.severity,
            occurred_at=occurred_at,
            night=night_at(venue, occurred_at),
            account=new.account,
            state="REPORTED",
            version=1,
            reporter_id=reporter_id,
            is_demo=new.is_demo,
            created_at=now,
            updated_at=now,
        )
        incidents.add(transaction, incident)
        incidents.set_involved(transaction, incident.id, people)
        incidents.add_revision(transaction, incident, action="REPORTED", by_id=reporter_id, at=now)
        facts = {"kind": incident.kind, "severity": incident.severity}
        record(runtime, transaction, incident, "report", by, **facts)
    return new.id


def require_past(occurred_at: datetime, *, now: datetime) -> datetime:
    """Raises InvalidInputError for the future, and for what is too long ago to be meant."""
    if not now - LONGEST_AGO <= occurred_at <= now + CLOCKS_DIFFER:
        raise InvalidInputError("That time cannot be meant.", fields=[{"field": "occurred_at"}])
    return min(occurred_at, now)


def require_venue(transaction: Transaction, venue_id: UUID | None, by: Principal) -> Venue:
    """Raises InvalidInputError for no venue of ours, ForbiddenError where the caller does not
    work."""
    venue = venues.find(transaction, venue_id or by.venue_id)
    if venue is None:
        raise InvalidInputError("There is no such venue.", fields=[{"field": "venue_id"}])
    by.require(Permission.REPORT_INCIDENTS, venue.id)
    return venue


def lock_people(transaction: Transaction, people: Sequence[Involved]) -> list[Involved]:
    """Before any other lock, in one order for all: nobody is erased or merged meanwhile.

    Whoever was merged is the customer they were merged into. Raises ConflictError for one who is
    gone, InvalidInputError for one who is named twice.
    """
    given = [one.customer_id for one in people if one.customer_id]
    leads_to = customers.standing_for_each(transaction, given)
    present: dict[UUID, UUID] = {}
    for customer_id in sorted(given, key=lambda one: leads_to[one]):
        locked = customers.lock_present(transaction, customer_id)
        if locked is None:
            raise ConflictError("This customer is no longer here.", customer=str(customer_id))
        present[customer_id] = locked.id
    if len(set(present.values())) < len(given):
        raise InvalidInputError("Somebody is named twice.", fields=[{"field": "people"}])
    return [
        replace(one, customer_id=present[one.customer_id]) if one.customer_id else one
        for one in people
    ]


def night_at(venue: Venue, moment: datetime) -> date:
    return night_of(moment, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)


def _same_report(known: Incident, reporter_id: UUID) -> UUID:
    if known.reporter_id != reporter_id:
        raise ConflictError("Another incident has that id.")
    return known.id
