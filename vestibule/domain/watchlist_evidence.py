"""A score with its arithmetic as plain data: kept with a proposal, shown to who decides."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from vestibule.domain.watchlist_policy import WatchlistPolicy
from vestibule.domain.watchlist_scoring import CappedSum, Score

_NAMED = (
    "half_life_days",
    "forgotten_after_days",
    "repetition_percent",
    "repetition_limit_percent",
    "reporter_cap",
    "night_cap",
)


def evidence_content(
    policy: WatchlistPolicy, reached: Score, *, as_of: date, threshold: int, rung: int | None
) -> dict[str, Any]:
    """Points in thousandths; names nobody but accounts by their id. ``rung`` None: chosen by hand.

    The numbers of the policy are in it, so that it can be read when another one is in force.
    """
    return {
        "as_of": as_of.isoformat(),
        "points": reached.points,
        "threshold": threshold,
        "rung": rung,
        "ladder_days": list(policy.ladder_days),
        "policy": {name: getattr(policy, name) for name in _NAMED},
        "decided_by": reached.decided_by.value,
        "by_night": sum(group.counted for group in reached.nights),
        "by_reporter": sum(group.counted for group in reached.reporters),
        "lines": [
            {
                "incident_id": str(line.incident_id),
                "kind": line.kind.value,
                "severity": line.severity,
                "night": line.night.isoformat(),
                "venue_id": str(line.venue_id),
                "reporter_id": str(line.reporter_id),
                "base": line.base,
                "night_number": line.night_number,
                "repetition_percent": line.repetition_percent,
                "age_days": line.age_days,
                "left": line.left,
                "points": line.points,
            }
            for line in reached.lines
        ],
        "nights": _groups(reached.nights),
        "reporters": _groups(reached.reporters),
    }


def _groups(groups: Iterable[CappedSum]) -> list[dict[str, Any]]:
    return [
        {"of": str(group.of), "points": group.points, "counted": group.counted} for group in groups
    ]
