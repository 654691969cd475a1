"""What goes over the wire of accuracy reports."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class AccuracyReportSummary(BaseModel):
    """One measurement of an engine on a set of labelled photos."""

    id: str
    source: Literal["shipped", "stored"] = Field(
        description="Measured by us and shipped with the product, or kept by this installation."
    )
    created_at: datetime | None = Field(description="When it was stored; null when shipped.")
    dataset: str
    label: str = Field(description="The pack, with what was set otherwise than by default.")
    space_id: str
    is_this_space: bool = Field(description="Of the embedding space that is in use now.")
    people: int
    photos: int


class AccuracyReportList(BaseModel):
    items: list[AccuracyReportSummary] = Field(
        description="Stored ones first, newest first, then the shipped."
    )


class AccuracyReport(AccuracyReportSummary):
    report: dict[str, Any] = Field(
        description="The figures, as `vestibule evaluate` writes them; `format` says which fields "
        "to expect. It names no person and no photo."
    )


_SUMMARY = {
    "id": "lfw-dev-open",
    "source": "shipped",
    "created_at": None,
    "dataset": "lfw-dev",
    "label": "open",
    "space_id": "30645cc925a867b1",
    "is_this_space": True,
    "people": 1402,
    "photos": 2763,
}
ACCURACY_EXAMPLES: dict[str, Any] = {
    "AccuracyReportSummary": _SUMMARY,
    "AccuracyReportList": {"items": [_SUMMARY]},
    "AccuracyReport": {**_SUMMARY, "report": {"format": 2, "dataset": "lfw-dev", "people": 1402}},
}
