"""Over the wire: the chain's watchlist policy, its versions, and what another would have done."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from services.api.schemas import Request
from services.api.watchlist_schemas import NamedCustomer, NamedVenue, Points, Reason


class PolicyContent(BaseModel):
    """What is proposed, for how long, and how many must agree. Numbers are whole."""

    points: dict[str, list[int]] = Field(
        description="For each kind of incident, what severity 1 to 5 is worth; never falling."
    )
    half_life_days: int
    forgotten_after_days: int
    repetition_percent: int
    repetition_limit_percent: int
    reporter_cap: int = Field(description="Under both thresholds, so that one word never decides.")
    night_cap: int
    venue_threshold: int
    chain_threshold: int
    ladder_days: list[int]
    approvals_short: int
    approvals_long: int = Field(description="For more than 30 days: two at least.")
    approvals_chain: int = Field(description="For the whole chain: two at least.")
    answer_within_days: int
    appeal_within_days: int


class PolicyVersion(BaseModel):
    """Number 0 is the one that the product ships with."""

    number: int
    content: PolicyContent
    reason: str | None
    adopted_by: str | None
    adopted_at: datetime | None


class PolicyBounds(BaseModel):
    least: int
    most: int


class WatchlistPolicy(BaseModel):
    """The version in force, what each number may be, and every version before."""

    in_force: PolicyVersion
    bounds: dict[str, PolicyBounds]
    history: list[PolicyVersion] = Field(description="The latest 20, newest first.")
    may_edit: bool


class NewPolicySimulation(Request):
    """``content`` is a whole policy; what is wrong with it is said field by field (422)."""

    content: dict[str, Any]


class NewPolicyVersion(NewPolicySimulation):
    reason: Reason
    replaces: int = Field(ge=0, description="The version that was seen in force.")


class CountPair(BaseModel):
    """Under the policy in force, and under the other one."""

    now: int
    then: int


class MonthPair(CountPair):
    month: str


class VenuePair(CountPair):
    venue: NamedVenue | None = Field(description="Null is the whole chain.")


class SupposedProposal(BaseModel):
    """A proposal that would have been made that night, with how it came about."""

    night: date
    venue: NamedVenue | None
    points: Points
    threshold: int
    days: int
    incidents: int
    nights: int
    reporters: int


class SimulatedChange(BaseModel):
    customer: NamedCustomer
    now: list[SupposedProposal]
    then: list[SupposedProposal]
    days_more: int = Field(description="Days kept out under the other policy, less those now.")


class PolicySimulation(BaseModel):
    """Night by night over all recorded incidents, supposing that people approved everything.

    Nothing is proposed by it.
    """

    customers: int = Field(description="With incidents that count.")
    proposals: CountPair
    people: CountPair
    months: list[MonthPair]
    venues: list[VenuePair]
    changed_customers: int
    changes: list[SimulatedChange] = Field(description="The first 50, the most days more first.")
