"""Over the wire: large work in pieces, and the generations of the index that it fills."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.api.schemas import ConsentGiven, JobError, Name
from services.api.template_schemas import CustomerNamed

BatchKind = Literal["rebuild", "reembed", "import"]
BatchState = Literal["running", "paused", "done", "cancelled", "failed"]
Pace = Literal["full", "polite", "slow"]
ImportSourceName = Literal["folder", "bucket"]
LowLightName = Literal["on", "off", "lifted"]
GenerationState = Literal["building", "ready", "serving", "standby", "dropped"]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class ImportConsent(ConsentGiven):
    """As of one enrolment, said of everybody at once."""

    given_by: Name = Field(description="By whom and how, in words: 'each guest, on paper'.")


class NewBatch(BaseModel):
    """``rebuild`` fills the index anew without a model. ``reembed`` takes every face over into the
    space of ``pack`` with that low-light step; what is not named is as the settings say.
    ``import`` enrols every photo of ``source``, one folder a guest, on the consent that all of them
    gave: see ``GET /v1/import-sources``."""

    kind: BatchKind
    source: ImportSourceName | None = Field(
        default=None, description="Of an import: a place that the operator set up for it."
    )
    consent: ImportConsent | None = Field(
        default=None, description="Of an import: what everybody whose photos lie there agreed to."
    )
    pack: str | None = Field(default=None, max_length=100)
    low_light: LowLightName | None = None
    pace: Pace = "polite"
    at_once: int = Field(default=2, ge=1, le=64, description="Chunks that are worked on at a time.")

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "NewBatch":
        is_import = self.kind == "import"
        if is_import and (self.source is None or self.consent is None):
            raise ValueError("an import needs a source and the consent that was given")
        if not is_import and (self.source is not None or self.consent is not None):
            raise ValueError("source and consent belong to an import")
        return self


class ImportSource(BaseModel):
    """``folder``: the one that ``VESTIBULE_IMPORT_DIR`` names. ``bucket``: the same of a bucket."""

    name: ImportSourceName


class ImportSourceList(BaseModel):
    """The places that the operator set up for photos to import."""

    items: list[ImportSource]


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
    source: ImportSourceName | None
    pace: Pace
    at_once: int
    total: int
    settled: int
    failed: int
    is_listing: bool = Field(description="Of an import: ``total`` still grows.")
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
    picture. Both mean that the guest has to be enrolled anew for that pack.

    Of an import: ``item`` is the photo, ``code`` the worst finding or what is wrong with the file.
    ``consent_withdrawn``: an import does not give again what a guest took back. ``was_erased``: nor
    does it bring back who was erased."""

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
