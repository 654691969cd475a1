"""Erasures for the data protection officer: how far each is, its receipt, and looking again."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import erasure_words
from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.pass_through import hand_out
from services.web.rendering import api_of, go_to, render, require_session, wording_of
from services.web.words import N_

URL = "/privacy/erasures"
_API = "/v1/erasures"
_PLACES_API = "/v1/backup-places"
_FILES = {"json": "application/json", "sig": "application/octet-stream"}
_UNAVAILABLE = 503
_STILL_WAITS = {
    "held_by_law": N_("A legal hold still keeps what its claim needs."),
    "keyring_away": N_("A place of backups is still away. All else is done."),
}
_SHOWN = 20


async def erasures(request: Request) -> Response:
    return await _page(request)


async def verify(request: Request) -> Response:
    """Look through every store again; what was found stands on top of the page."""
    await read_form(request)
    erasure_id = str(request.path_params["id"])
    report = await api_of(request).post(f"{_API}/{erasure_id}/verification")
    return await _page(request, report=report)


async def go_on(request: Request) -> Response:
    """Now; where the same stops it again, the page says so in its row."""
    await read_form(request)
    words = wording_of(request)
    try:
        done = await api_of(request).post(f"{_API}/{request.path_params['id']}/resumption")
    except ApiProblemError as problem:
        if problem.status != _UNAVAILABLE:
            raise
        return go_to(request, URL, say=words.text("It was stopped again. It goes on by itself."))
    if waits_for := done.get("waits_for"):
        return go_to(request, URL, say=words.text(_STILL_WAITS[waits_for]))
    return go_to(request, URL, say=words.text("The erasure is complete."))


async def receipt(request: Request) -> Response:
    """The receipt or its signature, to the byte."""
    require_session(request)
    ending = request.path_params["ending"]
    if ending not in _FILES:
        raise HTTPException(404)
    path = f"{_API}/{request.path_params['id']}/receipt.{ending}"
    return await hand_out(request, path, media_type=_FILES[ending])


async def public_key(request: Request) -> Response:
    key = await api_of(request).get(f"{_API}/key")
    return Response(
        key["public_key"],
        media_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="vestibule-receipts.pem"'},
    )


async def _page(request: Request, report: Mapping[str, Any] | None = None) -> Response:
    api = api_of(request)
    params: dict[str, str | int] = {"limit": _SHOWN}
    if cursor := request.query_params.get("cursor", "")[:200]:
        params["cursor"] = cursor
    found = await api.get(_API, params=params)
    key = await api.get(f"{_API}/key")
    places = await api.get(_PLACES_API)
    return render(
        request,
        "erasures.html",
        found=found,
        key=key,
        report=report,
        backup_places=places["items"],
        words=erasure_words,
    )


ROUTES = [
    Route(URL, erasures),
    Route(f"{URL}/key.pem", public_key),
    Route(f"{URL}/{{id:uuid}}/verify", verify, methods=["POST"]),
    Route(f"{URL}/{{id:uuid}}/go-on", go_on, methods=["POST"]),
    Route(f"{URL}/{{id:uuid}}/receipt.{{ending}}", receipt),
]
