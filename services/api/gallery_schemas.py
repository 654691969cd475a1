"""Over the wire: the health of the gallery."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.schemas import CustomerSummary, JobError
from services.api.template_schemas import CustomerNamed

FindingName = Literal["outlier", "nearer", "duplicate", "wrong_matches", "poor", "overridden"]
GapName = Literal["no_consent", "no_face", "single_face", "old_faces"]


class GalleryHealth(BaseModel):
    """The last look through the gallery, and how much is to be seen to."""

    state: Literal["never", "queued", "running", "done", "failed"]
    step: str | None = Field(description="While it runs: customers done and in all, as 50/428.")
    error: JobError | None
    examined_at: datetime | None = Field(description="When the findings below were found.")
    customers: int | None
    templates: int | None
    comparisons: int | None = Field(description="Pairs of customers: N(N-1)/2.")
    expected_pairs: float | None = Field(
        description="Pairs of different people that look like one person by chance."
    )
    findings: dict[FindingName, int]
    gaps: dict[GapName, int]
    judged: int


class FaceOnFile(BaseModel):
    template_id: UUID
    crop_url: str
    created_at: datetime


class GalleryFinding(BaseModel):
    """``other`` is the face beside it: of ``other_customer``, or for an outlier of the same."""

    id: UUID
    kind: FindingName
    customer: CustomerNamed
    face: FaceOnFile
    other_customer: CustomerNamed | None
    other: FaceOnFile | None
    count: int | None = Field(description="Wrong matches that this face was behind.")


class GalleryFindingPage(BaseModel):
    items: list[GalleryFinding]
    total: int
    next_offset: int | None


class GalleryJudgement(BaseModel):
    """Somebody said that it is as it should be."""

    id: UUID
    kind: FindingName
    customer: CustomerNamed
    other_customer: CustomerNamed | None
    template_id: UUID | None
    judged_by: str
    judged_at: datetime


class GalleryJudgementPage(BaseModel):
    items: list[GalleryJudgement]
    total: int
    next_offset: int | None


class GapPage(BaseModel):
    items: list[CustomerSummary]
    total: int
    next_offset: int | None
