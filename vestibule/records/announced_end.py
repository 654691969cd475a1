"""The end of what is kept of guests who no longer come: announced first, then due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.retention import NOTICE
from vestibule.records.database import Transaction
from vestibule.records.legal_holds import Held
from vestibule.records.retention import Outlook, counted
from vestibule.records.retention_tables import FaceReminder, FileReminder
from vestibule.records.tables import Customer

_AHEAD = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class AnnouncedEnd:
    """``guests(until)`` selects those whom it may concern as ``id``, with ``last_at``, when they
    were last active; who was later than ``until`` may be among them."""

    guests: Callable[[datetime], Select[UUID, datetime]]
    reminder: type[FaceReminder] | type[FileReminder]

    def idle(self, until: datetime) -> Select[Any]:
        """Who was not active since, with ``made_at``, when they were told since, if they were."""
        inner = self.guests(until).subquery()
        told = and_(
            self.reminder.customer_id == inner.c.id, self.reminder.made_at >= inner.c.last_at
        )
        query = select(inner.c.id, inner.c.last_at, self.reminder.made_at)
        return query.outerjoin(self.reminder, told).where(inner.c.last_at <= until)

    def to_announce(
        self, transaction: Transaction, *, kept_days: int, now: datetime, limit: int
    ) -> list[UUID]:
        """Whose would go within ``NOTICE``, and nobody was told yet."""
        idle = self.idle(now - timedelta(days=kept_days) + NOTICE)
        query = idle.where(self.reminder.made_at.is_(None))
        return [row[0] for row in transaction.execute(query.limit(limit))]

    def announce(
        self, transaction: Transaction, customer_ids: list[UUID], *, now: datetime
    ) -> None:
        row = insert(self.reminder).values(
            [{"customer_id": one, "made_at": now} for one in customer_ids]
        )
        transaction.execute(
            row.on_conflict_do_update(
                index_elements=["customer_id"], set_={"made_at": row.excluded.made_at}
            )
        )

    def told_in_time(self, *, kept_days: int, now: datetime) -> Select[Any]:
        """Whose time is up, and who were told at least ``NOTICE`` ago."""
        idle = self.idle(now - timedelta(days=kept_days))
        return idle.where(self.reminder.made_at <= now - NOTICE)

    def goes_at_of(
        self, transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime
    ) -> datetime | None:
        """When this guest's goes, where that is announced; None before."""
        found = self.expected_of(transaction, customer_id, kept_days=kept_days, now=now)
        return found[0] if found is not None and found[1] else None

    def expected_of(
        self, transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime
    ) -> tuple[datetime, bool] | None:
        """When it goes if they do nothing until then, and whether that is announced.

        What they were last active by may lie ahead, as the end of an entry of the watchlist does.
        """
        idle = self.idle(now + _AHEAD).subquery()
        goes = select(_goes_at(idle, kept_days, now), idle.c.made_at.is_not(None))
        found = transaction.execute(goes.where(idle.c.id == customer_id)).first()
        return None if found is None else (found[0], found[1])

    def announced(
        self, transaction: Transaction, *, kept_days: int, now: datetime, limit: int
    ) -> list[tuple[UUID, str, datetime]]:
        """Guests who were told, with name and day; the first to go first."""
        idle = self.idle(now).where(self.reminder.made_at.is_not(None)).subquery()
        goes_at = _goes_at(idle, kept_days, now)
        query = select(idle.c.id, Customer.name, goes_at).join(Customer, Customer.id == idle.c.id)
        query = query.where(Customer.status == "ACTIVE").order_by(goes_at, idle.c.id).limit(limit)
        return [(row[0], row[1], row[2]) for row in transaction.execute(query)]

    def outlook(
        self,
        transaction: Transaction,
        *,
        kept_days: int,
        now: datetime,
        until: datetime,
        timezone: str,
        held: Held,
    ) -> Outlook:
        """Guests. Of who is held, what ends with the hold is overdue at once."""
        idle = self.idle(until - timedelta(days=kept_days)).subquery()
        goes_at = _goes_at(idle, kept_days, now)
        is_held = idle.c.id.in_(held.customers) if held.customers else false()
        due = select(goes_at.label("goes_at"), is_held.label("held")).where(goes_at <= until)
        return counted(transaction, due, now=now, timezone=timezone)

    def overdue_since(
        self, transaction: Transaction, *, kept_days: int, now: datetime, held: Held
    ) -> datetime | None:
        idle = self.idle(now - timedelta(days=kept_days)).subquery()
        goes_at = _goes_at(idle, kept_days, now)
        query = select(func.min(goes_at)).where(goes_at <= now)
        if held.customers:
            query = query.where(idle.c.id.not_in(held.customers))
        found: datetime | None = transaction.scalar(query)
        return found


def _goes_at(idle: Any, kept_days: int, now: datetime) -> ColumnElement[datetime]:
    told_at = func.coalesce(idle.c.made_at, now)
    return func.greatest(idle.c.last_at + timedelta(days=kept_days), told_at + NOTICE)
