"""How fast alerts are answered, and how often they were about somebody else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from vestibule.records.alert_tables import Alert
from vestibule.records.alerts import at_venues
from vestibule.records.database import Transaction


@dataclass(frozen=True, slots=True)
class VenueFigures:
    """Of one venue. ``median_s`` and ``slow_s`` (the slowest tenth begins there) count from the
    alert to its answer; None while nothing was answered."""

    venue_id: UUID
    raised: int
    same_person: int
    not_them: int
    lapsed: int
    open: int
    median_s: float | None
    slow_s: float | None

    @property
    def false_share(self) -> float | None:
        """Of those that somebody answered; None while nobody has."""
        answered = self.same_person + self.not_them
        return self.not_them / answered if answered else None


def by_venue(
    transaction: Transaction, *, venues: Iterable[UUID] | None, since: datetime, until: datetime
) -> Sequence[VenueFigures]:
    """Of alerts raised from ``since`` on and before ``until``; venues without any are left out."""
    took_s = func.extract("epoch", Alert.answered_at - Alert.raised_at)
    was_answered = Alert.answer.in_(("same_person", "not_them"))
    query = (
        select(
            Alert.venue_id,
            func.count(),
            func.count().filter(Alert.answer == "same_person"),
            func.count().filter(Alert.answer == "not_them"),
            func.count().filter(Alert.answer == "lapsed"),
            func.count().filter(Alert.answer.is_(None)),
            func.percentile_cont(0.5).within_group(took_s).filter(was_answered),
            func.percentile_cont(0.9).within_group(took_s).filter(was_answered),
        )
        .where(*at_venues(venues), Alert.raised_at >= since, Alert.raised_at < until)
        .group_by(Alert.venue_id)
    )
    return [VenueFigures(*row) for row in transaction.execute(query)]
