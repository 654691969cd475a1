"""Over the wire: faces on a guest's file beside those that were seen, to compare by eye."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.watchlist_schemas import NamedVenue
from vestibule.records.faces_beside import SeenPicture
from vestibule.records.watchlist_names import Names
from vestibule.workflows.show_faces_beside import FacesBeside


class EnrolledPicture(BaseModel):
    template_id: UUID
    enrolled_at: datetime
    crop_url: str


class SeenPictureShown(BaseModel):
    """*visit*, *alert*: a face that somebody took for this guest. *incident*: what is attached."""

    kind: Literal["visit", "alert", "incident"]
    at: datetime
    venue: NamedVenue | None
    incident_id: UUID | None = Field(description="Of what is attached to an incident.")
    url: str


class FacesToCompare(BaseModel):
    """Only what the caller may open; the newest first."""

    enrolled: list[EnrolledPicture]
    seen: list[SeenPictureShown]


def faces_to_compare(found: FacesBeside) -> FacesToCompare:
    return FacesToCompare(
        enrolled=[
            EnrolledPicture(
                template_id=one.id,
                enrolled_at=one.created_at,
                crop_url=f"/v1/templates/{one.id}/crop",
            )
            for one in found.enrolled
        ],
        seen=[_seen(one, found.names) for one in found.seen],
    )


def _seen(one: SeenPicture, names: Names) -> SeenPictureShown:
    named = names.venues.get(one.venue_id)
    return SeenPictureShown(
        kind=one.kind,
        at=one.at,
        venue=NamedVenue(id=one.venue_id, name=named) if named else None,
        incident_id=one.incident_id,
        url=f"/v1/incidents/{one.incident_id}/attachments/{one.picture_id}"
        if one.incident_id
        else f"/v1/faces/{one.picture_id}/crop",
    )
