"""The audit log for the data protection officer: search, proof, files to take along."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import audit_words
from services.web.forms import read_form
from services.web.pass_through import hand_out
from services.web.rendering import api_of, render, require_session, wording_of

URL = "/privacy/audit"
_TEXTS = {"actor": 200, "action": 80, "subject": 200}
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
_PAGE_SIZE = 50


async def audit(request: Request) -> Response:
    return await _page(request)


async def verify(request: Request) -> Response:
    """Recompute the chain; what was found stands on top of the page."""
    await read_form(request)
    report = await api_of(request).post("/v1/audit/verification", json={})
    return await _page(request, report=report)


async def export(request: Request) -> Response:
    """The same search as a file, passed on as it arrives."""
    require_session(request)
    ending = request.path_params["ending"]
    if ending not in _TYPES:
        raise HTTPException(404)
    asked = {**_asked_of_api(request), "format": ending}
    path = f"/v1/audit/export?{urlencode(asked)}"
    answer = await hand_out(request, path, media_type=_TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="vestibule-audit.{ending}"'
    return answer


async def _page(request: Request, report: Mapping[str, object] | None = None) -> Response:
    asked = _asked(request)
    params: dict[str, str | int] = {**_asked_of_api(request), "limit": _PAGE_SIZE}
    cursor = request.query_params.get("cursor", "")[:200]
    if cursor:
        params["cursor"] = cursor
    page = await api_of(request).get("/v1/audit/entries", params=params)
    following = {**asked, "cursor": page["next_cursor"]} if page["next_cursor"] else None
    return render(
        request,
        "audit.html",
        page=page,
        asked={name: asked.get(name, "") for name in (*_TEXTS, "from", "to")},
        is_search=bool(asked),
        search=urlencode(asked),
        following=urlencode(following) if following else None,
        report=report,
        words=audit_words,
    )


def _asked(request: Request) -> dict[str, str]:
    """What the form says, as it stands in the address."""
    given = request.query_params
    texts = {name: given.get(name, "").strip()[:most] for name, most in _TEXTS.items()}
    days = {name: given.get(name, "") for name in ("from", "to")}
    return {name: value for name, value in {**texts, **days}.items() if value}


def _asked_of_api(request: Request) -> dict[str, str]:
    """Days become moments of the venue's time; one that is none is left out."""
    asked, wording = _asked(request), wording_of(request)
    moments = {
        "since": wording.day_begins(asked.pop("from", "")),
        "until": wording.day_begins(asked.pop("to", ""), days_later=1),
    }
    return {**asked, **{name: moment for name, moment in moments.items() if moment}}


ROUTES = [
    Route(URL, audit),
    Route(f"{URL}/verify", verify, methods=["POST"]),
    Route(f"{URL}/export.{{ending}}", export),
]
