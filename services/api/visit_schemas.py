"""Visits over the wire: entering, leaving, and who is here tonight."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.api.schemas import Reference, Request

SourceName = Literal["face", "hand", "ticket", "import"]


class NewVisit(Request):
    """Either ``customer_id`` or ``reference``, the loyalty number."""

    customer_id: UUID | None = None
    reference: Reference | None = None
    venue_id: UUID | None = Field(default=None, description="Where the caller is, unless given.")
    entered_at: AwareDatetime | None = Field(
        default=None, description="Now unless given; at most 31 days ago."
    )
    source: Literal["hand", "ticket"] = "hand"


class Exit(Request):
    left_at: AwareDatetime | None = Field(default=None, description="Now unless given.")


class NewHeadCount(Request):
    """People whom nobody knows: so many went in, or out below zero."""

    change: int = Field(ge=-500, le=500)
    key: str = Field(
        min_length=8, max_length=100, description="The caller's own: the same key counts once."
    )
    venue_id: UUID | None = Field(default=None, description="Where the caller is, unless given.")


class VisitOnRecord(BaseModel):
    """``source``: a confirmed face, by hand, a ticket, an import."""

    id: UUID
    customer_id: UUID
    customer_name: str
    portrait_url: str | None
    venue_id: UUID
    night: date
    entered_at: datetime
    left_at: datetime | None
    source: SourceName
    is_new: bool | None = Field(
        default=None, description="Of an entry: false where it was on record already."
    )


class NightCount(BaseModel):
    """``occupancy`` is ``inside`` and ``uncounted`` together."""

    venue_id: UUID
    venue_name: str
    night: date
    entered: int = Field(description="Guests on file who came tonight.")
    inside: int = Field(description="Of these, who has not left.")
    uncounted: int = Field(description="People whom nobody knows, in less out.")
    occupancy: int
    capacity: int | None


class Tonight(NightCount):
    """The last who came first. Follow ``next_cursor`` until it is null."""

    items: list[VisitOnRecord]
    next_cursor: str | None


_VISIT = {
    "id": "d4c3b2a1-2222-4222-8222-000000000015",
    "customer_id": "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10",
    "customer_name": "Zoé Lefèvre",
    "portrait_url": "/v1/customers/6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10/portrait",
    "venue_id": "3c2b1a00-5555-4555-8555-000000000018",
    "night": "2026-11-21",
    "entered_at": "2026-11-21T23:14:05Z",
    "left_at": None,
    "source": "ticket",
    "is_new": True,
}
_COUNT = {
    "venue_id": "3c2b1a00-5555-4555-8555-000000000018",
    "venue_name": "Vestibule",
    "night": "2026-11-21",
    "entered": 212,
    "inside": 187,
    "uncounted": 64,
    "occupancy": 251,
    "capacity": 400,
}
VISIT_EXAMPLES: dict[str, Any] = {
    "NewVisit": {"reference": "loyalty-1042", "source": "ticket"},
    "Exit": {"left_at": "2026-11-22T02:40:00Z"},
    "NewHeadCount": {"change": 2, "key": "till-2-000412"},
    "VisitOnRecord": _VISIT,
    "NightCount": _COUNT,
    "Tonight": {**_COUNT, "items": [_VISIT], "next_cursor": None},
}
