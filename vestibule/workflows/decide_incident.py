"""A manager who did not report an incident verifies or dismisses it; in the end it is closed."""

from uuid import UUID

from vestibule.domain.errors import IncidentChangedError, OwnReportError
from vestibule.records import incidents
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import (
    record,
    require_decider,
    require_seen,
    require_version,
)
from vestibule.workflows.sign_in import Principal
from vestibule.workflows.tell_watchlist import tell_watchlist


def verify_incident(
    runtime: Runtime, incident_id: UUID, *, seen_version: int, reason: str | None, by: Principal
) -> None:
    """From now on it counts. Of two at once one succeeds.

    Raises NotFoundError, ForbiddenError, OwnReportError for who reported or ever corrected it,
    and IncidentChangedError when it is not as the caller saw it any more.
    """
    with runtime.database.begin() as transaction:
        incident = _undecided(transaction, incident_id, seen_version, by)
        decider_id = require_decider(incident, by)
        correctors = incidents.correctors_of(transaction, [incident_id])
        if decider_id in correctors.get(incident_id, ()):
            raise OwnReportError("Who corrected it does not verify it.")
        _decide(runtime, transaction, incident, "VERIFIED", reason, by)
        concerned = incidents.customers_in(transaction, incident_id)
    tell_watchlist(runtime, concerned, reason="incident verified")


def dismiss_incident(
    runtime: Runtime, incident_id: UUID, *, seen_version: int, reason: str, by: Principal
) -> None:
    """It never counts. Raises as ``verify_incident`` does."""
    with runtime.database.begin() as transaction:
        incident = _undecided(transaction, incident_id, seen_version, by)
        _decide(runtime, transaction, incident, "DISMISSED", reason, by)
        concerned = incidents.customers_in(transaction, incident_id)
    tell_watchlist(runtime, concerned, reason="incident dismissed")


def close_incident(
    runtime: Runtime, incident_id: UUID, *, seen_version: int, reason: str | None, by: Principal
) -> None:
    """Nothing is left to do about it; it counts as before and changes no more.

    Raises NotFoundError, ForbiddenError, IncidentChangedError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        incident = require_seen(incidents.find_for_change(transaction, incident_id), by)
        closer_id = require_decider(incident, by)
        require_version(incident, seen_version)
        if incident.state != "VERIFIED":
            raise IncidentChangedError("Only a verified incident is closed.", state=incident.state)
        incident.state, incident.version = "CLOSED", incident.version + 1
        incident.closed_by_id, incident.closed_at = closer_id, now
        incidents.add_revision(
            transaction, incident, action="CLOSED", by_id=closer_id, at=now, reason=reason
        )
        record(runtime, transaction, incident, "close", by, version=incident.version)


def _undecided(
    transaction: Transaction, incident_id: UUID, seen_version: int, by: Principal
) -> Incident:
    incident = require_seen(incidents.find_for_change(transaction, incident_id), by)
    if require_decider(incident, by) == incident.reporter_id:
        raise OwnReportError()
    require_version(incident, seen_version)
    if incident.state != "REPORTED":
        raise IncidentChangedError("It is decided already.", state=incident.state)
    return incident


def _decide(
    runtime: Runtime,
    transaction: Transaction,
    incident: Incident,
    state: str,
    reason: str | None,
    by: Principal,
) -> None:
    now = runtime.clock.now()
    decider_id = require_decider(incident, by)
    incident.state, incident.version = state, incident.version + 1
    incident.decided_by_id, incident.decided_at = decider_id, now
    incident.decision_reason = reason
    incidents.add_revision(
        transaction, incident, action=state, by_id=decider_id, at=now, reason=reason
    )
    what = {"VERIFIED": "verify", "DISMISSED": "dismiss"}[state]
    record(runtime, transaction, incident, what, by, version=incident.version)
