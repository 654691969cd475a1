"""The history of a customer over the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

KindName = Literal["visit", "consent", "face", "merge", "incident", "decision", "purchase", "offer"]


class TimelineEvent(BaseModel):
    """``source``: who or what told of it. ``facts`` differ by kind."""

    id: UUID
    kind: KindName
    at: datetime
    source: str
    venue: str | None = Field(description="The name of the venue, where it belongs to one.")
    facts: dict[str, Any]


class Timeline(BaseModel):
    """The latest first. ``kinds`` are those that the caller may see."""

    items: list[TimelineEvent]
    kinds: list[KindName]
    next_cursor: str | None


_EVENT = {
    "id": "d4c3b2a1-2222-4222-8222-000000000015",
    "kind": "visit",
    "at": "2026-11-21T23:14:05Z",
    "source": "face",
    "venue": "Vestibule",
    "facts": {"night": "2026-11-21", "left_at": None},
}
TIMELINE_EXAMPLES: dict[str, Any] = {
    "TimelineEvent": _EVENT,
    "Timeline": {
        "items": [_EVENT],
        "kinds": ["visit", "consent", "face", "merge", "offer"],
        "next_cursor": None,
    },
}
