"""One worked example of the watchlist's arithmetic: docs and the API's examples show the same."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from vestibule.domain.incidents import IncidentKind, IncidentState, Part, PastIncident
from vestibule.domain.watchlist_evidence import evidence_content
from vestibule.domain.watchlist_policy import AS_SHIPPED
from vestibule.domain.watchlist_scoring import Before, Finding, Score, findings, score

NIGHT = date(2026, 11, 21)
VENUE = UUID("9f6a1c34-5b1d-4f5e-8a3b-2c7d9e0f1a11")
REPORTERS = {
    UUID("3a9d2f10-1111-4111-8111-000000000021"): "Noor",
    UUID("3a9d2f10-1111-4111-8111-000000000022"): "Ines",
}
_NOOR, _INES = REPORTERS


def example_incidents() -> list[PastIncident]:
    return [
        _incident(1, IncidentKind.THEFT, 2, nights_ago=130, reporter_id=_NOOR),
        _incident(2, IncidentKind.VIOLENCE, 3, nights_ago=20, reporter_id=_NOOR),
        _incident(3, IncidentKind.HARASSMENT, 4, nights_ago=0, reporter_id=_INES),
    ]


def example_score() -> Score:
    return score(AS_SHIPPED, example_incidents(), as_of=NIGHT)


def example_finding() -> Finding:
    (found,) = findings(AS_SHIPPED, example_incidents(), as_of=NIGHT, before=Before(heard={}))
    return found


def example_evidence() -> dict[str, Any]:
    found = example_finding()
    return evidence_content(
        AS_SHIPPED, found.score, as_of=NIGHT, threshold=found.threshold, rung=found.rung
    )


def _incident(
    number: int, kind: IncidentKind, severity: int, *, nights_ago: int, reporter_id: UUID
) -> PastIncident:
    night = NIGHT - timedelta(days=nights_ago)
    return PastIncident(
        incident_id=UUID(f"5c1e7a20-2222-4222-8222-{number:012d}"),
        kind=kind,
        severity=severity,
        occurred_at=datetime.combine(night, time(23, 40), tzinfo=UTC),
        venue_id=VENUE,
        night=night,
        reporter_id=reporter_id,
        state=IncidentState.VERIFIED,
        part=Part.ACTOR,
    )
