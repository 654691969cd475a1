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
    keeps what changed, without the person. For each of several files that were merged into one.
    """
    theirs = _files_of(transaction, customer)
    in_them = select(IncidentPerson.incident_id).where(IncidentPerson.customer_id.in_(theirs))
    query = select(Incident).where(Incident.id.in_(in_them)).order_by(Incident.id)
    keys: list[str] = []
    for incident in transaction.scalars(query.with_for_update()):
        is_about_others = _has_others(transaction, incident.id, theirs)
        name = customer.name if is_about_others else None
        incident.account = _without(incident.account, name)
        incident.decision_reason = incident.decision_reason and _without(
            incident.decision_reason, name
        )
        _forget_in_history(transaction, incident.id, theirs, name)
        if not is_about_others:
            keys += _drop_attachments(transaction, incident.id)
    return keys


def _files_of(transaction: Transaction, customer: Customer) -> list[UUID]:
    """Its own id, and those of the files that it was merged into: its incidents lie there."""
    found, at = [customer.id], customer.merged_into_id
    while at is not None:
        found.append(at)
        at = transaction.scalar(select(Customer.merged_into_id).where(Customer.id == at))
    return found


def _has_others(transaction: Transaction, incident_id: UUID, theirs: list[UUID]) -> bool:
    query = select(IncidentPerson.id).where(
        IncidentPerson.incident_id == incident_id,
        IncidentPerson.customer_id.is_not(None),
        IncidentPerson.customer_id.not_in(theirs),
    )
    return transaction.scalar(query.limit(1)) is not None


def _without(words: str, name: str | None) -> str:
    """``name`` None: all of the words are about the person."""
    if name is None:
        return ""
    return re.sub(re.escape(name), IN_PLACE_OF_A_NAME, words, flags=re.IGNORECASE)


def _forget_in_history(
    transaction: Transaction, incident_id: UUID, theirs: list[UUID], name: str | None
) -> None:
    ids = {str(one) for one in theirs}
    query = select(IncidentRevision).where(IncidentRevision.incident_id == incident_id)
    for revision in transaction.scalars(query):
        revision.reason = revision.reason and _without(revision.reason, name)
        revision.changes = {
            field: {side: _scrubbed(field, value, ids, name) for side, value in of.items()}
            for field, of in revision.changes.items()
        }


def _scrubbed(field: str, value: object, ids: set[str], name: str | None) -> object:
    if field == "people" and isinstance(value, list):
        return [one | {"customer_id": None} if one["customer_id"] in ids else one for one in value]
    if field in ("account", "attachment") and isinstance(value, str):
        return _without(value, name)
    return value


def _drop_attachments(transaction: Transaction, incident_id: UUID) -> list[str]:
    gone = delete(IncidentAttachment).where(IncidentAttachment.incident_id == incident_id)
    return list(transaction.scalars(gone.returning(IncidentAttachment.object_key)))
