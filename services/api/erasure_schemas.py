"""Over the wire: erasures, how far they are, their receipts, and looking for somebody again."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.backup_place_schemas import REMARK, PlaceRemark

Store = Literal["memory", "index", "pictures", "objects", "imports", "rows", "key"]
Checked = Literal["rows", "index", "index_files", "objects", "imports", "memory", "key"]
_LONGEST_RECEIPT = 200_000


class ErasureStep(BaseModel):
    """A store. ``found`` is what was there, by kind; counts, no content."""

    store: Store
    is_done: bool
    found: dict[str, int]


class ErasureProgress(BaseModel):
    """One person who is being erased or was. Nothing of it names them."""

    id: UUID
    customer_id: UUID
    state: Literal["running", "done"]
    cause: Literal["request", "restore", "retention"] = Field(
        description="restore: they had been erased, and a backup brought their rows back. "
        "retention: the clock of the whole file ran out."
    )
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    steps: list[ErasureStep] = Field(description="All of them, in the order in which they go.")
    trouble: str | None = Field(
        description="The code of what stopped it last; it goes on by itself."
    )
    attempts: int
    tried_again_at: datetime | None
    held_until: datetime | None = Field(
        description="A legal hold keeps what its claim needs until then (GDPR 17(3)(e)), sealed "
        "off; all else is gone. The receipt is of that, and another follows."
    )
    backup_places: list[PlaceRemark] = Field(
        description="Places of backups that it waits for, or that it did without because they were "
        "given up: the receipt says so."
    )
    has_receipt: bool


class ErasureList(BaseModel):
    """Those that are not done come first, then the latest."""

    items: list[ErasureProgress]
    running: int
    done: int
    suppressed: int = Field(description="How many digests keep erased people out of imports now.")
    next_cursor: str | None


class ErasureFigures(BaseModel):
    """How many erasures are not done, and of those how many met trouble."""

    running: int
    troubled: int
    held: int = Field(description="Wait for the end of a legal hold; nothing is wrong.")
    keyring_away: int = Field(description="Wait for a place of backups that is away.")


class ErasureReceipt(BaseModel):
    """``text`` is what is signed, to the byte: UTF-8, with its line breaks."""

    text: str
    signature: str = Field(description="Ed25519 (RFC 8032), base64.")
    key_id: str = Field(description="SHA-256 of the public key (DER) that signed it.")
    public_key: str = Field(description="The installation's public key now, PEM.")


class ReceiptKey(BaseModel):
    public_key: str = Field(description="PEM, for `openssl pkeyutl -verify -pubin`.")
    key_id: str


class ReceiptToVerify(BaseModel):
    text: str = Field(max_length=_LONGEST_RECEIPT)
    signature: str = Field(max_length=200, description="base64")


class StoreCheck(BaseModel):
    """``left``: how much of the person is in that store now."""

    store: Checked
    left: int
    is_proven: bool = Field(
        description="False where the store was asked and could not be looked into from here."
    )


class ErasureVerification(BaseModel):
    erasure_id: UUID
    is_true: bool = Field(description="The receipt is signed, and nothing is left anywhere.")
    is_signed: bool | None = Field(description="null: there is no receipt yet.")
    left: int = Field(description="Of what no legal hold keeps.")
    held_until: datetime | None
    checks: list[StoreCheck]
    backup_places: list[PlaceRemark] = Field(
        description="Not looked into: copies of the key beside backups that are away or given up."
    )


_ERASURE = "3c7d9a52-7777-4777-8777-000000000021"
_CUSTOMER = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_CHECKS = [
    {"store": "rows", "left": 0, "is_proven": True},
    {"store": "index_files", "left": 0, "is_proven": True},
    {"store": "memory", "left": 0, "is_proven": False},
]
_PROGRESS = {
    "id": _ERASURE,
    "customer_id": _CUSTOMER,
    "state": "done",
    "cause": "request",
    "requested_by": "Inès Moreau",
    "requested_at": "2026-11-21T23:14:05Z",
    "finished_at": "2026-11-21T23:14:08Z",
    "steps": [
        {"store": "memory", "is_done": True, "found": {}},
        {"store": "index", "is_done": True, "found": {"vectors": 2, "generations": 1}},
        {"store": "rows", "is_done": True, "found": {"template": 2, "visit": 14}},
    ],
    "trouble": None,
    "attempts": 0,
    "tried_again_at": None,
    "held_until": None,
    "backup_places": [],
    "has_receipt": True,
}
_PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA…\n-----END PUBLIC KEY-----\n"
_RECEIPT = {"text": '{\n  "format": "vestibule-erasure-receipt-1"\n}\n', "signature": "5pYx…"}
ERASURE_EXAMPLES: dict[str, Any] = {
    "ErasureStep": _PROGRESS["steps"][1],  # type: ignore[index]  # it is a list
    "ErasureProgress": _PROGRESS,
    "ErasureList": {
        "items": [_PROGRESS],
        "running": 0,
        "done": 1,
        "suppressed": 4,
        "next_cursor": None,
    },
    "ErasureFigures": {"running": 0, "troubled": 0, "held": 0, "keyring_away": 0},
    "ErasureReceipt": {**_RECEIPT, "key_id": "5f" * 32, "public_key": _PEM},
    "ReceiptKey": {"public_key": _PEM, "key_id": "5f" * 32},
    "ReceiptToVerify": _RECEIPT,
    "StoreCheck": _CHECKS[1],
    "ErasureVerification": {
        "erasure_id": _ERASURE,
        "is_true": True,
        "is_signed": True,
        "left": 0,
        "held_until": None,
        "checks": _CHECKS,
        "backup_places": [REMARK],
    },
}
