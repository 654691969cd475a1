"""Over the wire: alerts, for managers; and the little of one that the door is told."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

AlertState = Literal["open", "same_person", "not_them", "lapsed"]


class FaceAlert(BaseModel):
    """A manager is to be called for this face. Why is not said here.

    Whoever may not see the watchlist gets this in place of everything that says who it is.
    """

    state: Literal["call_manager", "answered"] = Field(
        description="answered: a manager has confirmed who it is, and decides."
    )
    alert_id: UUID | None = Field(description="For those who may see the watchlist.")


class AlertCustomer(BaseModel):
    id: UUID
    name: str
    portrait_url: str


class AlertSighting(BaseModel):
    """Another face that was seen while the alert stood, and what was said of it at the door."""

    face_id: UUID
    seen_at: datetime
    crop_url: str
    door_said: Literal["same_person", "not_them", "leave"] | None


class Alert(BaseModel):
    """A face at the door looked like somebody on the watchlist."""

    id: UUID
    state: AlertState
    venue_id: UUID
    venue_name: str
    night: date
    raised_at: datetime
    escalated_at: datetime | None = Field(description="When it had waited too long.")
    customer: AlertCustomer
    entry_id: UUID = Field(description="The entry of the watchlist that it is about.")
    entry_ends_at: datetime
    face_id: UUID | None = Field(description="The face to compare; null once its photo is gone.")
    photo_id: UUID | None
    crop_url: str | None = Field(description="The face that was seen.")
    enrolled_crop_url: str | None = Field(description="The enrolled face that it looks like.")
    sightings: list[AlertSighting]
    answered_by: str | None
    answered_at: datetime | None
    seconds_to_answer: float | None


class AlertPage(BaseModel):
    """The newest first. ``open_count`` is of all that nobody has answered, at your venues."""

    items: list[Alert]
    open_count: int
    next_cursor: str | None


class AlertAnswer(BaseModel):
    answer: Literal["same_person", "not_them"]


class AlertFigures(BaseModel):
    """Of one venue in the period. Seconds from the alert to its answer."""

    venue_id: UUID
    venue_name: str
    raised: int
    same_person: int
    not_them: int
    lapsed: int
    open: int
    false_share: float | None = Field(description="*not them* among those that were answered.")
    median_seconds: float | None
    slow_seconds: float | None = Field(description="One answer in ten took at least this long.")


class AlertFiguresList(BaseModel):
    since: datetime
    until: datetime
    items: list[AlertFigures]


class AlertEvent(BaseModel):
    """One server-sent event named ``alert``; its id is ``number``."""

    number: int
    kind: Literal["raised", "escalated", "answered"]
    alert_id: UUID
    venue_id: UUID
    at: datetime
    open_count: int


_CUSTOMER = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_FACE = "a8f0c3de-53c5-4f7b-9a0b-6f2f8c1f1c12"
_VENUE = "c0c0c3de-53c5-4f7b-9a0b-6f2f8c1f1c15"
_NIGHT = "2026-11-21T23:14:05Z"
_ALERT: dict[str, Any] = {
    "id": "d0d0c3de-53c5-4f7b-9a0b-6f2f8c1f1c16",
    "state": "open",
    "venue_id": _VENUE,
    "venue_name": "Main venue",
    "night": "2026-11-21",
    "raised_at": _NIGHT,
    "escalated_at": None,
    "customer": {
        "id": _CUSTOMER,
        "name": "Zoé Lefèvre",
        "portrait_url": f"/v1/customers/{_CUSTOMER}/portrait",
    },
    "entry_id": "e0e0c3de-53c5-4f7b-9a0b-6f2f8c1f1c17",
    "entry_ends_at": "2026-12-05T07:00:00Z",
    "face_id": _FACE,
    "photo_id": "0d0b5f5e-3f6a-4f0f-8b7d-0b8a3f6f7a11",
    "crop_url": f"/v1/faces/{_FACE}/crop",
    "enrolled_crop_url": "/v1/templates/f1b2a3d4-0000-4000-8000-000000000018/crop",
    "sightings": [],
    "answered_by": None,
    "answered_at": None,
    "seconds_to_answer": None,
}
_FIGURES = {
    "venue_id": _VENUE,
    "venue_name": "Main venue",
    "raised": 12,
    "same_person": 9,
    "not_them": 2,
    "lapsed": 0,
    "open": 1,
    "false_share": 0.1818,
    "median_seconds": 41.5,
    "slow_seconds": 120.0,
}
ALERT_EXAMPLES: dict[str, Any] = {
    "FaceAlert": {"state": "call_manager", "alert_id": None},
    "Alert": _ALERT,
    "AlertPage": {"items": [_ALERT], "open_count": 1, "next_cursor": None},
    "AlertAnswer": {"answer": "not_them"},
    "AlertFigures": _FIGURES,
    "AlertFiguresList": {"since": _NIGHT, "until": _NIGHT, "items": [_FIGURES]},
}
