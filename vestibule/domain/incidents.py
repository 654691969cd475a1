"""What happened at a venue, who had which part in it, and what people made of the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

LEAST_SEVERE, MOST_SEVERE = 1, 5


class IncidentKind(StrEnum):
    VIOLENCE = "violence"
    HARASSMENT = "harassment"
    WEAPON = "weapon"
    THEFT = "theft"
    DAMAGE = "damage"
    DRUGS = "drugs"
    OVER_CONSUMPTION = "over_consumption"
    FRAUD = "fraud"
    OTHER = "other"


class Part(StrEnum):
    """Only an actor did something; a victim or a witness gains nothing by an incident."""

    ACTOR = "actor"
    VICTIM = "victim"
    WITNESS = "witness"


class IncidentState(StrEnum):
    """REPORTED until a manager who did not report it decides. Only VERIFIED ones are CLOSED."""

    REPORTED = "REPORTED"
    VERIFIED = "VERIFIED"
    DISMISSED = "DISMISSED"
    CLOSED = "CLOSED"


COUNTING = frozenset({IncidentState.VERIFIED, IncidentState.CLOSED})
"""A closed incident was verified before, and still counts. Others count nothing."""


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident as it concerns one customer. ``night`` is the venue's, ``occurred_at`` aware."""

    incident_id: UUID
    kind: IncidentKind
    severity: int
    """1 to 5, 5 being the worst."""
    occurred_at: datetime
    venue_id: UUID
    night: date
    reporter_id: UUID
    """The account that reported it."""
    state: IncidentState
    part: Part


# ── who is in one, and what a change of one means ───────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody in an incident: a customer by id, or somebody unnamed by ``description``."""

    part: Part
    customer_id: UUID | None = None
    description: str | None = None


COUNTED_FIELDS = frozenset({"kind", "severity", "occurred_at", "venue_id", "people"})
"""What the points of the watchlist are worked out from. The account is not."""


def needs_new_decision(changed: Iterable[str]) -> bool:
    """Whether an incident that was decided has to be decided again after this change."""
    return not COUNTED_FIELDS.isdisjoint(changed)


def differences(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """What each field that is another one now was and became; fields that are only in one fail."""
    return {
        name: {"was": before[name], "is": value}
        for name, value in after.items()
        if before[name] != value
    }
