"""Over the wire: files that may be one person, and files that were made one."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.schemas import CustomerSummary, Request

ReasonName = Literal["face", "email", "phone", "birth_date_and_name"]


class DuplicatePair(BaseModel):
    """Two files and what they share."""

    customer: CustomerSummary
    other: CustomerSummary
    reasons: list[ReasonName]


class DuplicatePage(BaseModel):
    items: list[DuplicatePair]
    next_cursor: str | None


class TwoPeople(Request):
    """These two files are two people: not suggested again."""

    customer_id: UUID
    other_customer_id: UUID


class NewMerge(Request):
    """``merged_id`` becomes a part of ``kept_id``, which keeps what both say differently."""

    kept_id: UUID
    merged_id: UUID


class CustomerMerge(BaseModel):
    """``moved``: rows by table and column that the kept file took over."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    merged_name: str = Field(description="As the merged file had it.")
    moved: dict[str, int]
    merged_by: str
    merged_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    can_undo: bool


class CustomerMergeList(BaseModel):
    items: list[CustomerMerge]


_KEPT = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_MERGED = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f99"
_SUMMARY = {
    "id": _KEPT,
    "name": "Zoé Lefèvre",
    "reference": "loyalty-1042",
    "tags": [],
    "is_demo": False,
    "searchable": True,
    "template_count": 1,
    "last_visit_at": "2026-11-21T23:14:05Z",
    "portrait_url": f"/v1/customers/{_KEPT}/portrait",
}
_PAIR = {
    "customer": _SUMMARY,
    "other": {**_SUMMARY, "id": _MERGED, "name": "Zoe Lefebvre", "reference": None},
    "reasons": ["email", "birth_date_and_name"],
}
_MERGE = {
    "id": "9a8b7c6d-6666-4666-8666-000000000019",
    "kept_id": _KEPT,
    "merged_id": _MERGED,
    "merged_name": "Zoe Lefebvre",
    "moved": {"visit.customer_id": 4, "template.customer_id": 1},
    "merged_by": "Mia",
    "merged_at": "2026-11-22T14:05:00Z",
    "undone_by": None,
    "undone_at": None,
    "can_undo": True,
}
MERGE_EXAMPLES: dict[str, Any] = {
    "DuplicatePair": _PAIR,
    "DuplicatePage": {"items": [_PAIR], "next_cursor": None},
    "TwoPeople": {"customer_id": _KEPT, "other_customer_id": _MERGED},
    "NewMerge": {"kept_id": _KEPT, "merged_id": _MERGED},
    "CustomerMerge": _MERGE,
    "CustomerMergeList": {"items": [_MERGE]},
}
