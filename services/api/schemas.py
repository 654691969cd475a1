"""What goes over the wire under /v1. The names here are the public contract."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.api.alert_schemas import FaceAlert
from services.api.calibration_schemas import Alikeness, LightName
from services.api.fault_schemas import OverrideRecord
from services.api.open_offer_schema import OpenOffer
from services.api.profile_schemas import ProfileGiven, ProfileShown
from vestibule.domain.names import clean_name, clean_text


def _named(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_named),
]
Notes = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(clean_text)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_named)]
BoxPx = tuple[float, float, float, float]
JobState = Literal["queued", "running", "done", "failed"]
Stage = Literal["received", "detecting", "recognising", "done"]
DecisionName = Literal["MATCH", "REVIEW", "UNKNOWN", "UNUSABLE"]
UnusableName = Literal["too_small", "blurred", "turned"]


class Request(BaseModel):
    """A request body: unknown fields are refused, so a typo is never ignored."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """An error (RFC 9457). ``code`` is stable; ``detail`` is for people who read English."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    facts: dict[str, object] = {}


# ── sessions ────────────────────────────────────────────────────────────────────────────────
class SignIn(Request):
    token: str = Field(max_length=200, description="The secret part of a one-time sign-in link.")
    words: str | None = Field(
        default=None, max_length=80, description="What browser: 'Firefox on Android'."
    )


class NewSession(BaseModel):
    access_token: str
    expires_at: datetime


RoleName = Literal["door", "host", "manager", "dpo", "admin"]


class RoleHeld(BaseModel):
    role: RoleName
    venue_id: UUID | None = Field(description="Null is every venue of the chain.")


class PermissionHeld(BaseModel):
    permission: str
    venue_ids: list[UUID] | None = Field(description="Where it holds; null is everywhere.")


class VenueNamed(BaseModel):
    id: UUID
    name: str


class VenueOfSession(VenueNamed):
    """A night belongs to the day it began there, until ``closes_at_hour``."""

    timezone: str
    closes_at_hour: int


class Session(BaseModel):
    """``name`` is the person's, or that of the key. ``venue`` is where they are now."""

    actor: str
    name: str
    account_id: UUID | None = Field(description="Null for an API key: it is no person.")
    expires_at: datetime | None
    roles: list[RoleHeld]
    permissions: list[PermissionHeld]
    owes_second_factor: bool = Field(description="They may do nothing before they set one up.")
    venue: VenueOfSession
    venues: list[VenueOfSession] = Field(description="Where they may be, the first one first.")
    appeals_overdue: int = Field(
        description="Appeals whose day has passed and that the caller may decide."
    )
    requests_pressing: int = Field(description="Overdue or due soon, for who answers them.")


class NewSignInLink(BaseModel):
    """``path`` is opened once, within ``expires_at``, on the address people reach the pages at."""

    path: str
    expires_at: datetime


class IndexReconciliation(BaseModel):
    added: int
    removed: int


# ── consent ─────────────────────────────────────────────────────────────────────────────────
OtherPurpose = Literal["offers", "statistics", "sharing"]
PurposeName = Literal["recognition", "offers", "statistics", "sharing"]


class ConsentGiven(Request):
    """The consent that enrolment needs. ``basis`` has one value as long as no law adds another.

    It holds where the caller is; ``sharing`` carries it to the other venues of the chain.
    """

    basis: Literal["explicit-consent"]
    notice_shown: Literal[True] = Field(description="The notice was shown before consent.")
    given_by: Name = Field(
        default="the customer in person",
        description="By whom it was given, in words: 'the customer in person', 'on paper'.",
    )
    also: list[OtherPurpose] = Field(
        default=[], max_length=3, description="What was agreed to beside recognition, each apart."
    )
    language: Literal["en", "fr"] | None = Field(
        default=None, description="In which the notice was read."
    )
    notice_version: str | None = Field(
        default=None, max_length=40, description="Which was shown; null is the one in force."
    )


class Consent(BaseModel):
    """It counts until it is withdrawn or expires, at ``venue_id`` or, with null, everywhere."""

    id: UUID
    stands: bool = Field(default=True, description="Neither withdrawn nor over.")
    purpose: PurposeName
    basis: str
    notice_version: str
    given_by: str
    recorded_by: str
    given_at: datetime
    withdrawn_at: datetime | None
    venue_id: UUID | None = None
    method: str = Field(
        default="spoken", description="How it was given: spoken, tablet, paper, phone or import."
    )
    language: str | None = None
    expires_at: datetime | None = Field(
        default=None, description="From then on it counts no more; null is an older one."
    )
    proof_id: UUID | None = Field(default=None, description="What shows that it was given.")
    withdrawal_proof_id: UUID | None = None


# ── customers ───────────────────────────────────────────────────────────────────────────────
class NewCustomer(ProfileGiven, Request):
    name: Name
    notes: Notes = ""
    reference: Reference | None = Field(
        default=None, description="Loyalty number: your own key for this customer, unique."
    )


class CustomerChange(ProfileGiven, Request):
    """What is not named stays. Null takes a field off; a name and notes are never null."""

    name: Name | None = None
    notes: Notes | None = None
    reference: Reference | None = None


