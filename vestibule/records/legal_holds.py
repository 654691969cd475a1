"""What may not expire at present, because somebody may need it for a claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentPerson
from vestibule.records.retention_tables import LegalHold
from vestibule.records.tables import Customer


@dataclass(frozen=True, slots=True)
class Held:
    """Customers with every file that was merged into theirs, and incidents.

    An incident that a held customer is in is held too.
    """

    customers: frozenset[UUID]
    incidents: frozenset[UUID]


NOTHING = Held(frozenset(), frozenset())


def in_force(now: datetime) -> ColumnElement[bool]:
    """From its placing on, and no longer at the very moment of its end."""
    return (LegalHold.ends_at > now) & LegalHold.lifted_at.is_(None)


def held(transaction: Transaction, *, now: datetime) -> Held:
    query = select(LegalHold.customer_id, LegalHold.incident_id).where(in_force(now))
    rows = transaction.execute(query).all()
    named = {customer_id for customer_id, _ in rows if customer_id is not None}
    incidents = {incident_id for _, incident_id in rows if incident_id is not None}
    customers = _with_merged(transaction, named)
    if customers:
        theirs = select(IncidentPerson.incident_id).where(IncidentPerson.customer_id.in_(customers))
        incidents.update(transaction.scalars(theirs))
    return Held(frozenset(customers), frozenset(incidents))


def _with_merged(transaction: Transaction, ids: set[UUID]) -> set[UUID]:
    """And every file that stands for one of them or that one of them stands for."""
    found, new = set(ids), set(ids)
    while new:
        into = select(Customer.id).where(Customer.merged_into_id.in_(new))
        out_of = select(Customer.merged_into_id).where(
            Customer.id.in_(new), Customer.merged_into_id.is_not(None)
        )
        reached = {*transaction.scalars(into), *transaction.scalars(out_of)}
        new = {one for one in reached if one is not None} - found
        found |= new
    return found


def ends_of(
    transaction: Transaction, customer_ids: Sequence[UUID], *, now: datetime
) -> datetime | None:
    """The latest end of those that hold one of these files, or an incident that they are in."""
    theirs = select(IncidentPerson.incident_id).where(IncidentPerson.customer_id.in_(customer_ids))
    query = select(func.max(LegalHold.ends_at)).where(
        or_(LegalHold.customer_id.in_(customer_ids), LegalHold.incident_id.in_(theirs)),
        in_force(now),
    )
    found: datetime | None = transaction.scalar(query)
    return found


def sealed_off_by(transaction: Transaction, hold: LegalHold) -> list[UUID]:
    """Files of guests who were erased, as far as this hold lets them go: of whom it is, or of who
    is in the incident that it is of."""
    named = {hold.customer_id} if hold.customer_id else set(_people_in(transaction, hold))
    query = select(Customer.id).where(
        Customer.id.in_(_with_merged(transaction, named)), Customer.status == "ERASING"
    )
    return list(transaction.scalars(query.order_by(Customer.id)))


def _people_in(transaction: Transaction, hold: LegalHold) -> list[UUID]:
    query = select(IncidentPerson.customer_id).where(
        IncidentPerson.incident_id == hold.incident_id, IncidentPerson.customer_id.is_not(None)
    )
    return [one for one in transaction.scalars(query) if one is not None]


def of_customer(transaction: Transaction, customer_id: UUID, *, now: datetime) -> list[LegalHold]:
    """In force, on any file that was merged with theirs too; the one that ends last first."""
    files = _with_merged(transaction, {customer_id})
    return _in_order(transaction, LegalHold.customer_id.in_(files), now)


def on_incident(transaction: Transaction, incident_id: UUID, *, now: datetime) -> list[LegalHold]:
    """In force on it or on a customer who is in it; the one that ends last first."""
    people = select(IncidentPerson.customer_id).where(
        IncidentPerson.incident_id == incident_id, IncidentPerson.customer_id.is_not(None)
    )
    involved = {one for one in transaction.scalars(people) if one is not None}
    files = _with_merged(transaction, involved)
    holds = or_(LegalHold.incident_id == incident_id, LegalHold.customer_id.in_(files))
    return _in_order(transaction, holds, now)


def _in_order(
    transaction: Transaction, which: ColumnElement[bool], now: datetime
) -> list[LegalHold]:
    query = select(LegalHold).where(which, in_force(now))
    return list(transaction.scalars(query.order_by(LegalHold.ends_at.desc(), LegalHold.id)))


def find_for_change(transaction: Transaction, hold_id: UUID) -> LegalHold | None:
    query = select(LegalHold).where(LegalHold.id == hold_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def listed(
    transaction: Transaction, *, now: datetime, limit: int
) -> Sequence[tuple[LegalHold, str | None]]:
    """With the customer's name: those in force by their end, then those that are over."""
    is_over = or_(LegalHold.ends_at <= now, LegalHold.lifted_at.is_not(None))
    query = select(LegalHold, Customer.name).outerjoin(
        Customer, Customer.id == LegalHold.customer_id
    )
    rows = transaction.execute(query.order_by(is_over, LegalHold.ends_at, LegalHold.id))
    return [(hold, name) for hold, name in rows.fetchmany(limit)]
