"""Incidents as the wire shows them."""

from services.api import incident_schemas as schemas
from vestibule.domain.incidents import IncidentKind, Involved, Part
from vestibule.domain.names_in_words import NamesToHide
from vestibule.records.incident_lists import Listed, Person
from vestibule.records.retention_tables import LegalHold
from vestibule.workflows.see_incidents import WholeIncident


def summary(item: Listed) -> schemas.IncidentSummary:
    return schemas.IncidentSummary.model_validate(_summary(item))


def whole(found: WholeIncident) -> schemas.Incident:
    row = found.listed.incident
    return schemas.Incident.model_validate(
        {
            **_summary(found.listed),
            "account": found.hidden.out_of(row.account),
            "night": row.night,
            "decision_reason": row.decision_reason and found.hidden.out_of(row.decision_reason),
            "erased_kept_until": found.erased_kept_until,
            "attachments": _attachments(found),
            "history": _history(found),
            "holds": [_hold(one, found.may_know_reasons) for one in found.holds],
            "may_edit": found.may_edit,
            "may_decide": found.may_decide,
            "may_verify": found.may_verify,
            "may_close": found.may_close,
        }
    )


def involved(people: list[schemas.InvolvedPerson]) -> list[Involved]:
    return [Involved(Part(one.part), one.customer_id, one.description) for one in people]


def kind(name: str | None) -> IncidentKind | None:
    return IncidentKind(name) if name else None


def _summary(item: Listed) -> dict[str, object]:
    row = item.incident
    return {
        "id": row.id,
        "version": row.version,
        "kind": row.kind,
        "severity": row.severity,
        "state": row.state.lower(),
        "occurred_at": row.occurred_at,
        "venue": {"id": row.venue_id, "name": item.venue_name},
        "reporter": {"id": row.reporter_id, "name": item.reporter_name},
        "people": [_person(one) for one in item.people],
        "attachment_count": item.attachments,
        "created_at": row.created_at,
    }


def _person(one: Person) -> dict[str, object]:
    return {
        "part": one.part,
        "customer_id": one.customer_id,
        "name": one.name,
        "description": one.description,
    }


def _hold(row: LegalHold, may_know_reasons: bool) -> schemas.HoldOnIncident:
    return schemas.HoldOnIncident(
        id=row.id,
        is_on_a_guest=row.incident_id is None,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        ends_at=row.ends_at,
        reason=row.reason if may_know_reasons else None,
    )


def _attachments(found: WholeIncident) -> list[schemas.IncidentAttachment]:
    return [
        schemas.IncidentAttachment.model_validate(
            {
                "id": row.id,
                "name": found.hidden.out_of(row.name),
                "media_type": row.media_type,
                "size_bytes": row.size_bytes,
                "added_by": {"id": row.added_by_id, "name": found.names[row.added_by_id]},
                "created_at": row.created_at,
                "url": f"/v1/incidents/{row.incident_id}/attachments/{row.id}",
            }
        )
        for row in found.attachments
    ]


def _history(found: WholeIncident) -> list[schemas.IncidentRevision]:
    return [
        schemas.IncidentRevision.model_validate(
            {
                "version": row.version,
                "action": row.action.lower(),
                "by": {"id": row.by_id, "name": found.names[row.by_id]},
                "at": row.at,
                "reason": row.reason and found.hidden.out_of(row.reason),
                "changes": {
                    field: {side: _read(value, found.hidden) for side, value in of.items()}
                    for field, of in row.changes.items()
                },
            }
        )
        for row in found.revisions
    ]


def _read(value: object, hidden: NamesToHide) -> object:
    """Of a change: text as the caller may read it, also of people who were described."""
    if isinstance(value, str):
        return hidden.out_of(value)
    if isinstance(value, list):
        return [
            {
                key: _read(part, hidden) if key == "description" else part
                for key, part in one.items()
            }
            for one in value
        ]
    return value