class Template(BaseModel):
    """A face on file. ``retired``: kept and not searched, see ``retired_for``."""

    id: UUID
    space_id: str
    created_at: datetime
    crop_url: str
    status: Literal["active", "retired"]
    retired_at: datetime | None = None
    retired_for: UUID | None = Field(
        default=None, description="The template that took its place, if one did."
    )
    override: OverrideRecord | None = Field(
        default=None, description="Set where it was accepted in spite of findings."
    )


class Visit(BaseModel):
    id: UUID
    night: date
    entered_at: datetime
    left_at: datetime | None = None
    source: str = Field(default="face", description="face, hand, ticket or import.")


class CustomerSummary(BaseModel):
    id: UUID
    name: str
    reference: str | None = Field(default=None, description="Loyalty number.")
    tags: list[str] = []
    is_demo: bool
    searchable: bool = Field(
        description="Has a consent, and a template in the space in use: a photo can find them."
    )
    template_count: int
    last_visit_at: datetime | None
    portrait_url: str | None


class Customer(ProfileShown, CustomerSummary):
    """``id`` is the file that the one asked for was merged into, where it was."""

    notes: str
    created_at: datetime
    visit_count: int
    visits: list[Visit] = Field(description="The latest 50, newest first.")
    templates: list[Template] = Field(description="The ones that photos are compared with.")
    retired_templates: list[Template] = Field(
        description="Kept, not searched: like others, or more than are allowed, or set aside."
    )
    consents: list[Consent]


class CustomerPage(BaseModel):
    items: list[CustomerSummary]
    alike: list[CustomerSummary] = Field(
        default=[], description="Where few match: who is written alike, the most alike first."
    )
    total: int
    next_cursor: str | None


class Erasure(BaseModel):
    """What an erasure removed. It is returned only when nothing finds the person any more."""

    erasure_id: UUID
    customer_id: UUID
    templates: int
    vectors: int
    images: int
    visits: int
    held_until: datetime | None = None
    waits_for: Literal["held_by_law", "keyring_away"] | None = Field(
        default=None, description="What it waits for where it is not complete; else null."
    )


# ── photos ──────────────────────────────────────────────────────────────────────────────────
class PhotoAccepted(BaseModel):
    id: UUID
    job_id: UUID
    state: JobState
    photo_url: str
    events_url: str


class SameUpload(BaseModel):
    photo_id: UUID
    created_at: datetime


class JobError(BaseModel):
    code: str
    detail: str


class MatchedCustomer(BaseModel):
    id: UUID
    name: str
    last_visit_at: datetime | None
    visit_count: int
    portrait_url: str
    care: Literal["watch", "care"] | None = Field(
        default=None, description="Whether staff is asked to take care of them now."
    )
    offers: list[OpenOffer] = Field(
        default=[], description="What holds here now, for a match or once they were confirmed."
    )


class Face(BaseModel):
    """One face of a photo. ``score`` is the best candidate's, in the metric of ``space_id``.

    ``threshold`` and ``review_threshold`` are the ones the decision was made with. ``customer`` is
    set for MATCH and REVIEW. ``can_enrol_until`` is set while an UNKNOWN face is held.
    """

    id: UUID
    number: int = Field(description="1 for the leftmost face, as drawn on the photo.")
    box_xyxy_px: BoxPx
    detection_score: float
    decision: DecisionName
    score: float | None
    threshold: float | None
    review_threshold: float | None
    space_id: str
    light_band: LightName | None = Field(description="How much light fell on the face.")
    alikeness: Alikeness | None = Field(
        description="For a match or a check, where enough was measured to say it."
    )
    reason: UnusableName | None
    customer: MatchedCustomer | None
    alert: FaceAlert | None = Field(description="Call a manager: see FaceAlert.")
    crop_url: str | None
    answer: Literal["same_person", "not_them", "left", "enrolled"] | None
    can_enrol_until: datetime | None


class PhotoSummary(BaseModel):
    id: UUID
    created_at: datetime
    state: JobState
    face_count: int | None
    match_count: int | None


class Photo(PhotoSummary):
    stage: Stage
    expires_at: datetime
    width_px: int = Field(description="Of the upright photo; boxes are in these pixels.")
    height_px: int
    image_url: str | None = Field(description="The stored photo, strangers blurred; once done.")
    same_as: SameUpload | None = Field(description="The same bytes were uploaded before.")
    error: JobError | None
    gallery_size: int | None
    timings_ms: dict[str, float] | None = Field(
        description="Milliseconds by stage, once done; wait_in_batch is part of detect and embed."
    )
    faces: list[Face]


class PhotoList(BaseModel):
    items: list[PhotoSummary]


class Answer(Request):
    """What a person says of a face: it is them, it is not them, or leave the unknown face alone."""

    answer: Literal["same_person", "not_them", "leave"]


class ProgressEvent(BaseModel):
    """One server-sent event named ``progress``. ``boxes`` come as soon as faces are found."""

    state: JobState
    stage: Stage
    elapsed_ms: int
    queue_position: int | None = None
    boxes: list[BoxPx] | None = None
    error: JobError | None = None


# ── the installation ────────────────────────────────────────────────────────────────────────
DemoState = Literal["absent", "loading", "loaded", "failed"]


class DemoSample(BaseModel):
    id: str
    title: str
    thumbnail_url: str


class Demo(BaseModel):
    """``state``: absent, loading, loaded or failed. Samples are photos to try once it is loaded."""

    state: DemoState
    progress: str | None
    error: JobError | None
    customer_count: int
    samples: list[DemoSample]
