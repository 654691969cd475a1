"""Pictures to compare before somebody decides about a guest: enrolled, seen since, attached."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from vestibule.domain.incidents import COUNTING, Part
from vestibule.records import gallery
from vestibule.records.alert_tables import Alert
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentAttachment, IncidentPerson
from vestibule.records.tables import Face, Template
from vestibule.records.visit_tables import Visit

Venues = Collection[UUID] | None
"""Where a caller may see such a picture; None is everywhere."""
MOST_ENROLLED, MOST_SEEN = 6, 12


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """``picture_id`` is a face's, or of an *incident* its attachment's."""

    kind: Literal["visit", "alert", "incident"]
    picture_id: UUID
    at: datetime
    venue_id: UUID
    incident_id: UUID | None = None


def enrolled(transaction: Transaction, customer_id: UUID) -> list[Template]:
    """Those that photos are compared with, each photo once whatever the spaces; newest first."""
    by_photo: dict[str, Template] = {}
    for template in gallery.templates_of(transaction, customer_id):
        if template.status == "ACTIVE":
            by_photo.setdefault(template.source_sha256, template)
    return list(by_photo.values())[:MOST_ENROLLED]


def seen(
    transaction: Transaction, customer_id: UUID, *, faces_at: Venues, incidents_at: Venues
) -> list[SeenPicture]:
    """Faces that people took for this guest, and pictures of what counts; newest first."""
    found = {
        picture.picture_id: picture
        for picture in (
            *_of_alerts(transaction, customer_id, faces_at),
            *_of_visits(transaction, customer_id, faces_at),
            *_of_incidents(transaction, customer_id, incidents_at),
        )
    }
    return sorted(found.values(), key=lambda one: (one.at, one.picture_id), reverse=True)[
        :MOST_SEEN
    ]


def _of_visits(
    transaction: Transaction, customer_id: UUID, venues: Venues
) -> Iterator[SeenPicture]:
    query = (
        select(Face.id, Visit.entered_at, Visit.venue_id)
        .join(Visit, Visit.face_id == Face.id)
        .where(Visit.customer_id == customer_id, *_shown(), *_at(venues, Visit.venue_id))
        .order_by(Visit.entered_at.desc())
    )
    for face_id, at, venue_id in transaction.execute(query.limit(MOST_SEEN)):
        yield SeenPicture("visit", face_id, at, venue_id)


def _of_alerts(
    transaction: Transaction, customer_id: UUID, venues: Venues
) -> Iterator[SeenPicture]:
    query = (
        select(Face.id, Alert.raised_at, Alert.venue_id)
        .join(Alert, Alert.face_id == Face.id)
        .where(
            Alert.customer_id == customer_id,
            or_(Alert.answer.is_(None), Alert.answer == "same_person"),
            *_shown(),
            *_at(venues, Alert.venue_id),
        )
        .order_by(Alert.raised_at.desc())
    )
    for face_id, at, venue_id in transaction.execute(query.limit(MOST_SEEN)):
        yield SeenPicture("alert", face_id, at, venue_id)


def _of_incidents(
    transaction: Transaction, customer_id: UUID, venues: Venues
) -> Iterator[SeenPicture]:
    query = (
        select(IncidentAttachment.id, Incident.occurred_at, Incident.venue_id, Incident.id)
        .join(Incident, Incident.id == IncidentAttachment.incident_id)
        .join(IncidentPerson, IncidentPerson.incident_id == Incident.id)
        .where(
            IncidentPerson.customer_id == customer_id,
            IncidentPerson.part == Part.ACTOR.value,
            Incident.state.in_([state.value for state in COUNTING]),
            IncidentAttachment.media_type == "image/jpeg",
            *_at(venues, Incident.venue_id),
        )
        .order_by(Incident.occurred_at.desc(), IncidentAttachment.created_at)
    )
    for attachment_id, at, venue_id, incident_id in transaction.execute(query.limit(MOST_SEEN)):
        yield SeenPicture("incident", attachment_id, at, venue_id, incident_id)


def _shown() -> list[ColumnElement[bool]]:
    """What was said not to be them is shown to nobody any more."""
    return [Face.crop_key.is_not(None), Face.answer.is_distinct_from("not_them")]


def _at(venues: Venues, column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    return [] if venues is None else [column.in_(list(venues))]
