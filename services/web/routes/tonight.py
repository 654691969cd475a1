"""Tonight: how many are here and who, entries and exits by hand."""

import asyncio
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    person_of,
    render,
    render_fragment,
    wording_of,
)

_PAGE_SIZE = 30
_SEARCH_LIMIT = 6
_QUERY_LENGTH = 200
_MOST_HEADS = 50
_NOTHING_ASKED: JsonObject = {"query": "", "found": None, "error": None, "checked": None}


async def tonight(request: Request) -> Response:
    query = request.query_params.get("query", "").strip()[:_QUERY_LENGTH]
    cursor = request.query_params.get("cursor", "")
    now, found = await asyncio.gather(_now(request, cursor=cursor), _search(request, query))
    if is_fragment(request):
        return render_fragment(request, "_tonight_found.html", query=query, found=found, now=now)
    values = {**_NOTHING_ASKED, "now": now, "query": query, "found": found}
    return render(request, "tonight.html", **values)


async def now(request: Request) -> Response:
    """Count and list again; asked for every few seconds."""
    return render_fragment(request, "_tonight_now.html", now=await _now(request))


async def enter(request: Request) -> Response:
    """By the id of a guest who was searched for, or by a loyalty number that was typed."""
    form = await read_form(request)
    reference = form.get("query", "").strip()[:_QUERY_LENGTH]
    customer_id = uuid_field(form, "customer_id")
    wanted: JsonObject = {"customer_id": customer_id} if customer_id else {"reference": reference}
    say = wording_of(request).text
    try:
        visit = await api_of(request).post("/v1/visits", json=wanted)
    except ApiProblemError as problem:
        if problem.status not in (404, 422) or customer_id:
            raise
        error = say("No guest has this loyalty number.")
        if problem.code == "under_age":
            error = say("This guest is under age and is not let in.")
        values = {**_NOTHING_ASKED, "now": await _now(request), "query": reference, "error": error}
        return render(request, "tonight.html", status_code=422, **values)
    words = say("%(name)s is inside.", name=visit["customer_name"])
    if not visit["is_new"]:
        words = say("%(name)s was on tonight’s list already.", name=visit["customer_name"])
    return go_to(request, "/tonight", say=words)


async def check_name(request: Request) -> Response:
    """Of somebody without a face on file. The name stands in no address and is not kept."""
    form = await read_form(request)
    name = " ".join(form.get("name", "").split())
    checked: JsonObject = {"name": name, "call_a_manager": None}
    try:
        body = {"name": name, "venue_id": person_of(request).venue["id"]}
        checked |= await api_of(request).post("/v1/watchlist/name-checks", json=body)
    except ApiProblemError as problem:
        if problem.code != "invalid_input":
            raise
    if is_fragment(request):
        return render_fragment(request, "_tonight_checked.html", checked=checked)
    status = 422 if checked["call_a_manager"] is None else 200
    values = {**_NOTHING_ASKED, "now": await _now(request), "checked": checked}
    return render(request, "tonight.html", status_code=status, **values)


async def leave(request: Request) -> Response:
    await read_form(request)
    await api_of(request).post(f"{_visit(request)}/exit", json={})
    return await _again(request)


async def come_back(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"{_visit(request)}/exit")
    return await _again(request)


async def remove(request: Request) -> Response:
    """An entry that was a mistake."""
    await read_form(request)
    await api_of(request).delete(_visit(request))
    return await _again(request)


async def count(request: Request) -> Response:
    """People whom nobody knows; the key of the button makes a double press count once."""
    form = await read_form(request)
    written = form.get("change", "")
    change = int(written) if written.lstrip("-").isdecimal() and len(written) <= 4 else 0
    key = form.get("key", "")
    if 0 < abs(change) <= _MOST_HEADS and 8 <= len(key) <= 100:
        body = {"change": change, "key": key}
        await api_of(request).post("/v1/tonight/heads", json=body)
    return await _again(request)


def _visit(request: Request) -> str:
    return f"/v1/visits/{request.path_params['visit_id']}"


async def _again(request: Request) -> Response:
    if is_fragment(request):
        return render_fragment(request, "_tonight_now.html", now=await _now(request))
    return go_to(request, "/tonight")


async def _now(request: Request, *, cursor: str = "") -> JsonObject:
    params: dict[str, str | int] = {"limit": _PAGE_SIZE}
    if cursor:
        params["cursor"] = cursor
    shown: JsonObject = await api_of(request).get("/v1/tonight", params=params)
    return {**shown, "key": uuid4().hex, "is_first": not cursor}


async def _search(request: Request, query: str) -> JsonObject | None:
    """Who may see guests searches for them; who may not types the loyalty number."""
    if len(query) < 2 or not person_of(request).can("customers.view"):
        return None
    params: dict[str, str | int] = {"query": query, "limit": _SEARCH_LIMIT}
    page: JsonObject = await api_of(request).get("/v1/customers", params=params)
    return {"items": [*page["items"], *page["alike"]][:_SEARCH_LIMIT]}


ROUTES = [
    Route("/tonight", tonight),
    Route("/tonight/now", now),
    Route("/tonight/visits", enter, methods=["POST"]),
    Route("/tonight/name-checks", check_name, methods=["POST"]),
    Route("/tonight/heads", count, methods=["POST"]),
    Route("/tonight/visits/{visit_id:uuid}/exit", leave, methods=["POST"]),
    Route("/tonight/visits/{visit_id:uuid}/return", come_back, methods=["POST"]),
    Route("/tonight/visits/{visit_id:uuid}/remove", remove, methods=["POST"]),
]
