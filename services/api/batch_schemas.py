"""Over the wire: large work in pieces, and the generations of the index that it fills."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.schemas import JobError
from services.api.template_schemas import CustomerNamed

BatchKind = Literal["rebuild", "reembed", "import"]
BatchState = Literal["running", "paused", "done", "cancelled", "failed"]
Pace = Literal["full", "polite", "slow"]
LowLightName = Literal["on", "off", "lifted"]
GenerationState = Literal["building", "ready", "serving", "standby", "dropped"]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class NewBatch(BaseModel):
    """``rebuild`` fills the index anew without a model. ``reembed`` takes every face over into the
    space of ``pack`` with that low-light step; what is not named is as the settings say."""

    kind: Literal["rebuild", "reembed"]
    pack: str | None = Field(default=None, max_length=100)
    low_light: LowLightName | None = None
    pace: Pace = "polite"
    at_once: int = Field(default=2, ge=1, le=64, description="Chunks that are worked on at a time.")


class PaceChange(BaseModel):
    pace: Pace


class Batch(BaseModel):
    """``settled`` of ``total`` items are through, ``failed`` of them could not be done."""

    id: UUID
    kind: BatchKind
    state: BatchState
    generation: int | None
    pack: str | None
    low_light: str | None
    pace: Pace
    at_once: int
    total: int
    settled: int
    failed: int
    rate_per_s: float | None = Field(description="Since it began or was resumed; while it runs.")
    eta_s: float | None = Field(description="Seconds to the end at that rate.")
    error: JobError | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None


class BatchList(BaseModel):
    """The latest 20."""

    items: list[Batch]


class BatchFailure(BaseModel):
    """``no_face``: the other pack finds none in the stored picture. ``crop_missing``: there is no
    picture. Both mean that the guest has to be enrolled anew for that pack."""

    customer: CustomerNamed | None
    template_id: UUID | None
    item: str | None
    code: str
    at: datetime


class BatchFailurePage(BaseModel):
    items: list[BatchFailure]
    total: int
    next_offset: int | None


class Comparison(BaseModel):
    """The same enrolled faces asked of both, each without itself; see ADR 21.

    ``agreeing`` of ``faces`` got the same answer; the share lies within ``agree_low`` and
    ``agree_high`` (95 %). ``right_old`` and ``right_new`` of ``findable`` name the right guest.
    """

    against: int
    at: datetime
    faces: int
    agreeing: int
    same: int
    nobody: int
    only_old: int
    only_new: int
    different: int
    agree_low: float
    agree_high: float
    findable: int
    right_old: int
    right_new: int
    same_neighbours: int | None = Field(default=None, description="Of one space: exactly alike.")
    largest_score_gap: float | None = None


class IndexGeneration(BaseModel):
    """A filling of the index. ``lacking``: faces that the serving one finds and this one lacks."""

    number: int
    state: GenerationState
    pack: str
    low_light: str
    space_id: str
    templates: int
    lacking: int | None
    unusable: int = Field(description="Faces that its pack could not take over.")
    comparison: Comparison | None
    created_by: str
    created_at: datetime
    ready_at: datetime | None
    served_at: datetime | None
    dropped_at: datetime | None


class IndexGenerationList(BaseModel):
    """The latest first."""

    items: list[IndexGeneration]


class GenerationSwitch(BaseModel):
    reason: Reason


class GenerationDrop(BaseModel):
    """``clears_templates``: the faces of its space go too, where no other generation is of it."""

    reason: Reason
    clears_templates: bool = False
