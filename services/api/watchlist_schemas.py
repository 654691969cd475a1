"""Over the wire: proposals for the watchlist, entries and appeals."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from services.api.schemas import Request
from vestibule.domain.names import clean_text

OriginName = Literal["algorithm", "person"]
ProposalState = Literal["open", "approved", "rejected", "expired", "withdrawn"]
Verdict = Literal["approve", "reject"]
EntryState = Literal["waiting", "active", "lapsed", "lifted"]
OutcomeName = Literal["upheld", "shortened", "lifted"]
ObjectionCode = Literal[
    "not_a_person",
    "not_permitted",
    "proposed_it",
    "reported_an_incident",
    "corrected_an_incident",
    "decided_already",
    "decided_the_proposal",
]


def _said(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise ValueError("must not be empty")
    return cleaned


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(_said),
]
Points = Annotated[float, Field(description="Exact to a thousandth.")]


class NamedVenue(BaseModel):
    id: UUID
    name: str


class NamedCustomer(BaseModel):
    id: UUID
    name: str


class WatchlistDecision(BaseModel):
    verdict: Verdict
    reason: str
    decided_by: str
    decided_at: datetime
    counts: bool = Field(
        description="False for an approval by somebody who corrected one of its incidents since."
    )


class WatchlistProposalSummary(BaseModel):
    """That somebody be kept out. It keeps nobody out before people approve it."""

    id: UUID
    customer: NamedCustomer
    venue: NamedVenue | None = Field(description="Null is the whole chain.")
    origin: OriginName
    state: ProposalState
    points: Points
    threshold: int = Field(description="What the policy asked for.")
    days: int
    approvals_needed: int
    approvals: int
    objection: ObjectionCode | None = Field(
        description="Why the caller is not the one to decide; null if they may."
    )
    created_at: datetime
    expires_at: datetime = Field(description="Unanswered until then, it is closed.")
    closed_at: datetime | None


class WatchlistProposalPage(BaseModel):
    items: list[WatchlistProposalSummary]
    total: int
    next_offset: int | None


class ArithmeticLine(BaseModel):
    """One incident: ``base`` x ``repetition_percent`` / 100 x what its age leaves of it."""

    incident_id: UUID
    kind: str
    severity: int
    night: date
    venue: NamedVenue | None
    reported_by: str
    base: int
    night_number: int = Field(description="1 for the first night that counts, 2 for the second.")
    repetition_percent: int
    age_days: int
    left: float = Field(description="What age leaves, from 0 to 1, rounded.")
    points: Points


class ArithmeticSum(BaseModel):
    """What one night or one reporter brings, and what of it the cap lets count."""

    name: str
    points: Points
    counted: Points


class Arithmetic(BaseModel):
    """Summed up by night and by reporter, each with its cap; the lower sum counts."""

    as_of: date
    lines: list[ArithmeticLine]
    nights: list[ArithmeticSum]
    reporters: list[ArithmeticSum]
    by_night: Points
    by_reporter: Points
    decided_by: Literal["night", "reporter"]
    points: Points
    threshold: int
    rung: int | None = Field(description="Of the ladder of durations; null: chosen by a person.")
    ladder_days: list[int]
    policy_number: int
    policy: dict[str, int] = Field(description="The numbers that it was worked out with.")


class ProposalIncident(BaseModel):
    """An incident it rests on, as it is now."""

    id: UUID
    kind: str
    severity: int
    state: Literal["reported", "verified", "dismissed", "closed"]
    occurred_at: datetime
    venue: NamedVenue | None
    reported_by: str
    account: str


class EntryEnd(BaseModel):
    id: UUID
    starts_at: datetime
    ends_at: datetime


class WatchlistProposal(WatchlistProposalSummary):
    """With its evidence, its arithmetic, and what people said."""

    is_found_by_face: bool = Field(description="False: there is no face of theirs to show.")
    reason: str = Field(description="Of the person who proposed; empty for the algorithm.")
    proposed_by: str
    extends: EntryEnd | None = Field(description="It would follow this entry without a gap.")
    entry: EntryEnd | None = Field(description="What came of it.")
    decisions: list[WatchlistDecision]
    arithmetic: Arithmetic
    incidents: list[ProposalIncident]


class NewWatchlistProposal(Request):
    """By hand, on verified incidents. Whoever proposes is not among those who approve."""

    customer_id: UUID
    venue_id: UUID | None = Field(description="Null is the whole chain.")
    days: int = Field(ge=1, le=1_095)
    incident_ids: list[UUID] = Field(min_length=1, max_length=100)
    reason: Reason


class NewWatchlistDecision(Request):
    verdict: Verdict
    reason: Reason


class WatchlistAppeal(BaseModel):
    """A customer's word against an entry. It is decided by somebody who had no part in it."""

    id: UUID
    statement: str
    recorded_by: str
    recorded_at: datetime
    due_at: datetime
    is_overdue: bool
    objection: ObjectionCode | None = Field(
        description="Why the caller is not the one to decide; null if they may."
    )
    outcome: OutcomeName | None
    outcome_reason: str | None
    decided_by: str | None
    decided_at: datetime | None


class WatchlistEntry(BaseModel):
    """Somebody is kept out, always with an end. At the door only *Call a manager* is shown."""

    id: UUID
    customer: NamedCustomer
    venue: NamedVenue | None = Field(description="Null is the whole chain.")
    proposal_id: UUID
    state: EntryState
    starts_at: datetime
    ends_at: datetime
    first_ends_at: datetime = Field(description="The end that was approved.")
    approved_by: list[str]
    is_found_by_face: bool = Field(
        description="False: no face is on file or no consent holds; by name only."
    )
    may_lift: bool
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_reason: str | None
    appeals: list[WatchlistAppeal]


class WatchlistEntryPage(BaseModel):
    items: list[WatchlistEntry]
    total: int
    next_offset: int | None


class NewWatchlistLift(Request):
    reason: Reason


class NewWatchlistAppeal(Request):
    """Taken down for the customer, against each of their entries that holds here."""

    customer_id: UUID
    statement: Reason


class RecordedAppeal(BaseModel):
    """What the customer may be told: that it is recorded, and by when it is decided."""

    id: UUID
    due_at: datetime


class RecordedAppeals(BaseModel):
    items: list[RecordedAppeal]


class AppealOnEntry(BaseModel):
    appeal: WatchlistAppeal
    entry: WatchlistEntry


class WatchlistAppealPage(BaseModel):
    items: list[AppealOnEntry]
    total: int
    next_offset: int | None


class PlaceScore(BaseModel):
    venue: NamedVenue | None = Field(description="Null is the whole chain.")
    arithmetic: Arithmetic


class WatchlistStanding(BaseModel):
    """What a customer's incidents come to tonight, and what people asked and decided so far."""

    customer: NamedCustomer
    scores: list[PlaceScore]
    incidents: list[ProposalIncident] = Field(description="Those that count, newest first.")
    proposals: list[WatchlistProposalSummary] = Field(description="Newest first.")
    entries: list[WatchlistEntry] = Field(description="Newest first.")
    longest_days: int = Field(description="The most that may be proposed by hand.")


class NewAppealOutcome(Request):
    outcome: OutcomeName
    reason: Reason
    ends_at: AwareDatetime | None = Field(
        default=None, description="The new end: ahead, and before the present one. Shortened only."
    )


class NameCheck(Request):
    name: str = Field(min_length=1, max_length=200)
    venue_id: UUID


class NameChecked(BaseModel):
    """For the door, of somebody without a face on file: whether to call a manager, never why."""

    call_a_manager: bool
