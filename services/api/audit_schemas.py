"""Over the wire: the audit log, for the data protection officer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Sha256 = Field(pattern=r"^[0-9a-f]{64}$")
ExportFormat = Literal["csv", "jsonl"]


class AuditEntry(BaseModel):
    """What was done, by whom, with what. Ids and facts; never names of customers."""

    number: int
    at: datetime
    actor: str
    action: str = Field(description="A word for a kind of deed: photo.identify, customer.view, …")
    subject: str = Field(description="What it was done with, as kind:id.")
    details: dict[str, Any]


class AuditPage(BaseModel):
    """The newest first."""

    items: list[AuditEntry]
    next_cursor: str | None


class AuditHead(BaseModel):
    """The end of the log at some moment. Kept elsewhere, it proves later that nothing is gone."""

    number: int = Field(ge=1)
    entry_sha256: str = Sha256


class AuditVerificationRequest(BaseModel):
    """``head``: one that you kept, compared beside those that the product keeps."""

    head: AuditHead | None = None


class AuditVerification(BaseModel):
    """``broken_at``: the number of the first entry that does not fit, null if all do."""

    entries: int = Field(description="How many fit, from the first one on.")
    broken_at: int | None
    flaw: Literal["changed", "missing", "cut_off"] | None = Field(
        description="That entry was changed; or some before it are missing or stand in another "
        "order; or the log ends before it, though it once went on."
    )
    heads: int = Field(description="How many kept heads it was compared with.")
    unreadable_heads: list[str] = Field(description="Kept heads that somebody changed.")
    head: AuditHead | None = Field(description="The last entry that fits.")
    start: AuditHead | None = Field(
        description="The last entry that went because its time was up: proven is what came after."
    )
    removed: int = Field(description="How many went so.")
    start_is_sealed: bool = Field(
        description="Whether a sealed copy outside the database says the same."
    )


_ENTRY = {
    "number": 1204,
    "at": "2026-11-21T23:14:05Z",
    "actor": "owner",
    "action": "photo.identify",
    "subject": "photo:0d0b5f5e-3f6a-4f0f-8b7d-0b8a3f6f7a11",
    "details": {"decisions": ["MATCH"], "customers": ["6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"]},
}
_HEAD = {"number": 1204, "entry_sha256": "5f" * 32}
AUDIT_EXAMPLES: dict[str, Any] = {
    "AuditEntry": _ENTRY,
    "AuditPage": {"items": [_ENTRY], "next_cursor": None},
    "AuditHead": _HEAD,
    "AuditVerificationRequest": {"head": None},
    "AuditVerification": {
        "entries": 1204,
        "broken_at": None,
        "flaw": None,
        "heads": 3,
        "unreadable_heads": [],
        "head": _HEAD,
        "start": None,
        "removed": 0,
        "start_is_sealed": False,
    },
}
