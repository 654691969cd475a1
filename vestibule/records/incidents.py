"""Incidents as the rest of the product asks for them: whose, and which of them count."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from vestibule.domain.incidents import COUNTING, IncidentKind, IncidentState, Part, PastIncident
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson

_BY_WEIGHT = {Part.WITNESS: 0, Part.VICTIM: 1, Part.ACTOR: 2}


def past_of(transaction: Transaction, customer_id: UUID) -> list[PastIncident]:
    """Every incident that the customer is in, in any state, oldest first; each of them once."""
    query = (
        select(Incident, IncidentPerson.part)
        .join(IncidentPerson, IncidentPerson.incident_id == Incident.id)
        .where(IncidentPerson.customer_id == customer_id)
        .order_by(Incident.occurred_at, Incident.id)
    )
    found: dict[UUID, PastIncident] = {}
    for incident, part in transaction.execute(query):
        past = _past(incident, Part(part))
        seen = found.get(incident.id)
        if seen is None or _BY_WEIGHT[past.part] > _BY_WEIGHT[seen.part]:
            found[incident.id] = past
    return list(found.values())


def customers_with_verified(transaction: Transaction) -> Iterator[UUID]:
    """Customers who are in at least one incident that counts, whatever their part, each once."""
    query = (
        select(IncidentPerson.customer_id)
        .join(Incident, Incident.id == IncidentPerson.incident_id)
        .where(
            IncidentPerson.customer_id.is_not(None),
            Incident.state.in_([state.value for state in COUNTING]),
        )
        .distinct()
    )
    yield from (found for found in transaction.scalars(query) if found is not None)


def _past(incident: Incident, part: Part) -> PastIncident:
    return PastIncident(
        incident_id=incident.id,
        kind=IncidentKind(incident.kind),
        severity=incident.severity,
        occurred_at=incident.occurred_at,
        venue_id=incident.venue_id,
        night=incident.night,
        reporter_id=incident.reporter_id,
        state=IncidentState(incident.state),
        part=part,
    )
