"""What a policy would have proposed over the recorded past, night by night. It decides nothing.

Supposed of people: that they approved each proposal. So both policies that are compared meet the
same people, and a ladder is climbed as it would be.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from vestibule.domain.incidents import PastIncident
from vestibule.domain.watchlist_policy import WatchlistPolicy
from vestibule.domain.watchlist_scoring import Before, Finding, findings

Key = TypeVar("Key")
Histories = Mapping[UUID, Sequence[PastIncident]]


@dataclass(frozen=True, slots=True)
class Supposed:
    """A proposal that would have been made of that customer on that night."""

    customer_id: UUID
    night: date
    finding: Finding


@dataclass(frozen=True, slots=True)
class Change:
    """One customer under both policies, in the order of the nights."""

    customer_id: UUID
    now: tuple[Supposed, ...]
    then: tuple[Supposed, ...]

    @property
    def days_more(self) -> int:
        """Under the second policy; negative where it keeps them out for less long."""
        return _days(self.then) - _days(self.now)


@dataclass(frozen=True, slots=True)
class Pair:
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``changes`` holds only customers of whom the policies differ, the most days more first."""

    customers: int
    proposals: Pair
    people: Pair
    months: Mapping[str, Pair]
    venues: Mapping[UUID | None, Pair]
    changes: tuple[Change, ...]


def replay(policy: WatchlistPolicy, histories: Histories) -> dict[UUID, tuple[Supposed, ...]]:
    """By customer; who would have been proposed never is left out."""
    found = {
        customer_id: tuple(_replayed(policy, customer_id, past))
        for customer_id, past in histories.items()
    }
    return {customer_id: supposed for customer_id, supposed in found.items() if supposed}


def compare(now: WatchlistPolicy, then: WatchlistPolicy, histories: Histories) -> Comparison:
    before, after = replay(now, histories), replay(then, histories)
    changes = [
        Change(customer_id, before.get(customer_id, ()), after.get(customer_id, ()))
        for customer_id in before.keys() | after.keys()
        if _outcome(before.get(customer_id, ())) != _outcome(after.get(customer_id, ()))
    ]
    flat = [[one for row in of.values() for one in row] for of in (before, after)]
    return Comparison(
        customers=len(histories),
        proposals=Pair(len(flat[0]), len(flat[1])),
        people=Pair(len(before), len(after)),
        months=_paired(*(Counter(one.night.strftime("%Y-%m") for one in of) for of in flat)),
        venues=_paired(*(Counter(one.finding.venue_id for one in of) for of in flat)),
        changes=tuple(sorted(changes, key=lambda one: (-one.days_more, one.customer_id))),
    )


def _replayed(
    policy: WatchlistPolicy, customer_id: UUID, past: Sequence[PastIncident]
) -> Iterator[Supposed]:
    """Points only rise where and when something happens, so nothing else needs a look."""
    heard: dict[UUID | None, frozenset[UUID]] = {}
    entered: list[date] = []
    for night in sorted({one.night for one in past}):
        since = night - timedelta(days=policy.forgotten_after_days)
        known = [one for one in past if since < one.night <= night]
        before = Before(heard, entries=sum(1 for earlier in entered if earlier > since))
        here = {one.venue_id for one in known if one.night == night}
        for finding in findings(policy, known, as_of=night, before=before, venues=here):
            scope = finding.venue_id
            heard[scope] = heard.get(scope, frozenset()) | finding.score.incident_ids
            entered.append(night)
            yield Supposed(customer_id, night, finding)


def _outcome(supposed: Sequence[Supposed]) -> list[tuple[date, UUID | None, int]]:
    return [(one.night, one.finding.venue_id, one.finding.days) for one in supposed]


def _days(supposed: Sequence[Supposed]) -> int:
    return sum(one.finding.days for one in supposed)


def _paired(now: Counter[Key], then: Counter[Key]) -> dict[Key, Pair]:
    return {key: Pair(now[key], then[key]) for key in sorted(now | then, key=str)}
