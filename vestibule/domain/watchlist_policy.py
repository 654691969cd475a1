"""What a chain asks before it proposes to keep somebody out, for how long, and how many must agree.

A policy only says what is *proposed*. That people decide, who may not, and that every entry ends
is no matter of policy: ``domain/watchlist_deciders.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.incidents import LEAST_SEVERE, MOST_SEVERE, IncidentKind

LONG_DAYS = 30
"""An entry longer than that, or one for the whole chain, needs two people at least."""
LONGEST_DAYS = 1095
MOST_POINTS = 1000
SEVERITIES = range(LEAST_SEVERE, MOST_SEVERE + 1)

BOUNDS: Mapping[str, tuple[int, int]] = {
    "half_life_days": (7, 365),
    "forgotten_after_days": (14, LONGEST_DAYS),
    "repetition_percent": (0, 100),
    "repetition_limit_percent": (100, 400),
    "reporter_cap": (1, MOST_POINTS),
    "night_cap": (1, MOST_POINTS),
    "venue_threshold": (2, 10 * MOST_POINTS),
    "chain_threshold": (2, 10 * MOST_POINTS),
    "approvals_short": (1, 3),
    "approvals_long": (2, 4),
    "approvals_chain": (2, 4),
    "answer_within_days": (1, 90),
    "appeal_within_days": (1, 60),
}
"""What each number may be; the least of the long approvals is two, whatever a chain prefers."""


@dataclass(frozen=True, slots=True)
class WatchlistPolicy:
    """One version. Made by ``policy_of``, which holds it to every rule of ``problems_of``."""

    points: Mapping[IncidentKind, tuple[int, ...]]
    """For each kind what severity 1 to 5 is worth, in whole points."""
    half_life_days: int
    forgotten_after_days: int
    """From that age in nights on an incident counts nothing at all."""
    repetition_percent: int
    """What an incident weighs more for each earlier night that counts."""
    repetition_limit_percent: int
    """The most that an incident may weigh, 100 being its plain points."""
    reporter_cap: int
    """The most that everything of one reporter comes to: under both thresholds."""
    night_cap: int
    venue_threshold: int
    chain_threshold: int
    ladder_days: tuple[int, ...]
    """Durations, shortest first; earlier entries and multiples of the threshold climb it."""
    approvals_short: int
    approvals_long: int
    approvals_chain: int
    answer_within_days: int
    appeal_within_days: int

    def points_for(self, kind: IncidentKind, severity: int) -> int:
        return self.points[kind][severity - LEAST_SEVERE]

    def approvals_for(self, *, is_chain_wide: bool, total_days: int) -> int:
        """``total_days``: from when the person is first kept out, extensions included."""
        asked = self.approvals_long if total_days > LONG_DAYS else self.approvals_short
        return max(asked, self.approvals_chain) if is_chain_wide else asked


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """``code`` is stable; ``facts`` are the numbers that its words name."""

    field: str
    code: str
    facts: Mapping[str, int | str]


AS_SHIPPED = WatchlistPolicy(
    points={
        IncidentKind.VIOLENCE: (10, 20, 35, 55, 80),
        IncidentKind.HARASSMENT: (10, 20, 35, 50, 70),
        IncidentKind.WEAPON: (30, 45, 60, 80, 100),
        IncidentKind.THEFT: (5, 12, 22, 35, 50),
        IncidentKind.DAMAGE: (3, 8, 15, 25, 40),
        IncidentKind.DRUGS: (5, 12, 25, 40, 60),
        IncidentKind.OVER_CONSUMPTION: (0, 0, 5, 10, 15),
        IncidentKind.FRAUD: (3, 8, 18, 30, 45),
        IncidentKind.OTHER: (0, 5, 10, 15, 20),
    },
    half_life_days=90,
    forgotten_after_days=540,
    repetition_percent=25,
    repetition_limit_percent=200,
    reporter_cap=45,
    night_cap=75,
    venue_threshold=60,
    chain_threshold=120,
    ladder_days=(14, 30, 90, 180, 365),
    approvals_short=1,
    approvals_long=2,
    approvals_chain=2,
    answer_within_days=14,
    appeal_within_days=14,
)
"""What holds until a chain adopts its own. A start to be discussed, measured on nobody."""


def policy_of(content: Mapping[str, Any]) -> WatchlistPolicy:
    """From plain data. Raises InvalidInputError with every problem at once (fact: ``fields``)."""
    problems = list(problems_of(content))
    if problems:
        raise InvalidInputError(
            "; ".join(f"{problem.field}: {_in_words(problem)}" for problem in problems),
            fields=[{**asdict(problem), "problem": _in_words(problem)} for problem in problems],
        )
    return WatchlistPolicy(
        points={kind: tuple(content["points"][kind.value]) for kind in IncidentKind},
        ladder_days=tuple(content["ladder_days"]),
        **{name: content[name] for name in BOUNDS},
    )


def content_of(policy: WatchlistPolicy) -> dict[str, Any]:
    """As plain data, to be kept and sent; ``policy_of`` reads it back."""
    return {
        "points": {kind.value: list(policy.points[kind]) for kind in IncidentKind},
        "ladder_days": list(policy.ladder_days),
        **{name: getattr(policy, name) for name in BOUNDS},
    }


def problems_of(content: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    """All that is wrong, so that a form shows it at once; what is not a number only once."""
    known = {field.name for field in fields(WatchlistPolicy)}
    for name in sorted(set(content) - known):
        yield PolicyProblem(name, "unknown", {})
    yield from _of_points(content.get("points"))
    yield from _of_ladder(content.get("ladder_days"))
    sound = set()
    for name, (least, most) in BOUNDS.items():
        value = content.get(name)
        if not _is_whole_within(value, least, most):
            yield PolicyProblem(name, "out_of_bounds", {"least": least, "most": most})
        else:
            sound.add(name)
    yield from _between(content, sound)


def _of_points(points: Any) -> Iterator[PolicyProblem]:
    if not isinstance(points, Mapping):
        yield PolicyProblem("points", "missing", {})
        return
    names = {kind.value for kind in IncidentKind}
    for name in sorted(names ^ {str(key) for key in points}):
        yield PolicyProblem(f"points.{name}", "missing" if name in names else "unknown", {})
    for name in sorted(names & set(points)):
        row = points[name]
        if (
            not isinstance(row, list | tuple)
            or len(row) != len(SEVERITIES)
            or not all(_is_whole_within(value, 0, MOST_POINTS) for value in row)
        ):
            yield PolicyProblem(
                f"points.{name}", "out_of_bounds", {"least": 0, "most": MOST_POINTS}
            )
        elif list(row) != sorted(row):
            yield PolicyProblem(f"points.{name}", "more_severe_is_less", {})


def _of_ladder(ladder: Any) -> Iterator[PolicyProblem]:
    bounds = {"least": 1, "most": LONGEST_DAYS}
    if not isinstance(ladder, list | tuple) or not 1 <= len(ladder) <= 10:
        yield PolicyProblem("ladder_days", "missing", {})
    elif not all(_is_whole_within(days, 1, LONGEST_DAYS) for days in ladder):
        yield PolicyProblem("ladder_days", "out_of_bounds", bounds)
    elif any(later <= days for days, later in pairwise(ladder)):
        yield PolicyProblem("ladder_days", "must_rise", {})


def _between(content: Mapping[str, Any], sound: set[str]) -> Iterator[PolicyProblem]:
    """What two numbers must be to each other; only where both are numbers within bounds."""
    for low, high, code in (
        ("reporter_cap", "venue_threshold", "must_be_under"),
        ("reporter_cap", "chain_threshold", "must_be_under"),
        ("venue_threshold", "chain_threshold", "must_not_exceed"),
        ("half_life_days", "forgotten_after_days", "must_not_exceed"),
        ("approvals_short", "approvals_long", "must_not_exceed"),
    ):
        if {low, high} <= sound:
            fits = (
                content[low] < content[high]
                if code == "must_be_under"
                else content[low] <= content[high]
            )
            if not fits:
                yield PolicyProblem(low, code, {"other": high, "value": content[high]})


def _is_whole_within(value: Any, least: int, most: int) -> bool:
    return _is_whole(value) and least <= value <= most


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _in_words(problem: PolicyProblem) -> str:
    facts = problem.facts
    return {
        "unknown": "is not part of a policy",
        "missing": "is missing",
        "out_of_bounds": "whole numbers from {least} to {most}",
        "more_severe_is_less": "what is more severe must not be worth less",
        "must_rise": "each step must be longer than the one before",
        "must_be_under": "must be under {other} ({value})",
        "must_not_exceed": "must not be over {other} ({value})",
    }[problem.code].format(**facts)
