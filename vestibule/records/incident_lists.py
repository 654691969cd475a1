"""Incidents as lists show them, newest first, a page at a time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_

from vestibule.domain.names_in_words import NamesToHide
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import hidden_in
from vestibule.records.incident_tables import Incident, IncidentAttachment, IncidentPerson
from vestibule.records.people_tables import Account
from vestibule.records.tables import Customer, Venue

Place = tuple[datetime, UUID]
"""Where a page ended: moment and id of its last incident."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see: every incident of ``venues`` (None is every venue), and their own
    reports until they are decided."""

    venues: Collection[UUID] | None
    reporter_id: UUID | None


@dataclass(frozen=True, slots=True)
class Filters:
    """None, or an empty value, leaves everything in."""

    states: Collection[str] = ()
    kinds: Collection[str] = ()
    least_severity: int = 1
    venue_id: UUID | None = None
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    reported_by_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """``name`` is the customer's; None for somebody who is described."""

    customer_id: UUID | None
    name: str | None
    description: str | None
    part: str


@dataclass(frozen=True, slots=True)
class Listed:
    incident: Incident
    venue_name: str
    reporter_name: str
    people: tuple[Person, ...]
    attachments: int


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Listed]
    next_after: Place | None


def page(
    transaction: Transaction,
    sight: Sight,
    filters: Filters,
    *,
    limit: int,
    after: Place | None = None,
) -> Page:
    query = _matching(sight, filters)
    if after is not None:
        query = query.where(tuple_(Incident.occurred_at, Incident.id) < after)
    query = query.order_by(Incident.occurred_at.desc(), Incident.id.desc()).limit(limit + 1)
    rows = list(transaction.scalars(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=listed(transaction, rows[:limit]),
        next_after=(last.occurred_at, last.id) if last else None,
    )


def listed(transaction: Transaction, incidents: Iterable[Incident]) -> list[Listed]:
    """With the names that are shown beside them."""
    rows = list(incidents)
    ids = [row.id for row in rows]
    people = people_by_incident(transaction, ids)
    venues = _names(transaction, select(Venue.id, Venue.name), {row.venue_id for row in rows})
    accounts = account_names(transaction, {row.reporter_id for row in rows})
    counts = _attachment_counts(transaction, ids)
    return [
        Listed(
            incident=row,
            venue_name=venues[row.venue_id],
            reporter_name=accounts[row.reporter_id],
            people=tuple(people.get(row.id, ())),
            attachments=counts.get(row.id, 0),
        )
        for row in rows
    ]


def people_by_incident(transaction: Transaction, ids: Collection[UUID]) -> dict[UUID, list[Person]]:
    """In a steady order: actors, then victims, then witnesses."""
    query = (
        select(IncidentPerson)
        .where(IncidentPerson.incident_id.in_(ids))
        .order_by(IncidentPerson.part, IncidentPerson.id)
    )
    rows = list(transaction.scalars(query))
    known = {row.customer_id for row in rows if row.customer_id is not None}
    # Asked for by themselves: joined, Postgres may prefer to read every customer.
    shown = select(Customer.id, Customer.name).where(Customer.status != "ERASING")
    names = _names(transaction, shown, known)
    hidden = hidden_in(transaction, ids) if known - names.keys() else {}
    found: dict[UUID, list[Person]] = {}
    for row in rows:
        name = names.get(row.customer_id) if row.customer_id else None
        hides = hidden.get(row.incident_id, NamesToHide())
        described = row.description and hides.out_of(row.description)
        person = Person(row.customer_id, name, described, row.part)
        found.setdefault(row.incident_id, []).append(person)
    for people in found.values():
        people.sort(key=lambda one: ("actor", "victim", "witness").index(one.part))
    return found


def account_names(transaction: Transaction, ids: Collection[UUID]) -> dict[UUID, str]:
    return _names(transaction, select(Account.id, Account.name), ids)


def open_count(transaction: Transaction, sight: Sight) -> int:
    """How many wait for a decision."""
    matching = _matching(sight, Filters(states=("REPORTED",)))
    return transaction.scalar(select(func.count()).select_from(matching.subquery())) or 0


def _matching(sight: Sight, filters: Filters) -> Select[Incident]:
    wanted: list[ColumnElement[bool]] = []
    if sight.venues is not None:
        wanted.append(_seen(sight, sight.venues))
    if filters.states:
        wanted.append(Incident.state.in_(filters.states))
    if filters.kinds:
        wanted.append(Incident.kind.in_(filters.kinds))
    if filters.least_severity > 1:
        wanted.append(Incident.severity >= filters.least_severity)
    if filters.venue_id is not None:
        wanted.append(Incident.venue_id == filters.venue_id)
    if filters.since is not None:
        wanted.append(Incident.occurred_at >= filters.since)
    if filters.until is not None:
        wanted.append(Incident.occurred_at < filters.until)
    if filters.reported_by_id is not None:
        wanted.append(Incident.reporter_id == filters.reported_by_id)
    if filters.customer_id is not None:
        theirs = (
            IncidentPerson.incident_id == Incident.id,
            IncidentPerson.customer_id == filters.customer_id,
        )
        wanted.append(exists().where(*theirs))
    return select(Incident).where(*wanted)


def _seen(sight: Sight, venues: Collection[UUID]) -> ColumnElement[bool]:
    at_venues = Incident.venue_id.in_(venues)
    if sight.reporter_id is None:
        return at_venues
    own = and_(Incident.reporter_id == sight.reporter_id, Incident.state == "REPORTED")
    return or_(at_venues, own) if venues else own


def _attachment_counts(transaction: Transaction, ids: Collection[UUID]) -> dict[UUID, int]:
    query = (
        select(IncidentAttachment.incident_id, func.count())
        .where(IncidentAttachment.incident_id.in_(ids))
        .group_by(IncidentAttachment.incident_id)
    )
    return {row[0]: row[1] for row in transaction.execute(query)}


def _names(
    transaction: Transaction, query: Select[UUID, str], ids: Collection[UUID]
) -> dict[UUID, str]:
    key = query.selected_columns[0]
    return {row[0]: row[1] for row in transaction.execute(query.where(key.in_(ids)))}
