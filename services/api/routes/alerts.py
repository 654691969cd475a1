"""Alerts: who is to be looked at, what managers answered, how fast and how rightly."""

import base64
import binascii
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from services.api import alert_schemas as schemas
from services.api.alert_presenters import alerts_as_seen
from services.api.alert_stream import alert_stream
from services.api.dependencies import Caller, Here, Product, Token, only, principal
from vestibule.domain.errors import ForbiddenError, InvalidInputError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import alert_figures, alerts, venues
from vestibule.records.alert_tables import Alert
from vestibule.records.alerts import Place
from vestibule.records.database import Transaction
from vestibule.workflows.answer_alert import answer_alert
from vestibule.workflows.record_look import record_look
from vestibule.workflows.sign_in import Principal

router = APIRouter(prefix="/alerts", tags=["alerts"], dependencies=[Depends(principal)])
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "`alerts` once, with how many are open; then `alert` for each AlertEvent. "
        "`ended` when the session is over.",
    }
}
VenueId = Annotated[UUID | None, Query(description="One venue; all of yours without.")]


@router.get("", dependencies=only(Permission.VIEW_WATCHLIST))
def list_alerts(
    product: Product,
    caller: Caller,
    state: Literal["open", "answered"] = "open",
    venue_id: VenueId = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.AlertPage:
    """The newest first. Looking at them is recorded."""
    places = _places(caller, venue_id)
    before = _read_cursor(cursor) if cursor else None
    with product.database.look() as transaction:
        rows = alerts.page(
            transaction, venues=places, is_open=state == "open", limit=limit, before=before
        )
        shown = alerts_as_seen(transaction, rows)
        open_count = alerts.count_open(transaction, venues=places)
    if shown:
        record_look(
            product,
            actor=caller.actor,
            action="alert.view",
            subject="alerts",
            customers=[one.customer.id for one in shown],
        )
    return schemas.AlertPage(
        items=shown,
        open_count=open_count,
        next_cursor=_write_cursor(rows[-1]) if len(rows) == limit else None,
    )


@router.get("/figures", dependencies=only(Permission.VIEW_WATCHLIST))
def get_alert_figures(
    product: Product,
    caller: Caller,
    venue_id: VenueId = None,
    days: Annotated[int, Query(ge=1, le=366, description="So many days back from now.")] = 30,
) -> schemas.AlertFiguresList:
    """How fast alerts were answered and how many were about somebody else, by venue."""
    until = product.clock.now()
    since = until - timedelta(days=days)
    places = _places(caller, venue_id)
    with product.database.look() as transaction:
        rows = alert_figures.by_venue(transaction, venues=places, since=since, until=until)
        named = {venue.id: venue.name for venue in venues.in_order(transaction)}
    items = [
        schemas.AlertFigures(
            venue_id=row.venue_id,
            venue_name=named[row.venue_id],
            raised=row.raised,
            same_person=row.same_person,
            not_them=row.not_them,
            lapsed=row.lapsed,
            open=row.open,
            false_share=row.false_share,
            median_seconds=row.median_s,
            slow_seconds=row.slow_s,
        )
        for row in rows
    ]
    return schemas.AlertFiguresList(
        since=since, until=until, items=sorted(items, key=lambda item: item.venue_name)
    )


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses=_EVENTS,
    dependencies=only(Permission.ANSWER_ALERTS),
)
async def follow_alerts(
    request: Request,
    here: Here,
    token: Token,
    after: Annotated[int | None, Query(ge=0, le=2**62, description="As Last-Event-ID.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """What happens at your venues as server-sent events, from now on or after an event's id."""
    named = last_event_id or ""
    number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else after
    return StreamingResponse(
        _while_connected(alert_stream(here, token, number), request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _while_connected(pieces: AsyncIterator[str], request: Request) -> AsyncIterator[str]:
    async for piece in pieces:
        if await request.is_disconnected():
            return
        yield piece


@router.get("/{alert_id}", dependencies=only(Permission.VIEW_WATCHLIST))
def get_alert(alert_id: UUID, product: Product, caller: Caller) -> schemas.Alert:
    """One alert. Looking at it is recorded."""
    return _shown(product, caller, alert_id, Permission.VIEW_WATCHLIST)


@router.post("/{alert_id}/answer", dependencies=only(Permission.ANSWER_ALERTS))
def answer_an_alert(
    alert_id: UUID, body: schemas.AlertAnswer, product: Product, caller: Caller
) -> schemas.Alert:
    """*same_person* or *not_them*, by a person. 409 where somebody else was first.

    *not_them* is remembered: that face is not raised again for this customer.
    """
    if caller.account_id is None:
        raise ForbiddenError(permission=Permission.ANSWER_ALERTS.value)
    with product.database.look() as transaction:
        _at_its_venue(transaction, alert_id, caller, Permission.ANSWER_ALERTS)
    answer_alert(product, alert_id, body.answer, actor=caller.actor, account_id=caller.account_id)
    return _shown(product, caller, alert_id, Permission.ANSWER_ALERTS)


def _shown(
    product: Product, caller: Principal, alert_id: UUID, permission: Permission
) -> schemas.Alert:
    with product.database.look() as transaction:
        alert = _at_its_venue(transaction, alert_id, caller, permission)
        shown = alerts_as_seen(transaction, [alert])
    if not shown:
        raise NotFoundError()
    record_look(
        product,
        actor=caller.actor,
        action="alert.view",
        subject=f"alert:{alert_id}",
        customers=[shown[0].customer.id],
    )
    return shown[0]


def _at_its_venue(
    transaction: Transaction, alert_id: UUID, caller: Principal, permission: Permission
) -> Alert:
    """Raises NotFoundError, or ForbiddenError for an alert of a venue where they may not."""
    alert = alerts.find(transaction, alert_id)
    if alert is None:
        raise NotFoundError()
    caller.require(permission, alert.venue_id)
    return alert


def _places(caller: Principal, venue_id: UUID | None) -> frozenset[UUID] | None:
    """None is every venue. Raises ForbiddenError."""
    if venue_id is None:
        return caller.venues(Permission.VIEW_WATCHLIST)
    caller.require(Permission.VIEW_WATCHLIST, venue_id)
    return frozenset({venue_id})


def _write_cursor(row: Alert) -> str:
    place = json.dumps([row.raised_at.isoformat(), str(row.id)])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        moment, alert_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError("not a place in the list")
        return at, UUID(alert_id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidInputError("The cursor is not one of ours.", fields=["cursor"]) from error
