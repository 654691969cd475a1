"""Incidents: whose they are and which count, one to be changed, its history and attachments."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text

from vestibule.domain.incidents import (
    COUNTING,
    IncidentKind,
    IncidentState,
    Involved,
    Part,
    PastIncident,
)
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import (
    Incident,
    IncidentAttachment,
    IncidentPerson,
    IncidentRevision,
)
from vestibule.records.tables import Json

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


# ── one incident ────────────────────────────────────────────────────────────────────────────
def find(transaction: Transaction, incident_id: UUID) -> Incident | None:
    return transaction.get(Incident, incident_id)


def find_for_change(transaction: Transaction, incident_id: UUID) -> Incident | None:
    """Locked until the transaction ends: two decisions at once become two in a row."""
    query = select(Incident).where(Incident.id == incident_id)
    return transaction.scalar(query.with_for_update().execution_options(populate_existing=True))


def keep_as_they_are(transaction: Transaction, incident_ids: Iterable[UUID]) -> None:
    """Nobody corrects one of them until the transaction ends. Lock customers before."""
    query = select(Incident.id).where(Incident.id.in_(list(incident_ids))).order_by(Incident.id)
    transaction.execute(query.with_for_update(read=True)).all()


def find_or_keep_id(transaction: Transaction, incident_id: UUID) -> Incident | None:
    """Also keeps others from reporting under that id until the transaction ends."""
    key = {"key": str(incident_id)}
    transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), key)
    return transaction.get(Incident, incident_id)


def add(transaction: Transaction, incident: Incident) -> None:
    transaction.add(incident)
    transaction.flush()


def ask_again(incident: Incident) -> None:
    """Back to REPORTED. Who decided it, and why, stays in the history."""
    incident.state = "REPORTED"
    incident.decided_by_id = incident.decided_at = incident.decision_reason = None


def involved_in(transaction: Transaction, incident_id: UUID) -> list[Involved]:
    query = select(IncidentPerson).where(IncidentPerson.incident_id == incident_id)
    return [
        Involved(Part(row.part), row.customer_id, row.description)
        for row in transaction.scalars(query.order_by(IncidentPerson.id))
    ]


def set_involved(transaction: Transaction, incident_id: UUID, people: Iterable[Involved]) -> None:
    """In place of whoever was in it."""
    transaction.execute(delete(IncidentPerson).where(IncidentPerson.incident_id == incident_id))
    for one in people:
        transaction.add(
            IncidentPerson(
                incident_id=incident_id,
                customer_id=one.customer_id,
                description=one.description,
                part=one.part.value,
            )
        )


def customers_in(transaction: Transaction, incident_id: UUID) -> list[UUID]:
    query = select(IncidentPerson.customer_id).where(
        IncidentPerson.incident_id == incident_id, IncidentPerson.customer_id.is_not(None)
    )
    return [found for found in transaction.scalars(query.distinct()) if found is not None]


# ── history ─────────────────────────────────────────────────────────────────────────────────
def add_revision(
    transaction: Transaction,
    incident: Incident,
    *,
    action: str,
    by_id: UUID,
    at: datetime,
    reason: str | None = None,
    changes: Json | None = None,
) -> None:
    """The incident's version must be the one that it has after this step."""
    transaction.add(
        IncidentRevision(
            incident_id=incident.id,
            version=incident.version,
            action=action,
            by_id=by_id,
            at=at,
            reason=reason,
            changes=changes or {},
        )
    )
    incident.updated_at = at


def revisions_of(transaction: Transaction, incident_id: UUID) -> list[IncidentRevision]:
    """Oldest first."""
    query = select(IncidentRevision).where(IncidentRevision.incident_id == incident_id)
    return list(transaction.scalars(query.order_by(IncidentRevision.version)))


def correctors_of(
    transaction: Transaction, incident_ids: Iterable[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """By incident: accounts that ever edited it, its words included; none for whom nobody did."""
    query = select(IncidentRevision.incident_id, IncidentRevision.by_id).where(
        IncidentRevision.incident_id.in_(list(incident_ids)), IncidentRevision.action == "EDITED"
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for incident_id, account_id in transaction.execute(query):
        found[incident_id].add(account_id)
    return {incident_id: frozenset(accounts) for incident_id, accounts in found.items()}


# ── attachments ─────────────────────────────────────────────────────────────────────────────
def attachments_of(transaction: Transaction, incident_id: UUID) -> list[IncidentAttachment]:
    query = select(IncidentAttachment).where(IncidentAttachment.incident_id == incident_id)
    return list(
        transaction.scalars(query.order_by(IncidentAttachment.created_at, IncidentAttachment.id))
    )


def add_attachment(transaction: Transaction, attachment: IncidentAttachment) -> None:
    transaction.add(attachment)
    transaction.flush()


def find_attachment(
    transaction: Transaction, incident_id: UUID, attachment_id: UUID
) -> IncidentAttachment | None:
    found = transaction.get(IncidentAttachment, attachment_id)
    return found if found is not None and found.incident_id == incident_id else None


def remove_attachment(transaction: Transaction, attachment: IncidentAttachment) -> None:
    """The row, and with it the key without which the object cannot be read."""
    transaction.execute(delete(IncidentAttachment).where(IncidentAttachment.id == attachment.id))


# ── the demo's ──────────────────────────────────────────────────────────────────────────────
def remove_demo(transaction: Transaction) -> tuple[list[str], int]:
    """The keys of objects that must go after the commit, and how many incidents went."""
    demo = select(Incident.id).where(Incident.is_demo)
    attached = select(IncidentAttachment.object_key).where(IncidentAttachment.incident_id.in_(demo))
    keys = list(transaction.scalars(attached))
    gone = transaction.scalars(delete(Incident).where(Incident.is_demo).returning(Incident.id))
    return keys, len(list(gone))
