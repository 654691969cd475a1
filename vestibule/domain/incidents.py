"""What happened at a venue, who had which part in it, and what people made of the report."""

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
