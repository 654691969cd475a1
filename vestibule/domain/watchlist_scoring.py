"""What a customer's incidents come to, with every point explained. Exact: whole numbers only.

Points are counted in thousandths. An incident is worth its points, times what repetition adds,
times what its age leaves:

- *Repetition* goes by nights: one brawl that three people reported is one night.
- *Age* is counted in nights between two dates, so that no time zone and no change of the clocks
  moves it. Whole half-lives halve; within one the value falls in a straight line, which anybody can
  work out by hand. From ``forgotten_after_days`` on nothing is left.

They are added up twice, by night and by reporter, each with its cap; the lower sum counts. So no
night and no reporter brings more than its cap, more severe is never less, and order is nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from vestibule.domain.incidents import COUNTING, IncidentKind, Part, PastIncident
from vestibule.domain.watchlist_policy import WatchlistPolicy

THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One incident and its arithmetic: base x repetition x age, all but ``base`` in parts of 1000.

    ``points = base * repetition_percent / 100 * (what age leaves)``, in thousandths, rounded down.
    """

    incident_id: UUID
    kind: IncidentKind
    severity: int
    night: date
    venue_id: UUID
    reporter_id: UUID
    base: int
    night_number: int
    """1 for the first night that counts, 2 for the second …"""
    repetition_percent: int
    age_days: int
    left: int
    """What age leaves of it, in thousandths and rounded; only to be shown."""
    points: int


@dataclass(frozen=True, slots=True)
class CappedSum:
    """What one night or one reporter (``of``) brings: ``counted`` is ``points`` up to the cap."""

    of: date | UUID
    points: int
    counted: int


