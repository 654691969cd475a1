"""All that counts, of all customers, in one query: for the nightly round and the simulator."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from vestibule.domain.incidents import COUNTING, IncidentKind, IncidentState, Part, PastIncident
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.tables import Customer


def counting_histories(transaction: Transaction) -> dict[UUID, list[PastIncident]]:
    """By customer who is not being erased, oldest first: verified incidents that were their deed.

    Tens of thousands of rows at a chain's size; columns, not objects, to keep that cheap.
    """
    query = (
        select(
            Customer.id,
            Incident.id,
            Incident.kind,
            Incident.severity,
            Incident.occurred_at,
            Incident.venue_id,
            Incident.night,
            Incident.reporter_id,
            Incident.state,
        )
        .select_from(IncidentPerson)
        .join(Incident, Incident.id == IncidentPerson.incident_id)
        .join(Customer, Customer.id == IncidentPerson.customer_id)
        .where(
            Customer.status == "ACTIVE",
            IncidentPerson.part == Part.ACTOR.value,
            Incident.state.in_([state.value for state in COUNTING]),
        )
        .order_by(Incident.occurred_at, Incident.id)
    )
    found: dict[UUID, list[PastIncident]] = {}
    for customer_id, *deed in transaction.execute(query):
        found.setdefault(customer_id, []).append(_deed(deed))
    return found


def _deed(columns: Sequence[Any]) -> PastIncident:
    """In the order of the query."""
    incident_id, kind, severity, occurred_at, venue_id, night, reporter_id, state = columns
    return PastIncident(
        incident_id=incident_id,
        kind=IncidentKind(kind),
        severity=severity,
        occurred_at=occurred_at,
        venue_id=venue_id,
        night=night,
        reporter_id=reporter_id,
        state=IncidentState(state),
        part=Part.ACTOR,
    )
