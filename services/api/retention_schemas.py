"""Over the wire: how long things are kept, what goes when, and who changed that."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.api.schemas import Request
from services.api.watchlist_schemas import Reason


class RetentionVersion(BaseModel):
    """Number 0 is the one that the product ships with. ``days`` by kind."""

    number: int
    days: dict[str, int]
    reason: str | None
    adopted_by: str | None
    adopted_at: datetime | None


class GoesOn(BaseModel):
    day: date = Field(description="In the first venue's time.")
    count: int


class MostFrom(BaseModel):
    """What sets the most, as the jurisdiction profile states it."""

    weight: Literal["law", "guidance", "policy"] = Field(
        description="Guidance is the authority's; policy is this product's own caution, and no law."
    )
    source: dict[Literal["en", "fr"], str]


class RetainedKind(BaseModel):
    """One kind of thing: how long it is kept, and what of it goes within 30 days."""

    kind: str
    ruled_by: Literal["policy", "setting"] = Field(
        description="A setting is the operator's, and is not changed here."
    )
    kept_s: int = Field(description="How long, in seconds.")
    least_days: int | None
    most_days: int | None = Field(description="What the jurisdiction profile allows.")
    most_from: MostFrom | None
    counted: bool = Field(description="False where it is no rows: backups, and the audit log.")
    goes: list[GoesOn]
    overdue: int
    overdue_since: datetime | None
    held: int = Field(description="Would go by then, or would be gone, but for a legal hold.")
    looked_at: datetime | None
    removed: int = Field(description="Since the beginning.")


class Retention(BaseModel):
    """What holds, and what goes when."""

    in_force: RetentionVersion
    profile: str
    kinds: list[RetainedKind]
    until: datetime
    history: list[RetentionVersion] = Field(description="The latest 20, newest first.")


class NewRetentionTrial(Request):
    """``days`` of every kind; what is wrong with it is said field by field (422)."""

    days: dict[str, Any]


class RetentionTrial(BaseModel):
    """How many things of each kind would go within minutes. Nothing does by this."""

    at_once: dict[str, int]


class NewRetentionVersion(NewRetentionTrial):
    reason: Reason
    replaces: int = Field(ge=0, description="The version that was seen in force.")


class RemindedGuest(BaseModel):
    """A guest whose face or whole file goes unless they come again or agree again."""

    id: str
    name: str
    what: Literal["face", "file"]
    goes_at: datetime


class RemindedGuests(BaseModel):
    items: list[RemindedGuest] = Field(description="The first to go first, 100 of each at most.")


_DAYS = {
    "visit": 730,
    "purchase": 730,
    "incident": 1095,
    "dismissed_incident": 90,
    "alert": 365,
    "proposal": 180,
    "entry": 365,
    "appeal": 365,
    "template": 365,
    "customer": 1095,
    "consent": 1825,
    "consent_proof": 1825,
    "offer": 730,
    "data_request": 1095,
    "link": 30,
    "enrolment": 365,
    "job": 30,
    "session": 90,
    "import": 90,
    "audit": 365,
    "backup": 30,
}
_VERSION = {
    "number": 2,
    "days": _DAYS,
    "reason": "Two years of visits are enough for the loyalty programme.",
    "adopted_by": "Ines Laurent",
    "adopted_at": "2026-11-21T14:05:00Z",
}
_MOST_FROM = {
    "weight": "guidance",
    "source": {
        "en": "CNIL, délibération n° 2021-131: three years after the last contact.",
        "fr": "CNIL, délibération n° 2021-131 : trois ans après le dernier contact.",
    },
}
_KIND = {
    "kind": "visit",
    "ruled_by": "policy",
    "kept_s": 63_072_000,
    "least_days": 30,
    "most_days": 1095,
    "most_from": _MOST_FROM,
    "counted": True,
    "goes": [{"day": "2026-11-24", "count": 212}, {"day": "2026-11-25", "count": 187}],
    "overdue": 0,
    "overdue_since": None,
    "held": 3,
    "looked_at": "2026-11-21T22:50:00Z",
    "removed": 1204,
}
_GUEST = {
    "id": "b7e1c2d3-0000-4000-8000-000000000012",
    "name": "Alex Morel",
    "what": "face",
    "goes_at": "2026-12-14T23:10:00Z",
}
RETENTION_EXAMPLES: dict[str, Any] = {
    "RetentionVersion": _VERSION,
    "GoesOn": _KIND["goes"][0],  # type: ignore[index]  # a list, as written above
    "MostFrom": _MOST_FROM,
    "RetainedKind": _KIND,
    "Retention": {
        "in_force": _VERSION,
        "profile": "FR",
        "kinds": [_KIND],
        "until": "2026-12-21T23:00:00Z",
        "history": [_VERSION],
    },
    "NewRetentionTrial": {"days": _DAYS},
    "RetentionTrial": {"at_once": {"visit": 4120, "purchase": 0}},
    "NewRetentionVersion": {"days": _DAYS, "reason": _VERSION["reason"], "replaces": 1},
    "RemindedGuest": _GUEST,
    "RemindedGuests": {"items": [_GUEST]},
}
