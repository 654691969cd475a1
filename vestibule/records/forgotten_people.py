"""What incidents say of somebody who is erased goes; that something happened stays."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select

from vestibule.domain.names_in_words import NamesToHide
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import (
    Incident,
    IncidentAttachment,
    IncidentPerson,
    IncidentRevision,
)
from vestibule.records.tables import Customer, Json


def forget_in_incidents(transaction: Transaction, customer: Customer) -> list[str]:
    """Before the customer's row goes. Returns the keys of objects that must go after the commit.

    Where no other customer is in an incident, its words and attachments are about this one, and
    are removed. Elsewhere they concern others too: the name is taken out of the words, of
    descriptions and of what files are called. The history keeps what changed, without the person.
    For each of several files that were merged into one.
    """
    theirs = _files_of(transaction, customer)
    in_them = select(IncidentPerson.incident_id).where(IncidentPerson.customer_id.in_(theirs))
    query = select(Incident).where(Incident.id.in_(in_them)).order_by(Incident.id)
    keys: list[str] = []
    for incident in transaction.scalars(query.with_for_update()):
        others = _others(transaction, incident.id, theirs)
        hidden = NamesToHide((customer.name,), others) if others else None
        incident.account = _without(incident.account, hidden)
        incident.decision_reason = incident.decision_reason and _without(
            incident.decision_reason, hidden
        )
        _forget_in_history(transaction, incident.id, theirs, hidden)
        if hidden is None:
            keys += _drop_attachments(transaction, incident.id)
        else:
            _forget_beside(transaction, incident.id, hidden)
    return keys


def hidden_in(transaction: Transaction, incident_ids: Collection[UUID]) -> dict[UUID, NamesToHide]:
    """Of these incidents, those with somebody who is being erased, and what is not to be read.

    While a legal hold lasts their name stands in the words, for the claim; others do not read it.
    """
    query = select(IncidentPerson.incident_id, IncidentPerson.customer_id).where(
        IncidentPerson.incident_id.in_(incident_ids), IncidentPerson.customer_id.is_not(None)
    )
    rows = [(incident, one) for incident, one in transaction.execute(query) if one is not None]
    erased = _erased(transaction, {customer_id for _, customer_id in rows})
    found: dict[UUID, NamesToHide] = {}
    for incident_id in {incident for incident, customer_id in rows if customer_id in erased}:
        people = [customer_id for incident, customer_id in rows if incident == incident_id]
        names = [name for one in people for name in erased.get(one, ())]
        others = _others(transaction, incident_id, [one for one in people if one in erased])
        found[incident_id] = NamesToHide(tuple(names), others)
    return found


def erased_in(transaction: Transaction, incident_id: UUID) -> list[UUID]:
    """Customers in it who are being erased."""
    ids = select(IncidentPerson.customer_id).where(
        IncidentPerson.incident_id == incident_id, IncidentPerson.customer_id.is_not(None)
    )
    named = list(transaction.scalars(ids))
    query = select(Customer.id).where(Customer.id.in_(named), Customer.status == "ERASING")
    return list(transaction.scalars(query))


def _erased(transaction: Transaction, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Of these customers, those who are being erased, with the names of all of their files."""
    rows = transaction.execute(
        select(Customer.id, Customer.name).where(Customer.id.in_(ids), Customer.status == "ERASING")
    )
    found = {customer_id: [name] for customer_id, name in rows}
    leads = {customer_id: customer_id for customer_id in found}
    new = set(found)
    while new:
        into = select(Customer.id, Customer.merged_into_id, Customer.name).where(
            Customer.merged_into_id.in_(new)
        )
        new = set()
        for customer_id, kept, name in transaction.execute(into):
            assert kept is not None  # the query asked for it
            leads[customer_id] = leads[kept]
            found[leads[kept]].append(name)
            new.add(customer_id)
    return found


def _files_of(transaction: Transaction, customer: Customer) -> list[UUID]:
    """Its own id, and those of the files that it was merged into: its incidents lie there."""
    found, at = [customer.id], customer.merged_into_id
    while at is not None:
        found.append(at)
        at = transaction.scalar(select(Customer.merged_into_id).where(Customer.id == at))
    return found


def _others(transaction: Transaction, incident_id: UUID, theirs: list[UUID]) -> tuple[str, ...]:
    """Names of the other customers in it."""
    query = select(IncidentPerson.customer_id).where(
        IncidentPerson.incident_id == incident_id,
        IncidentPerson.customer_id.is_not(None),
        IncidentPerson.customer_id.not_in(theirs),
    )
    ids = list(transaction.scalars(query))
    return tuple(transaction.scalars(select(Customer.name).where(Customer.id.in_(ids))))


def _without(words: str, hidden: NamesToHide | None) -> str:
    """``hidden`` None: all of the words are about the person."""
    return hidden.out_of(words) if hidden else ""


def _forget_in_history(
    transaction: Transaction, incident_id: UUID, theirs: list[UUID], hidden: NamesToHide | None
) -> None:
    ids = {str(one) for one in theirs}
    query = select(IncidentRevision).where(IncidentRevision.incident_id == incident_id)
    for revision in transaction.scalars(query):
        revision.reason = revision.reason and _without(revision.reason, hidden)
        revision.changes = {
            field: {side: _scrubbed(field, value, ids, hidden) for side, value in of.items()}
            for field, of in revision.changes.items()
        }


def _scrubbed(field: str, value: object, ids: set[str], hidden: NamesToHide | None) -> object:
    if field == "people" and isinstance(value, list):
        return [_scrubbed_person(one, ids, hidden) for one in value]
    if field in ("account", "attachment") and isinstance(value, str):
        return _without(value, hidden)
    return value


def _scrubbed_person(one: Json, ids: set[str], hidden: NamesToHide | None) -> Json:
    if one["customer_id"] in ids:
        return one | {"customer_id": None}
    if one["description"] and hidden:
        return one | {"description": hidden.out_of(one["description"])}
    return one


def _forget_beside(transaction: Transaction, incident_id: UUID, hidden: NamesToHide) -> None:
    described = select(IncidentPerson).where(
        IncidentPerson.incident_id == incident_id, IncidentPerson.description.is_not(None)
    )
    for person in transaction.scalars(described):
        person.description = hidden.out_of(person.description or "")
    files = select(IncidentAttachment).where(IncidentAttachment.incident_id == incident_id)
    for file in transaction.scalars(files):
        file.name = hidden.out_of(file.name)


def _drop_attachments(transaction: Transaction, incident_id: UUID) -> list[str]:
    gone = delete(IncidentAttachment).where(IncidentAttachment.incident_id == incident_id)
    return list(transaction.scalars(gone.returning(IncidentAttachment.object_key)))