class SumBy(StrEnum):
    NIGHT = "night"
    REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` in thousandths: the lower of both sums; ``decided_by`` says which it was."""

    points: int
    decided_by: SumBy
    lines: tuple[ScoreLine, ...]
    nights: tuple[CappedSum, ...]
    reporters: tuple[CappedSum, ...]

    @property
    def incident_ids(self) -> frozenset[UUID]:
        return frozenset(line.incident_id for line in self.lines)


def score(policy: WatchlistPolicy, incidents: Iterable[PastIncident], *, as_of: date) -> Score:
    """Of one customer's incidents, at the venues that they happened at, on the night ``as_of``.

    What is not verified, what the customer had no active part in, what is forgotten and what is
    worth nothing is left out. The same incident twice, after two files were merged, counts once.
    """
    counting = _counting(policy, incidents, as_of)
    numbers = {night: n for n, night in enumerate(sorted({one.night for one in counting}), 1)}
    lines = tuple(_line(policy, one, numbers[one.night], as_of) for one in counting)
    nights = _capped(((line.night, line.points) for line in lines), policy.night_cap)
    reporters = _capped(((line.reporter_id, line.points) for line in lines), policy.reporter_cap)
    by_night = sum(group.counted for group in nights)
    by_reporter = sum(group.counted for group in reporters)
    return Score(
        points=min(by_night, by_reporter),
        decided_by=SumBy.REPORTER if by_reporter < by_night else SumBy.NIGHT,
        lines=lines,
        nights=nights,
        reporters=reporters,
    )


def _counting(
    policy: WatchlistPolicy, incidents: Iterable[PastIncident], as_of: date
) -> Sequence[PastIncident]:
    """Oldest first, each once; the order of two of one night is that of their ids."""
    found: dict[UUID, PastIncident] = {}
    for one in sorted(incidents, key=lambda one: (one.night, one.incident_id.int, one.severity)):
        if (
            one.state in COUNTING
            and one.part is Part.ACTOR
            and _age(one, as_of) < policy.forgotten_after_days
            and policy.points_for(one.kind, one.severity) > 0
        ):
            found[one.incident_id] = one
    return list(found.values())


def _line(policy: WatchlistPolicy, one: PastIncident, number: int, as_of: date) -> ScoreLine:
    base, age = policy.points_for(one.kind, one.severity), _age(one, as_of)
    repetition = min(
        100 + (number - 1) * policy.repetition_percent, policy.repetition_limit_percent
    )
    halvings, rest = divmod(age, policy.half_life_days)
    whole = 2 * policy.half_life_days
    left, of = whole - rest, whole * 2**halvings
    return ScoreLine(
        incident_id=one.incident_id,
        kind=one.kind,
        severity=one.severity,
        night=one.night,
        venue_id=one.venue_id,
        reporter_id=one.reporter_id,
        base=base,
        night_number=number,
        repetition_percent=repetition,
        age_days=age,
        left=(2 * THOUSANDTHS * left + of) // (2 * of),
        points=base * THOUSANDTHS * repetition * left // (100 * of),
    )


def _age(one: PastIncident, as_of: date) -> int:
    """In nights. A venue further east may be a night ahead: that is no age under nothing."""
    return max(0, (as_of - one.night).days)


def _capped(values: Iterable[tuple[date | UUID, int]], cap: int) -> tuple[CappedSum, ...]:
    sums: dict[date | UUID, int] = defaultdict(int)
    for key, points in values:
        sums[key] += points
    most = cap * THOUSANDTHS
    return tuple(CappedSum(key, sums[key], min(sums[key], most)) for key in sorted(sums, key=str))


# ── what follows from it ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Before:
    """What people were asked and decided earlier of this customer.

    ``heard`` are the incidents that rested in an earlier proposal, by its venue, None being the
    chain: nobody is asked twice on the same evidence. ``entries`` are earlier entries in number.
    """

    heard: Mapping[UUID | None, frozenset[UUID]]
    entries: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """That a proposal is due: where, on which evidence, for how long. Nobody is out by it."""

    venue_id: UUID | None
    score: Score
    threshold: int
    rung: int
    days: int


def findings(
    policy: WatchlistPolicy,
    incidents: Iterable[PastIncident],
    *,
    as_of: date,
    before: Before,
    venues: Set[UUID] | None = None,
) -> list[Finding]:
    """For the chain first, then by venue; at a venue only what the chain was not asked already.

    ``venues`` are those to look at beside the chain, None all: where nothing happened since the
    last look, points only fell.
    """
    everything = list(incidents)
    heard = before.heard.get(None, frozenset())
    found = []
    whole = _reached(policy, everything, policy.chain_threshold, as_of=as_of)
    if whole is not None and whole.incident_ids - heard:
        found.append(_finding(policy, None, whole, before.entries))
        heard |= whole.incident_ids
    for venue_id in sorted({one.venue_id for one in everything} if venues is None else venues):
        here = [one for one in everything if one.venue_id == venue_id]
        known = heard | before.heard.get(venue_id, frozenset())
        local = _reached(policy, here, policy.venue_threshold, as_of=as_of)
        if local is not None and local.incident_ids - known:
            found.append(_finding(policy, venue_id, local, before.entries))
    return found


def _reached(
    policy: WatchlistPolicy, incidents: Sequence[PastIncident], threshold: int, *, as_of: date
) -> Score | None:
    """The score where it reaches the threshold. Too few reporters are not worth adding up."""
    if len({one.reporter_id for one in incidents}) * policy.reporter_cap < threshold:
        return None
    reached = score(policy, incidents, as_of=as_of)
    return reached if reached.points >= threshold * THOUSANDTHS else None


def _finding(
    policy: WatchlistPolicy, venue_id: UUID | None, reached: Score, entries: int
) -> Finding:
    threshold = policy.chain_threshold if venue_id is None else policy.venue_threshold
    times = reached.points // (threshold * THOUSANDTHS)
    rung = min(times - 1 + entries, len(policy.ladder_days) - 1)
    return Finding(venue_id, reached, threshold, rung + 1, policy.ladder_days[rung])
