"""What the review desk calls things: venues, people of the staff, incidents, faces on file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from vestibule.domain.names_in_words import NamesToHide
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import hidden_in
from vestibule.records.gallery import has_basis
from vestibule.records.incident_tables import Incident
from vestibule.records.people_tables import Account
from vestibule.records.tables import Customer, Template, Venue


@dataclass(frozen=True, slots=True)
class Names:
    venues: Mapping[UUID, str]
    accounts: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvidenceIncident:
    """An incident as it is now, in the words of who reported it."""

    id: UUID
    kind: str
    severity: int
    state: str
    occurred_at: datetime
    venue_id: UUID
    reporter_id: UUID
    account: str


def of_venues(transaction: Transaction) -> Names:
    return Names({row.id: row.name for row in transaction.execute(select(Venue.id, Venue.name))})


def of_venues_and(transaction: Transaction, *, accounts: Iterable[UUID]) -> Names:
    query = select(Account.id, Account.name).where(Account.id.in_(list(accounts)))
    return Names(
        of_venues(transaction).venues, {row.id: row.name for row in transaction.execute(query)}
    )


def incidents(transaction: Transaction, ids: Iterable[UUID]) -> list[EvidenceIncident]:
    """Newest first; what is gone is left out, and names of who was erased are not to be read."""
    wanted = list(ids)
    hidden = hidden_in(transaction, wanted)
    query = (
        select(Incident)
        .where(Incident.id.in_(wanted))
        .order_by(Incident.occurred_at.desc(), Incident.id)
    )
    return [
        EvidenceIncident(
            id=row.id,
            kind=row.kind,
            severity=row.severity,
            state=row.state,
            occurred_at=row.occurred_at,
            venue_id=row.venue_id,
            reporter_id=row.reporter_id,
            account=hidden.get(row.id, NamesToHide()).out_of(row.account),
        )
        for row in transaction.scalars(query)
    ]


def findable_by_face(transaction: Transaction, customer_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Whom a photo can find: a searched template, and a basis that holds for some venue.

    The others are on the watchlist by name only, for a person to check.
    """
    query = (
        select(Template.customer_id)
        .join(Customer, Customer.id == Template.customer_id)
        .where(
            Template.customer_id.in_(list(customer_ids)), Template.status == "ACTIVE", has_basis()
        )
        .distinct()
    )
    return frozenset(transaction.scalars(query))
