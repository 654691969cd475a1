"""What incidents say of somebody who is erased goes; that something happened stays."""

import re
from uuid import UUID

from sqlalchemy import delete, select

from vestibule.records.database import Transaction
from vestibule.records.incident_tables import (
    Incident,
    IncidentAttachment,
    IncidentPerson,
    IncidentRevision,
)
from vestibule.records.tables import Customer

IN_PLACE_OF_A_NAME = "[…]"


def forget_in_incidents(transaction: Transaction, customer: Customer) -> list[str]:
    """Before the customer's row goes. Returns the keys of objects that must go after the commit.

    Where no other customer is in an incident, its words and attachments are about this one, and
    are removed. Elsewhere they concern others too: the name is taken out of the words. The history
    keeps what changed, without the person.
    """
    in_them = select(IncidentPerson.incident_id).where(IncidentPerson.customer_id == customer.id)
    query = select(Incident).where(Incident.id.in_(in_them)).order_by(Incident.id)
    keys: list[str] = []
    for incident in transaction.scalars(query.with_for_update()):
        is_about_others = _has_others(transaction, incident.id, customer.id)
        name = customer.name if is_about_others else None
        incident.account = _without(incident.account, name)
        incident.decision_reason = incident.decision_reason and _without(
            incident.decision_reason, name
        )
        _forget_in_history(transaction, incident.id, customer.id, name)
        if not is_about_others:
            keys += _drop_attachments(transaction, incident.id)
    return keys


def _has_others(transaction: Transaction, incident_id: UUID, customer_id: UUID) -> bool:
    query = select(IncidentPerson.id).where(
        IncidentPerson.incident_id == incident_id,
        IncidentPerson.customer_id.is_not(None),
        IncidentPerson.customer_id != customer_id,
    )
    return transaction.scalar(query.limit(1)) is not None


def _without(words: str, name: str | None) -> str:
    """``name`` None: all of the words are about the person."""
    if name is None:
        return ""
    return re.sub(re.escape(name), IN_PLACE_OF_A_NAME, words, flags=re.IGNORECASE)


def _forget_in_history(
    transaction: Transaction, incident_id: UUID, customer_id: UUID, name: str | None
) -> None:
    query = select(IncidentRevision).where(IncidentRevision.incident_id == incident_id)
    for revision in transaction.scalars(query):
        revision.reason = revision.reason and _without(revision.reason, name)
        revision.changes = {
            field: {side: _scrubbed(field, value, customer_id, name) for side, value in of.items()}
            for field, of in revision.changes.items()
        }


def _scrubbed(field: str, value: object, customer_id: UUID, name: str | None) -> object:
    if field == "people" and isinstance(value, list):
        theirs = str(customer_id)
        return [
            one | {"customer_id": None} if one["customer_id"] == theirs else one for one in value
        ]
    if field in ("account", "attachment") and isinstance(value, str):
        return _without(value, name)
    return value


def _drop_attachments(transaction: Transaction, incident_id: UUID) -> list[str]:
    gone = delete(IncidentAttachment).where(IncidentAttachment.incident_id == incident_id)
    return list(transaction.scalars(gone.returning(IncidentAttachment.object_key)))
