"""Over the wire: incidents, who was in them, what became of the report."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    model_validator,
)

from services.api.schemas import Name, Request
from vestibule.domain.names import clean_text

IncidentKindName = Literal[
    "violence",
    "harassment",
    "weapon",
    "theft",
    "damage",
    "drugs",
    "over_consumption",
    "fraud",
    "other",
]
PartName = Literal["actor", "victim", "witness"]
IncidentStateName = Literal["reported", "verified", "dismissed", "closed"]
IncidentActionName = Literal[
    "reported", "edited", "verified", "dismissed", "closed", "attached", "detached"
]
Severity = Annotated[int, Field(ge=1, le=5, description="1 to 5, 5 being the worst.")]


def _said(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


Account = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_said)]
DecisionReason = Annotated[
    str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_said)
]
Version = Annotated[
    int,
    Field(ge=1, le=1_000_000, description="The version that was seen; another one answers 409."),
]


class IncidentQuery(BaseModel):
    """Which incidents are listed; what is left out leaves everything in."""

    state: list[IncidentStateName] = Field(default=[], max_length=4)
    kind: list[IncidentKindName] = Field(default=[], max_length=9)
    least_severity: int = Field(default=1, ge=1, le=5)
    venue_id: UUID | None = None
    customer_id: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    mine: bool = Field(default=False, description="Only what the caller reported.")
    cursor: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=25, ge=1, le=100)


class InvolvedPerson(Request):
    """A customer by id, or somebody unnamed by ``description``; never both."""

    part: PartName
    customer_id: UUID | None = None
    description: Annotated[Name | None, Field(description="Of somebody who is no customer.")] = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "InvolvedPerson":
        if (self.customer_id is None) == (self.description is None):
            raise ValueError("give customer_id or description")
        return self


class NewIncident(Request):
    id: UUID | None = Field(
        default=None, description="Chosen by the sender, so that sending twice reports once."
    )
    kind: IncidentKindName
    severity: Severity
    account: Account = Field(description="What happened.")
    people: list[InvolvedPerson] = Field(default=[], max_length=20)
    occurred_at: AwareDatetime | None = Field(default=None, description="Now, unless it is said.")
    venue_id: UUID | None = Field(default=None, description="This venue, unless it is said.")


class IncidentEdit(Request):
    """What is left out stays. Kind, severity, time, venue and people count: a verified incident in
    which one of them changes is to be verified again."""

    version: Version
    kind: IncidentKindName | None = None
    severity: Severity | None = None
    account: Account | None = None
    people: list[InvolvedPerson] | None = Field(default=None, max_length=20)
    occurred_at: AwareDatetime | None = None
    venue_id: UUID | None = None
    reason: DecisionReason | None = None


class Verification(Request):
    version: Version
    reason: DecisionReason | None = None


class Dismissal(Request):
    version: Version
    reason: DecisionReason


class Closure(Request):
    version: Version
    reason: DecisionReason | None = None


class IncidentPerson(BaseModel):
    """``name`` is the customer's. Neither id nor description: somebody who was erased since."""

    part: PartName
    customer_id: UUID | None
    name: str | None
    description: str | None


class VenueNamed(BaseModel):
    id: UUID
    name: str


class StaffNamed(BaseModel):
    id: UUID
    name: str


class IncidentSummary(BaseModel):
    id: UUID
    version: int
    kind: IncidentKindName
    severity: Severity
    state: IncidentStateName
    occurred_at: AwareDatetime
    venue: VenueNamed
    reporter: StaffNamed
    people: list[IncidentPerson]
    attachment_count: int
    created_at: AwareDatetime


class IncidentPage(BaseModel):
    """``waiting``: how many of those that the caller sees wait for a decision."""

    items: list[IncidentSummary]
    waiting: int
    next_cursor: str | None


class IncidentAttachment(BaseModel):
    id: UUID
    name: str
    media_type: Literal["image/jpeg", "application/pdf"]
    size_bytes: int
    added_by: StaffNamed
    created_at: AwareDatetime
    url: str


class IncidentRevision(BaseModel):
    """``changes``: of each field what it was and became (``was``, ``is``)."""

    version: int
    action: IncidentActionName
    by: StaffNamed
    at: AwareDatetime
    reason: str | None
    changes: dict[str, dict[str, object]]


class HoldOnIncident(BaseModel):
    """A legal hold: while it lasts nothing of the incident expires."""

    id: UUID
    is_on_a_guest: bool = Field(description="Placed on a guest in it, not on the incident.")
    placed_by: str
    placed_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str | None = Field(description="Only for those who may place holds.")


class Incident(IncidentSummary):
    """``may_verify`` is false where ``may_decide`` is true for who ever corrected it: they can
    dismiss it."""

    account: str
    night: date
    decision_reason: str | None
    attachments: list[IncidentAttachment]
    history: list[IncidentRevision] = Field(description="Oldest first.")
    holds: list[HoldOnIncident] = Field(
        default=[], description="Legal holds in force; not told to who merely reported it."
    )
    erased_kept_until: AwareDatetime | None = Field(
        default=None,
        description="A guest in it was erased, and a legal hold keeps what its claim needs until "
        "then. Only those who place holds read their name in what was written; then it goes.",
    )
    may_edit: bool
    may_decide: bool
    may_verify: bool
    may_close: bool
