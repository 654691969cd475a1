"""Rows whose clock has run out: found, removed in pieces, counted by the day that they go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    false,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.retention import Kept
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import IncidentAttachment
from vestibule.records.legal_holds import Held
from vestibule.records.retained import BY_SETTING, Retained, retained
from vestibule.records.retention_tables import RetentionRound
from vestibule.records.watchlist_tables import WatchlistProposal


# ── what goes ───────────────────────────────────────────────────────────────────────────────
def remove_due(
    transaction: Transaction,
    kind: Kept,
    *,
    begun_before: datetime,
    now: datetime,
    held: Held,
    limit: int,
) -> tuple[list[Any], list[str]]:
    """What went, and the keys of objects that must go after the commit."""
    thing = retained(kind, now=now)
    ids = list(transaction.scalars(_due_now(thing, begun_before, held).limit(limit)))
    if not ids:
        return [], []
    objects = _objects_of(transaction, kind, ids)
    # An entry goes with its proposal, which carries it, its decisions and its appeals.
    key = WatchlistProposal.id if kind is Kept.ENTRY else thing.key
    transaction.execute(delete(key.class_).where(key.in_(ids)))
    return ids, objects


def _due_now(thing: Retained, begun_before: datetime, held: Held) -> Select[Any]:
    """The keys of what may go now, what is due first first."""
    query = select(thing.key).where(*_due(thing, begun_before), ~_is_held(thing, held))
    query = query.order_by(thing.since)
    if thing.locked is not None:
        query = query.with_for_update(of=thing.locked, skip_locked=True)
    return query


def _objects_of(transaction: Transaction, kind: Kept, ids: Collection[Any]) -> list[str]:
    if kind is Kept.CONSENT_PROOF:
        shown = select(ConsentProof.object_key).where(ConsentProof.id.in_(ids))
        return [key for key in transaction.scalars(shown) if key is not None]
    if kind not in (Kept.INCIDENT, Kept.DISMISSED_INCIDENT):
        return []
    attached = select(IncidentAttachment.object_key).where(IncidentAttachment.incident_id.in_(ids))
    return list(transaction.scalars(attached))


def _due(thing: Retained, begun_before: datetime) -> list[ColumnElement[bool]]:
    conditions = [thing.since <= begun_before]
    if thing.may_go is not None:
        conditions.append(thing.may_go)
    return conditions


def _is_held(thing: Retained, held: Held) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if thing.customer is not None and held.customers:
        conditions.append(thing.customer.in_(held.customers))
    if thing.incident is not None and held.incidents:
        conditions.append(thing.incident.in_(held.incidents))
    return or_(*conditions) if conditions else false()


# ── what goes when ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Outlook:
    """Of one kind. ``days`` are those on which something goes, without what is overdue.

    ``held`` would go within the same time, or would have gone, but for a legal hold.
    """

    days: dict[date, int]
    overdue: int
    overdue_since: datetime | None
    held: int


def outlook(
    transaction: Transaction,
    kind: Kept,
    *,
    kept_days: int,
    now: datetime,
    until: datetime,
    timezone: str,
    held: Held,
) -> Outlook:
    thing, kept = retained(kind, now=now), timedelta(days=kept_days)
    due = select((thing.since + kept).label("goes_at"), _is_held(thing, held).label("held"))
    return counted(transaction, due.where(*_due(thing, until - kept)), now=now, timezone=timezone)


def outlook_of_setting(
    transaction: Transaction, name: str, *, now: datetime, until: datetime, timezone: str
) -> Outlook:
    """Of what carries its own end."""
    parts = [
        select(column.label("goes_at"), false().label("held")).where(column <= until)
        for column in BY_SETTING[name]
    ]
    rows = union_all(*parts).subquery()
    due = select(rows.c.goes_at, rows.c.held)
    return counted(transaction, due, now=now, timezone=timezone)


def counted(
    transaction: Transaction, due: Select[*tuple[Any, ...]], *, now: datetime, timezone: str
) -> Outlook:
    """``due`` has a row a thing: ``goes_at`` and whether it is ``held``."""
    rows = due.subquery()
    goes_on = func.date(func.timezone(timezone, rows.c.goes_at))
    is_overdue = rows.c.goes_at <= now
    query = select(
        goes_on, is_overdue, rows.c.held, func.count(), func.min(rows.c.goes_at)
    ).group_by(goes_on, is_overdue, rows.c.held)
    days: dict[date, int] = {}
    overdue = held = 0
    since: datetime | None = None
    for day, late, is_held, count, first in transaction.execute(query):
        if is_held:
            held += count
        elif late:
            overdue += count
            since = first if since is None else min(since, first)
        else:
            days[day] = days.get(day, 0) + count
    return Outlook(dict(sorted(days.items())), overdue, since, held)


def overdue_since(
    transaction: Transaction, kind: Kept, *, kept_days: int, now: datetime, held: Held
) -> datetime | None:
    """Since when the oldest should be gone; None where nothing should."""
    thing, kept = retained(kind, now=now), timedelta(days=kept_days)
    query = select(func.min(thing.since)).where(*_due(thing, now - kept), ~_is_held(thing, held))
    oldest: datetime | None = transaction.scalar(query)
    return None if oldest is None else oldest + kept


# ── rounds ──────────────────────────────────────────────────────────────────────────────────
def note_round(transaction: Transaction, kind: Kept, *, now: datetime, removed: int) -> None:
    row = insert(RetentionRound).values(
        kind=kind.value, looked_at=now, removed=removed, removed_at=now if removed else None
    )
    new = row.excluded
    transaction.execute(
        row.on_conflict_do_update(
            index_elements=["kind"],
            set_={
                "looked_at": new.looked_at,
                "removed": RetentionRound.removed + new.removed,
                "removed_at": func.coalesce(new.removed_at, RetentionRound.removed_at),
            },
        )
    )


def rounds(transaction: Transaction) -> Sequence[RetentionRound]:
    return transaction.scalars(select(RetentionRound)).all()
