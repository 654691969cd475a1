"""Alerts: two faces side by side, one answer, and how fast the answers come."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import alert_words
from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.pass_through import PassThrough
from services.web.rendering import api_of, go_to, render, render_fragment, wording_of

URL = "/alerts"
_API = "/v1/alerts"
_CONFLICT = 409


async def alerts(request: Request) -> Response:
    api, days = api_of(request), _days(request)
    past: dict[str, str | int] = {"state": "answered", "limit": 20}
    cursor = request.query_params.get("cursor", "")[:200]
    if cursor:
        past["cursor"] = cursor
    waiting, answered, figures = await asyncio.gather(
        api.get(_API, params={"limit": 20}),
        api.get(_API, params=past),
        api.get(f"{_API}/figures", params={"days": days}),
    )
    return render(
        request,
        "alerts.html",
        open=waiting,
        answered=answered,
        figures=figures,
        days=days,
        words=alert_words,
    )


async def open_ones(request: Request) -> Response:
    """Those that wait, asked for again when something happened."""
    waiting = await api_of(request).get(_API, params={"limit": 20})
    return render_fragment(request, "_alert_list.html", open=waiting, words=alert_words)


async def answer(request: Request) -> Response:
    """One answer counts; whoever comes second is told what was said."""
    form = await read_form(request)
    said, words = form.get("answer", ""), wording_of(request)
    path = f"{_API}/{request.path_params['id']}/answer"
    try:
        await api_of(request).post(path, json={"answer": said})
    except ApiProblemError as problem:
        first = problem.facts.get("answer")
        if problem.status != _CONFLICT or first not in alert_words.ANSWERED_BEFORE:
            raise
        name = str(problem.facts.get("answered_by") or "–")
        told = words.text(alert_words.ANSWERED_BEFORE[str(first)], name=name)
        return go_to(request, URL, say=told)
    return go_to(request, URL, say=words.text(alert_words.ANSWERED[said]))


async def events(request: Request) -> Response:
    """The API's events, passed on as they come; a browser that comes back misses none."""
    after = request.headers.get("last-event-id", "")
    is_number = after.isascii() and after.isdigit() and len(after) < 19
    path = f"{_API}/events?after={after}" if is_number else f"{_API}/events"
    return PassThrough(await api_of(request).open(path), media_type="text/event-stream")


def _days(request: Request) -> int:
    asked = request.query_params.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    return days if days in alert_words.PERIODS else 30


ROUTES = [
    Route(URL, alerts),
    Route(f"{URL}/list", open_ones),
    Route(f"{URL}/events", events),
    Route(f"{URL}/{{id:uuid}}/answer", answer, methods=["POST"]),
]
