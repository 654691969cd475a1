"""Alerts as managers see them, and faces as the door does."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from services.api import alert_schemas, schemas
from vestibule.domain.permissions import Permission
from vestibule.records import alerts, customers, photos, venues
from vestibule.records.alert_tables import Alert, AlertSighting
from vestibule.records.alerts import FaceAlert
from vestibule.records.database import Transaction
from vestibule.records.tables import Face
from vestibule.records.watchlist_tables import WatchlistEntry
from vestibule.workflows.sign_in import Principal


def with_alert(
    face: schemas.Face, alert: FaceAlert | None, caller: Principal, *, venue_id: UUID
) -> schemas.Face:
    """The face as this caller may see it: without the watchlist, nothing that says who it is."""
    if alert is None:
        return face
    sees = caller.may(Permission.VIEW_WATCHLIST, venue_id)
    shown = alert_schemas.FaceAlert(
        state="call_manager" if alert.answer is None else "answered",
        alert_id=alert.alert_id if sees else None,
    )
    if sees:
        return face.model_copy(update={"alert": shown})
    unsaid = dict.fromkeys(
        ("customer", "score", "threshold", "review_threshold", "alikeness", "answer", "reason")
    )
    return face.model_copy(update={**unsaid, "decision": "REVIEW", "alert": shown})


def alerts_as_seen(transaction: Transaction, rows: Sequence[Alert]) -> list[alert_schemas.Alert]:
    """Those of erased customers are gone with them."""
    known = customers.overviews_by_id(transaction, {row.customer_id for row in rows})
    named = {venue.id: venue.name for venue in venues.in_order(transaction)}
    return [
        _alert(transaction, row, known[row.customer_id].customer.name, named)
        for row in rows
        if row.customer_id in known
    ]


def _alert(
    transaction: Transaction, row: Alert, name: str, venues_named: Mapping[UUID, str]
) -> alert_schemas.Alert:
    face = photos.find_face(transaction, row.face_id) if row.face_id else None
    entry = transaction.get_one(WatchlistEntry, row.entry_id)
    took = row.answered_at - row.raised_at if row.answered_at else None
    return alert_schemas.Alert(
        id=row.id,
        state=cast(Any, row.answer or "open"),
        venue_id=row.venue_id,
        venue_name=venues_named[row.venue_id],
        night=row.night,
        raised_at=row.raised_at,
        escalated_at=row.escalated_at,
        customer=alert_schemas.AlertCustomer(
            id=row.customer_id,
            name=name,
            portrait_url=f"/v1/customers/{row.customer_id}/portrait",
        ),
        entry_id=row.entry_id,
        entry_ends_at=entry.ends_at,
        face_id=row.face_id,
        photo_id=face.photo_id if face else None,
        crop_url=_crop_url(face),
        enrolled_crop_url=f"/v1/templates/{row.template_id}/crop" if row.template_id else None,
        sightings=_sightings(transaction, row),
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        seconds_to_answer=took.total_seconds() if took else None,
    )


def _sightings(transaction: Transaction, row: Alert) -> list[alert_schemas.AlertSighting]:
    found = alerts.sightings_of(transaction, row.id)
    return [_sighting(one) for one in found if one.face_id != row.face_id or one.door_said]


def _sighting(row: AlertSighting) -> alert_schemas.AlertSighting:
    return alert_schemas.AlertSighting(
        face_id=row.face_id,
        seen_at=row.seen_at,
        crop_url=f"/v1/faces/{row.face_id}/crop",
        door_said=cast(Any, row.door_said),
    )


def _crop_url(face: Face | None) -> str | None:
    """None once it was said not to be them: nobody is shown the face any more."""
    if face is None or face.crop_key is None or face.answer == "not_them":
        return None
    return f"/v1/faces/{face.id}/crop"
