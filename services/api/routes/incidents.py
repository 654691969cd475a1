"""Incidents: report, list, look, correct, decide."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.api import incident_presenters as presenters
from services.api import incident_schemas as schemas
from services.api.cursors import read_cursor, write_cursor
from services.api.dependencies import Product, needs
from vestibule.domain.ids import new_uuid
from vestibule.domain.incidents import IncidentKind
from vestibule.domain.permissions import Permission
from vestibule.records.incident_lists import Filters
from vestibule.workflows import decide_incident, see_incidents
from vestibule.workflows.edit_incident import IncidentEdit, edit_incident
from vestibule.workflows.report_incident import NewIncident, report_incident
from vestibule.workflows.sign_in import Principal

router = APIRouter(prefix="/incidents", tags=["incidents"])

Reporter = Annotated[Principal, Depends(needs(Permission.REPORT_INCIDENTS))]
Decider = Annotated[Principal, Depends(needs(Permission.VERIFY_INCIDENTS))]
Onlooker = Annotated[
    Principal, Depends(needs(Permission.VIEW_INCIDENTS, Permission.REPORT_INCIDENTS))
]


@router.post("", status_code=status.HTTP_201_CREATED)
def create_incident(
    body: schemas.NewIncident, response: Response, product: Product, caller: Reporter
) -> schemas.Incident:
    """A manager who did not report it verifies or dismisses it. The same id twice reports once."""
    new = NewIncident(
        id=body.id or new_uuid(),
        kind=IncidentKind(body.kind),
        severity=body.severity,
        account=body.account,
        people=presenters.involved(body.people),
        occurred_at=body.occurred_at,
        venue_id=body.venue_id,
    )
    incident_id = report_incident(product, new, by=caller)
    response.headers["Location"] = f"/v1/incidents/{incident_id}"
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))


@router.get("")
def list_incidents(
    product: Product, caller: Onlooker, asked: Annotated[schemas.IncidentQuery, Query()]
) -> schemas.IncidentPage:
    """The latest first. Managers see those of their venues, door staff what they reported until it
    is decided. Looking at them is recorded."""
    filters = Filters(
        states=[state.upper() for state in asked.state],
        kinds=asked.kind,
        least_severity=asked.least_severity,
        venue_id=asked.venue_id,
        customer_id=asked.customer_id,
        since=asked.since,
        until=asked.until,
        reported_by_id=caller.account_id if asked.mine else None,
    )
    after = read_cursor(asked.cursor) if asked.cursor else None
    page, waiting = see_incidents.list_incidents(
        product, filters, limit=asked.limit, after=after, by=caller
    )
    return schemas.IncidentPage(
        items=[presenters.summary(item) for item in page.items],
        waiting=waiting,
        next_cursor=write_cursor(page.next_after) if page.next_after else None,
    )


@router.get("/{incident_id}")
def get_incident(incident_id: UUID, product: Product, caller: Onlooker) -> schemas.Incident:
    """With its history. Looking at it is recorded."""
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))


@router.patch("/{incident_id}")
def change_incident(
    incident_id: UUID, body: schemas.IncidentEdit, product: Product, caller: Reporter
) -> schemas.Incident:
    """By who reported it until it is decided, and by managers until it is closed."""
    change = IncidentEdit(
        kind=presenters.kind(body.kind),
        severity=body.severity,
        occurred_at=body.occurred_at,
        venue_id=body.venue_id,
        account=body.account,
        people=None if body.people is None else presenters.involved(body.people),
        reason=body.reason,
    )
    edit_incident(product, incident_id, change, seen_version=body.version, by=caller)
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))


@router.post("/{incident_id}/verification")
def verify_incident(
    incident_id: UUID, body: schemas.Verification, product: Product, caller: Decider
) -> schemas.Incident:
    """It counts from now on. Not by who reported or ever corrected it."""
    decide_incident.verify_incident(
        product, incident_id, seen_version=body.version, reason=body.reason, by=caller
    )
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))


@router.post("/{incident_id}/dismissal")
def dismiss_incident(
    incident_id: UUID, body: schemas.Dismissal, product: Product, caller: Decider
) -> schemas.Incident:
    """It never counts. Not by who reported it."""
    decide_incident.dismiss_incident(
        product, incident_id, seen_version=body.version, reason=body.reason, by=caller
    )
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))


@router.post("/{incident_id}/closure")
def close_incident(
    incident_id: UUID, body: schemas.Closure, product: Product, caller: Decider
) -> schemas.Incident:
    """A verified incident about which nothing is left to do. It counts as before."""
    decide_incident.close_incident(
        product, incident_id, seen_version=body.version, reason=body.reason, by=caller
    )
    return presenters.whole(see_incidents.look_at_incident(product, incident_id, by=caller))
