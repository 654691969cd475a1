"""Batch jobs and the generations of the index that they fill: follow, stop, compare, switch."""

import asyncio
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import batch_words
from services.web.api_client import ApiCaller, ApiProblemError
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, person_of, render, wording_of
from services.web.words import N_

URL = "/system/batches"
_REFRESH_S = 3
_PAGE_SIZE = 20
_OPEN = ("running", "paused", "failed")
_DEEDS = {
    "pause": N_("Paused. Nothing is lost; it goes on where it stopped."),
    "resumption": N_("It goes on."),
    "cancellation": N_("Called off."),
}
_CHANGES = {
    "switch": N_("Generation %(number)s answers from now on."),
    "drop": N_("Generation %(number)s is gone."),
}


async def batches(request: Request) -> Response:
    """Asked for anew every few seconds while a batch runs, with or without JavaScript."""
    return await _page(request)


async def _page(
    request: Request, *, asked: Mapping[str, str] = MappingProxyType({}), status_code: int = 200
) -> Response:
    """``asked`` is an import whose form is to be looked at again.

    Who imports guests need not look after the index, and the other way round.
    """
    api, can = api_of(request), person_of(request).can
    found, generations, packs, sources = await asyncio.gather(
        api.get("/v1/batches"),
        _get_if(can("system.view"), api, "/v1/index-generations", {"items": []}),
        _get_if(can("system.view"), api, "/v1/models", []),
        _get_if(can("customers.import"), api, "/v1/import-sources", None),
    )
    items = found["items"]
    is_open = {batch["kind"] for batch in items if batch["state"] in _OPEN}
    is_running = any(batch["state"] == "running" for batch in items)
    return render(
        request,
        "batches.html",
        batches=items,
        generations=generations["items"],
        packs=[pack for pack in packs if pack["installed"] and pack["calibrated"]],
        is_filling=bool(is_open - {"import"}),
        sources=None if sources is None else [source["name"] for source in sources["items"]],
        is_importing="import" in is_open,
        asked=asked,
        refresh_s=_REFRESH_S if is_running and not asked else None,
        status_code=status_code,
        **_words(request),
    )


async def _get_if(is_allowed: bool, api: ApiCaller, path: str, otherwise: Any) -> Any:
    return await api.get(path) if is_allowed else otherwise


async def start(request: Request) -> Response:
    form = await read_form(request)
    body: dict[str, object] = {"kind": form.get("kind", ""), "pace": form.get("pace", "polite")}
    if body["kind"] == "reembed":
        body |= {name: form[name] for name in ("pack", "low_light") if form.get(name)}
    if body["kind"] == "import":
        given_by = form.get("given_by", "").strip()
        if not given_by or form.get("consent") != "given":
            return await _page(request, asked=form, status_code=422)
        consent = {"basis": "explicit-consent", "notice_shown": True, "given_by": given_by[:200]}
        body |= {"source": form.get("source", ""), "consent": consent}
    await api_of(request).post("/v1/batches", json=body)
    return go_to(request, URL, say=wording_of(request).text("It has begun."))


async def batch(request: Request) -> Response:
    """One batch and what it could not do."""
    api, asked = api_of(request), request.query_params.get("offset", "")
    offset = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    path = f"/v1/batches/{request.path_params['id']}"
    shown, failures = await asyncio.gather(
        api.get(path), api.get(f"{path}/failures", params={"offset": offset, "limit": _PAGE_SIZE})
    )
    return render(request, "batch.html", batch=shown, failures=failures, **_words(request))


async def act(request: Request) -> Response:
    await read_form(request)
    deed = request.path_params["deed"]
    if deed not in _DEEDS:
        raise HTTPException(404)
    await api_of(request).post(f"/v1/batches/{request.path_params['id']}/{deed}")
    return go_to(request, URL, say=wording_of(request).text(_DEEDS[deed]))


async def ask_to_cancel(request: Request) -> Response:
    shown = await api_of(request).get(f"/v1/batches/{request.path_params['id']}")
    return render(request, "batch_cancel.html", batch=shown, **_words(request))


async def ask_to_change(request: Request, *, what: str) -> Response:
    return await _change_page(request, what)


async def change(request: Request, *, what: str) -> Response:
    """Switch to a generation or drop it; the reason is kept in the audit log."""
    form = await read_form(request)
    number = request.path_params["number"]
    reason = form.get("reason", "").strip()
    if not reason:
        return await _change_page(request, what, is_reasonless=True, status_code=422)
    body: dict[str, object] = {"reason": reason[:500]}
    if what == "drop":
        body["clears_templates"] = form.get("clears_templates") == "yes"
    try:
        await api_of(request).post(f"/v1/index-generations/{number}/{what}", json=body)
    except ApiProblemError as problem:
        if problem.status != 409:
            raise
        return await _change_page(
            request, what, reason=reason, refused=problem.code, status_code=409
        )
    return go_to(request, URL, say=wording_of(request).text(_CHANGES[what], number=number))


async def _change_page(
    request: Request,
    what: str,
    *,
    reason: str = "",
    is_reasonless: bool = False,
    refused: str | None = None,
    status_code: int = 200,
) -> Response:
    shown = await api_of(request).get(f"/v1/index-generations/{request.path_params['number']}")
    return render(
        request,
        "generation_change.html",
        what=what,
        generation=shown,
        reason=reason,
        is_reasonless=is_reasonless,
        refused=refused,
        status_code=status_code,
        **_words(request),
    )


def _words(request: Request) -> dict[str, Any]:
    return {"words": batch_words, "time_left": partial(batch_words.time_left, wording_of(request))}


ROUTES = [
    Route(URL, batches),
    Route(URL, start, methods=["POST"]),
    *(
        route
        for what in _CHANGES
        for route in (
            Route(f"{URL}/generations/{{number:int}}/{what}", partial(ask_to_change, what=what)),
            Route(
                f"{URL}/generations/{{number:int}}/{what}",
                partial(change, what=what),
                methods=["POST"],
            ),
        )
    ),
    Route(f"{URL}/{{id:uuid}}", batch),
    Route(f"{URL}/{{id:uuid}}/cancellation", ask_to_cancel),
    Route(f"{URL}/{{id:uuid}}/{{deed}}", act, methods=["POST"]),
]
