"""A report is corrected. The history keeps what it was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import ForbiddenError, IncidentChangedError
from vestibule.domain.incidents import IncidentKind, Involved, differences, needs_new_decision
from vestibule.domain.names_in_words import NamesToHide
from vestibule.records import incidents, venues
from vestibule.records.database import Transaction
from vestibule.records.forgotten_people import hidden_in
from vestibule.records.incident_tables import Incident
from vestibule.records.tables import Json
from vestibule.workflows.report_incident import (
    lock_people,
    night_at,
    require_past,
    require_venue,
)
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import (
    may_edit,
    record,
    require_person,
    require_seen,
    require_version,
)
from vestibule.workflows.sign_in import Principal
from vestibule.workflows.tell_watchlist import tell_watchlist


@dataclass(frozen=True, slots=True)
class IncidentEdit:
    """None leaves a field as it is."""

    kind: IncidentKind | None = None
    severity: int | None = None
    occurred_at: datetime | None = None
    venue_id: UUID | None = None
    account: str | None = None
    people: Sequence[Involved] | None = None
    reason: str | None = None


def edit_incident(
    runtime: Runtime, incident_id: UUID, edit: IncidentEdit, *, seen_version: int, by: Principal
) -> None:
    """A change of what counts takes a verification back: somebody has to look again.

    What is as it was changes nothing. Raises NotFoundError, ForbiddenError, InvalidInputError, and
    IncidentChangedError for a version that is not the present one, or a report that is over.
    """
    editor_id, now = require_person(by), runtime.clock.now()
    with runtime.database.begin() as transaction:
        named = lock_people(transaction, edit.people or ())
        incident = require_seen(incidents.find_for_change(transaction, incident_id), by)
        require_version(incident, seen_version)
        _require_editable(incident, by)
        involved = incidents.involved_in(transaction, incident_id)
        before = _facts(incident, involved)
        _apply(transaction, incident, edit, now=now, by=by)
        people = involved if edit.people is None else named
        changes = differences(before, _facts(incident, people))
        if not changes:
            return
        if "people" in changes:
            incidents.set_involved(transaction, incident_id, people)
        was_verified = incident.state == "VERIFIED" and needs_new_decision(changes)
        if was_verified:
            incidents.ask_again(incident)
            changes["state"] = {"was": "VERIFIED", "is": "REPORTED"}
        incident.version += 1
        incidents.add_revision(
            transaction,
            incident,
            action="EDITED",
            by_id=editor_id,
            at=now,
            reason=edit.reason,
            changes=changes,
        )
        facts: Json = {"fields": sorted(changes), "version": incident.version}
        record(runtime, transaction, incident, "edit", by, **facts)
    if was_verified:  # it counts no more for whoever is in it, or was until now
        concerned = [one.customer_id for one in (*involved, *people) if one.customer_id]
        tell_watchlist(runtime, concerned, reason="incident edited")


def _require_editable(incident: Incident, by: Principal) -> None:
    if incident.state in ("DISMISSED", "CLOSED"):
        raise IncidentChangedError("It is over: it cannot be edited.", state=incident.state)
    if not may_edit(incident, by):
        raise ForbiddenError(permission="incidents.verify")


def _apply(
    transaction: Transaction,
    incident: Incident,
    edit: IncidentEdit,
    *,
    now: datetime,
    by: Principal,
) -> None:
    if edit.kind is not None:
        incident.kind = edit.kind.value
    if edit.severity is not None:
        incident.severity = edit.severity
    if edit.account is not None and edit.account != _as_read(transaction, incident):
        incident.account = edit.account
    if edit.occurred_at is not None:
        incident.occurred_at = require_past(edit.occurred_at, now=now)
    if edit.venue_id is not None and edit.venue_id != incident.venue_id:
        incident.venue_id = require_venue(transaction, edit.venue_id, by).id
    venue = venues.find(transaction, incident.venue_id)
    assert venue is not None  # its row names it
    incident.night = night_at(venue, incident.occurred_at)


def _as_read(transaction: Transaction, incident: Incident) -> str:
    """Without the name of who was erased: sent back so, the words are as they were."""
    hidden = hidden_in(transaction, [incident.id]).get(incident.id, NamesToHide())
    return hidden.out_of(incident.account)


def _facts(incident: Incident, people: Sequence[Involved]) -> Json:
    """What an edit may change, as the history keeps it."""
    return {
        "kind": incident.kind,
        "severity": incident.severity,
        "occurred_at": incident.occurred_at.isoformat(),
        "venue_id": str(incident.venue_id),
        "account": incident.account,
        "people": sorted((_fact_of(one) for one in people), key=str),
    }


def _fact_of(one: Involved) -> Json:
    return {
        "part": one.part.value,
        "customer_id": str(one.customer_id) if one.customer_id else None,
        "description": one.description,
    }
