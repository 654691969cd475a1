"""What goes over the wire of calibration: scores in numbers of people, thresholds, answers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from vestibule.domain.names import clean_text

LightName = Literal["bright", "dim", "dark"]
ProposalSource = Literal["target", "answers", "photos"]
Shortcoming = Literal["few_answers", "few_people", "beyond_measured"]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500),
    AfterValidator(clean_text),
]


class Alikeness(BaseModel):
    """How many other people look at least so much like the candidate as this face does.

    It is not the probability that this is the customer, which depends on who comes in.
    """

    one_in: int = Field(description="About one person in so many; in steps of 1, 2 and 5.")
    is_bound: bool = Field(description="Fewer than one in so many: it was not measured further.")
    source: Literal["measured", "venue"] = Field(
        description="On labelled photos, or from this venue's own answered alerts."
    )
    set_name: str | None = Field(description="The labelled photos, if measured on some.")
    people: int | None
    pairs: int = Field(description="Pairs of people, or comparisons of unknown faces with guests.")
    measured_at: date | None
    band: LightName
    own_light: bool = Field(description="Measured in the light of this face.")
    at_most_one_in: int | None = Field(
        description="With a bound: what the rule of three allows, had no pair been so alike."
    )


# ── the calibration in force ────────────────────────────────────────────────────────────────
class MeasuredSet(BaseModel):
    """The labelled photos behind the quantiles."""

    name: str
    people: int
    photos: int
    measured_at: date | None


class CalibrationInForce(BaseModel):
    """``proposal_id`` is null while the calibration that is there without adoption decides."""

    proposal_id: UUID | None
    measured_on: MeasuredSet
    target_fpir: float = Field(
        description="The share of faces of unknown people that may come out as a match."
    )
    review_fpir: float = Field(description="As a match or a check.")
    adopted_by: str | None
    adopted_at: datetime | None
    reason: str | None


class BandThresholds(BaseModel):
    """One light at today's gallery.

    ``missed_match`` is the share of guests' faces under the match threshold, ``missed_review``
    under the review threshold too, with one template a guest; null where it was not measured.
    The factors say how many times as often as measured unknown people come out here.
    """

    band: LightName
    threshold: float
    review_threshold: float
    own_table: bool = Field(description="Measured in this light, not the general table.")
    people: int = Field(description="How many people were measured in this light.")
    missed_match: float | None
    missed_review: float | None
    match_factor: float
    review_factor: float


class RateSeen(BaseModel):
    """Of unknown people's faces, the share that came out as somebody; 95 % interval by night."""

    value: float
    low: float
    high: float


class BandAnswers(BaseModel):
    """What the answers of the last 90 nights say of one light.

    ``expected`` is how many false alerts were expected, ``not_them`` how many were answered so.
    """

    band: LightName
    nights: int
    faces: int
    alerts: int
    answered: int
    not_them: float = Field(description="At most 20 answers a person and night count in full.")
    expected: float
    rate: RateSeen | None
    match_factor: float
    review_factor: float
    is_enough: bool


class CalibrationAdoption(BaseModel):
    """Who put what in force, when and why. ``proposal_id`` null: what is there without."""

    number: int
    proposal_id: UUID | None
    before_id: UUID | None
    reverts: bool
    despite_little_evidence: bool
    reason: str
    adopted_by: str
    adopted_at: datetime


class CalibrationProposalSummary(BaseModel):
    id: UUID
    source: ProposalSource
    target_fpir: float
    review_fpir: float
    shortcomings: list[Shortcoming]
    created_by: str
    created_at: datetime


class Bounds(BaseModel):
    smallest: float
    largest: float


class Calibration(BaseModel):
    """What decides at this venue now, at today's gallery, with the evidence behind it."""

    venue: str
    pack: str
    space_id: str
    searchable_customers: int
    templates: int
    in_force: CalibrationInForce
    bands: list[BandThresholds]
    answers: list[BandAnswers]
    target_bounds: Bounds
    review_bounds: Bounds
    history: list[CalibrationAdoption] = Field(description="The latest 20, newest first.")
    proposals: list[CalibrationProposalSummary] = Field(description="The latest 10.")


# ── what could be adopted ───────────────────────────────────────────────────────────────────
class NewCalibrationProposal(BaseModel):
    """What is left out stays as it is in force."""

    model_config = ConfigDict(extra="forbid")

    target_fpir: float | None = None
    review_fpir: float | None = None
    from_answers: bool = Field(default=False, description="Weigh this venue's answered alerts.")
    measured: dict[str, Any] | None = Field(
        default=None, description="A calibration file's content, measured in the same space."
    )


class Decisions(BaseModel):
    match: int
    review: int
    unknown: int


class BandChange(BaseModel):
    band: LightName
    now: BandThresholds
    then: BandThresholds
    decided: Decisions = Field(description="The last nights' faces, as they were decided.")
    would_decide: Decisions = Field(description="The same faces under this proposal.")


class CalibrationProposal(CalibrationProposalSummary):
    """A proposal with what it would change. It changes nothing until it is adopted."""

    is_in_force: bool
    measured_on: MeasuredSet
    bands: list[BandChange]
    nights: int = Field(description="Nights with faces, of the last 14, that were decided again.")


class NewCalibrationAdoption(BaseModel):
    model_config = ConfigDict(extra="forbid")

    proposal_id: UUID
    reason: Reason
    despite_little_evidence: bool = Field(
        default=False, description="Needed where the proposal has shortcomings."
    )


class NewCalibrationReversion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason
