"""Alerts as server-sent events: woken by Postgres, looking by itself in case it was not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

from fastapi.concurrency import run_in_threadpool

from services.api import alert_schemas as schemas
from vestibule.domain.errors import DatabaseUnavailableError, NotSignedInError
from vestibule.domain.permissions import Permission
from vestibule.records import alerts
from vestibule.records.alert_tables import AlertEvent
from vestibule.wiring_parts import Installation
from vestibule.workflows.sign_in import authenticate

POLL_S = 5.0
"""Also how long a session that was ended still hears what happens."""
HEARTBEAT_S = 15.0
_RETRY_MS = 3_000


@dataclass(frozen=True, slots=True)
class _News:
    """``last`` is the number up to which everything was told, or needs not be."""

    events: Sequence[AlertEvent]
    open_count: int
    last: int


async def alert_stream(here: Installation, token: str, after: int | None) -> AsyncIterator[str]:
    """From the event after that number on, or from now. Ends when the caller may not hear it.

    The first event says how many are open and up to which number all is told, so that a browser
    that comes back misses none.
    """
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    here.notifications.watch_alerts(wake)
    last, is_greeted, spoke_at = after, False, monotonic()
    try:
        while True:
            woken.clear()
            news = await _news_patiently(here, token, last)
            if news is None:
                yield "event: ended\ndata: {}\n\n"
                return
            pieces = [_event(event, news.open_count) for event in news.events]
            if not is_greeted:
                pieces.insert(0, _greeting(news, after))
            elif not pieces and monotonic() - spoke_at >= HEARTBEAT_S:
                pieces = [": still here\n\n"]
            for piece in pieces:
                yield piece
            last, is_greeted = news.last, True
            spoke_at = monotonic() if pieces else spoke_at
            await _wait(woken)
    finally:
        here.notifications.unwatch_alerts(wake)


async def _news_patiently(here: Installation, token: str, last: int | None) -> _News | None:
    """A database that is away for a moment ends no stream."""
    while True:
        try:
            return await run_in_threadpool(_news, here, token, last)
        except DatabaseUnavailableError:
            await asyncio.sleep(POLL_S)


def _news(here: Installation, token: str, last: int | None) -> _News | None:
    """None where the session has ended, or carries the permission no more."""
    try:
        caller = authenticate(here.runtime.database, here.runtime.clock, token)
    except NotSignedInError:
        return None
    if not caller.may(Permission.ANSWER_ALERTS):
        return None
    venues = caller.venues(Permission.ANSWER_ALERTS)
    with here.runtime.database.look() as transaction:
        newest = alerts.last_event(transaction)
        since = newest if last is None or last > newest else last
        events = alerts.events_after(transaction, since, venues=venues)
        open_count = alerts.count_open(transaction, venues=venues)
    return _News(events, open_count, events[-1].number if events else since)


def _greeting(news: _News, after: int | None) -> str:
    told = news.last if after is None or not news.events else after
    return (
        f"retry: {_RETRY_MS}\nid: {told}\nevent: alerts\n"
        f'data: {{"open_count": {news.open_count}}}\n\n'
    )


def _event(row: AlertEvent, open_count: int) -> str:
    said = schemas.AlertEvent(
        number=row.number,
        kind=cast(Any, row.kind),
        alert_id=row.alert_id,
        venue_id=row.venue_id,
        at=row.at,
        open_count=open_count,
    )
    return f"id: {row.number}\nevent: alert\ndata: {said.model_dump_json()}\n\n"


async def _wait(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), POLL_S)
    except TimeoutError:
        return
