"""What people decided about a customer: entries, rejections, appeals, alerts they confirmed."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from vestibule.records.alert_tables import Alert
from vestibule.records.timeline_event import Asked, Event, at_venues, earlier
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistEntry,
    WatchlistProposal,
)


def decisions(asked: Asked) -> list[Event]:
    query = select(WatchlistEntry).where(
        WatchlistEntry.customer_id == asked.customer_id,
        *earlier(asked, WatchlistEntry.created_at, WatchlistEntry.id),
        *at_venues(asked, WatchlistEntry.venue_id),
    )
    page = query.order_by(WatchlistEntry.created_at.desc(), WatchlistEntry.id.desc())
    return [
        Event(
            row.id,
            "decision",
            row.created_at,
            "approved proposal",
            row.venue_id,
            {
                "entry": str(row.id),
                "starts_at": row.starts_at.isoformat(),
                "ends_at": row.ends_at.isoformat(),
                "lifted_at": row.lifted_at.isoformat() if row.lifted_at else None,
            },
        )
        for row in asked.transaction.scalars(page.limit(asked.limit))
    ]


def rejections(asked: Asked) -> list[Event]:
    query = select(WatchlistProposal).where(
        WatchlistProposal.customer_id == asked.customer_id,
        WatchlistProposal.state == "REJECTED",
        WatchlistProposal.closed_at.is_not(None),
        *earlier(asked, WatchlistProposal.closed_at, WatchlistProposal.id),
        *at_venues(asked, WatchlistProposal.venue_id),
    )
    page = query.order_by(WatchlistProposal.closed_at.desc(), WatchlistProposal.id.desc())
    return [
        Event(
            row.id,
            "decision",
            row.closed_at,
            "rejected proposal",
            row.venue_id,
            {"proposal": str(row.id), "step": "rejected", "days": row.days},
        )
        for row in asked.transaction.scalars(page.limit(asked.limit))
        if row.closed_at is not None
    ]


def appeals_recorded(asked: Asked) -> list[Event]:
    return [
        Event(
            appeal.id,
            "decision",
            appeal.recorded_at,
            "appeal",
            venue_id,
            {
                "appeal": str(appeal.id),
                "entry": str(appeal.entry_id),
                "step": "recorded",
                "due_at": appeal.due_at.isoformat(),
                "is_open": appeal.outcome is None,
            },
        )
        for appeal, venue_id in _appeals(asked, WatchlistAppeal.recorded_at)
    ]


def appeals_decided(asked: Asked) -> list[Event]:
    return [
        Event(
            appeal.id,
            "decision",
            appeal.decided_at,
            "appeal",
            venue_id,
            {
                "appeal": str(appeal.id),
                "entry": str(appeal.entry_id),
                "step": "decided",
                "outcome": appeal.outcome,
            },
        )
        for appeal, venue_id in _appeals(asked, WatchlistAppeal.decided_at)
        if appeal.decided_at is not None
    ]


def _appeals(
    asked: Asked, at: InstrumentedAttribute[Any]
) -> list[tuple[WatchlistAppeal, UUID | None]]:
    """Each with the venue of its entry."""
    query = (
        select(WatchlistAppeal, WatchlistEntry.venue_id)
        .join(WatchlistEntry, WatchlistEntry.id == WatchlistAppeal.entry_id)
        .where(
            WatchlistEntry.customer_id == asked.customer_id,
            at.is_not(None),
            *earlier(asked, at, WatchlistAppeal.id),
            *at_venues(asked, WatchlistEntry.venue_id),
        )
        .order_by(at.desc(), WatchlistAppeal.id.desc())
    )
    return [(row[0], row[1]) for row in asked.transaction.execute(query.limit(asked.limit))]


def alerts(asked: Asked) -> list[Event]:
    """Those that a manager confirmed: a wrong one is nothing of this customer's."""
    query = select(Alert).where(
        Alert.customer_id == asked.customer_id,
        Alert.answer == "same_person",
        *earlier(asked, Alert.raised_at, Alert.id),
        *at_venues(asked, Alert.venue_id),
    )
    page = query.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "decision",
            row.raised_at,
            "alert at the door",
            row.venue_id,
            {"alert": str(row.id), "answer": row.answer},
        )
        for row in asked.transaction.scalars(page)
    ]
