"""Requests and answers about consents that end and provisions of law."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.api.schemas import PurposeName, Request


class EndingConsent(BaseModel):
    """A guest's consent to a purpose that nothing later carries on."""

    customer_id: UUID
    name: str
    purpose: PurposeName
    ends_at: datetime


class EndingConsents(BaseModel):
    """Those whose end is near, the nearest first."""

    items: list[EndingConsent]
    total: int
    next_offset: int | None
    until: datetime = Field(description="What ends later is not in the list.")


class NewProvision(Request):
    """A text of law on which faces may be compared with those of people on the watchlist.

    ``wording`` holds its very words and why they apply; null for ``venue_id`` is the whole chain.
    """

    title: str = Field(min_length=1, max_length=200)
    reference: str = Field(min_length=1, max_length=300, description="Code, article, date.")
    wording: str = Field(max_length=8_000)
    venue_id: UUID | None = None
    ends_at: AwareDatetime = Field(description="A year from now at the latest.")


class Provision(BaseModel):
    id: UUID
    state: Literal["proposed", "approved", "refused"]
    counts: bool = Field(description="Approved, neither ended nor over.")
    may_approve: bool = Field(description="By who asks: an officer who did not name it.")
    title: str
    reference: str
    wording: str
    venue_id: UUID | None
    ends_at: datetime
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class Provisions(BaseModel):
    items: list[Provision]


class ProvisionDecision(Request):
    verdict: Literal["approve", "refuse"]


_ID = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_AT = "2026-11-21T23:14:05Z"
_ENDING = {
    "customer_id": _ID,
    "name": "Zoé Lefèvre",
    "purpose": "recognition",
    "ends_at": "2026-12-20T23:14:05Z",
}
_NEW = {
    "title": "Security of large events",
    "reference": "Code, article, date",
    "wording": "The words of the law, and why they apply to this venue and these nights.",
    "venue_id": None,
    "ends_at": "2027-06-01T00:00:00Z",
}
_PROVISION: dict[str, Any] = {
    **_NEW,
    "id": _ID,
    "state": "approved",
    "counts": True,
    "may_approve": False,
    "proposed_by": "Marc",
    "proposed_at": _AT,
    "approved_by": "Camille",
    "approved_at": _AT,
    "ended_by": None,
    "ended_at": None,
}
PROVISION_EXAMPLES: dict[str, dict[str, Any]] = {
    "EndingConsent": _ENDING,
    "EndingConsents": {
        "items": [_ENDING],
        "total": 1,
        "next_offset": None,
        "until": "2027-01-20T23:14:05Z",
    },
    "NewProvision": _NEW,
    "Provision": _PROVISION,
    "Provisions": {"items": [_PROVISION]},
    "ProvisionDecision": {"verdict": "approve"},
}
