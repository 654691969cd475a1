"""Over the wire: legal holds, and what a guest's file says of how long it is kept."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.api.schemas import Request
from services.api.watchlist_schemas import NamedCustomer, Reason


class ProofKept(BaseModel):
    """What shows a consent or a withdrawal of somebody erased, for as long as the hold lasts."""

    kind: Literal["given", "withdrawn"]
    method: Literal["tablet", "paper", "phone"]
    recorded_at: datetime
    url: str = Field(description="Looking at it is recorded.")


class LegalHold(BaseModel):
    """Nothing about that guest, or nothing of that incident, expires until ``ends_at``."""

    id: UUID
    customer: NamedCustomer | None
    incident_id: UUID | None
    reason: str
    placed_by: str
    placed_at: datetime
    ends_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_reason: str | None
    in_force: bool
    is_sealed_off: bool = Field(
        description="Somebody whom it is about was erased: what it needs of them is kept, sealed "
        "off, and goes when it ends. Only those who place holds read their name."
    )
    proofs: list[ProofKept] = Field(description="Of consents of those who are sealed off.")


class LegalHoldList(BaseModel):
    """Those in force by their end, then those that are over; 200 at most."""

    items: list[LegalHold]


class NewLegalHold(Request):
    """Of a guest or of an incident; its end is within three years."""

    customer_id: UUID | None = None
    incident_id: UUID | None = None
    reason: Reason
    ends_at: AwareDatetime


class LiftedHold(Request):
    reason: Reason


class HoldOnGuest(BaseModel):
    """``reason`` only for those who may place holds."""

    id: UUID
    placed_by: str
    placed_at: datetime
    ends_at: datetime
    reason: str | None


class KeptOfGuest(BaseModel):
    """What holds a guest's data back from expiring, and when their face goes."""

    holds: list[HoldOnGuest]
    face_goes_at: datetime | None = Field(
        description="Unless they come again or agree again; told thirty days ahead, at least."
    )
    file_goes_at: datetime | None = Field(
        description="As above, of all that there is of them, where they were away for long."
    )


_GUEST = {"id": "b7e1c2d3-0000-4000-8000-000000000012", "name": "Alex Morel"}
_REASON = "Our insurer asked for everything about the night of 14 November."
_PLACED: dict[str, Any] = {
    "id": "7d1b2a3c-3333-4333-8333-000000000091",
    "placed_by": "Ines Laurent",
    "placed_at": "2026-11-21T14:05:00Z",
    "ends_at": "2027-05-21T22:00:00Z",
    "reason": _REASON,
}
_HOLD = {
    **_PLACED,
    "customer": _GUEST,
    "incident_id": None,
    "lifted_at": None,
    "lifted_by": None,
    "lifted_reason": None,
    "in_force": True,
    "is_sealed_off": False,
    "proofs": [],
}
_PROOF = {
    "kind": "given",
    "method": "tablet",
    "recorded_at": "2026-09-12T21:40:00Z",
    "url": "/v1/customers/b7e1c2d3-0000-4000-8000-000000000012/agreements/"
    "7d1b2a3c-3333-4333-8333-000000000092/file",
}
LEGAL_HOLD_EXAMPLES: dict[str, Any] = {
    "LegalHold": _HOLD,
    "ProofKept": _PROOF,
    "LegalHoldList": {"items": [_HOLD]},
    "NewLegalHold": {
        "customer_id": _GUEST["id"],
        "incident_id": None,
        "reason": _REASON,
        "ends_at": _PLACED["ends_at"],
    },
    "LiftedHold": {"reason": "The claim was settled."},
    "HoldOnGuest": _PLACED,
    "KeptOfGuest": {"holds": [_PLACED], "face_goes_at": None, "file_goes_at": None},
}
