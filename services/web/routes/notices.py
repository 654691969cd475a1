"""The notice's desk: a draft in both languages, its preview, publication, every version."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import JsonObject
from services.web.forms import read_form
from services.web.i18n import LOCALES
from services.web.notice_view import PURPOSES, shown
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/privacy/notices"
_API = "/v1/privacy-notices"


async def desk(request: Request) -> Response:
    return await _desk(request)


async def keep(request: Request) -> Response:
    """What was typed stays where the number of days does not fit."""
    form = await read_form(request)
    texts = {language: _text(form, language) for language in LOCALES}
    days, found = form.get("validity_days", "").strip(), await api_of(request).get(_API)
    if not days.isdecimal() or not 1 <= int(days) <= found["longest_days"]:
        return await _desk(request, typed=texts, days=days)
    body = {"texts": texts, "validity_days": int(days)}
    await api_of(request).post(f"{_API}/draft", json=body)
    said = wording_of(request).text("Kept. Guests see nothing of it before it is published.")
    return go_to(request, URL, say=said)


async def publish(request: Request) -> Response:
    await read_form(request)
    made = await api_of(request).post(f"{_API}/publication")
    said = wording_of(request).text(
        "Published as %(version)s. Guests are shown it from now on.", version=made["version"]
    )
    return go_to(request, URL, say=said)


async def drop(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"{_API}/draft")
    return go_to(request, URL, say=wording_of(request).text("The draft is gone."))


async def one(request: Request) -> Response:
    notice = await api_of(request).get(f"{_API}/{request.path_params['version']}")
    return render(request, "privacy_notice.html", notice=notice, notices=shown(request, notice))


async def _desk(
    request: Request, *, typed: JsonObject | None = None, days: str | None = None
) -> Response:
    found = await api_of(request).get(_API)
    written = found["draft"] or found["in_force"]
    return render(
        request,
        "privacy_notices.html",
        status_code=422 if typed else 200,
        desk=found,
        draft_shown=shown(request, found["draft"]) if found["draft"] else [],
        languages=list(LOCALES),
        purposes=PURPOSES,
        values=typed or written["texts"],
        validity_days=written["validity_days"] if days is None else days,
        error=typed is not None,
    )


def _text(form: dict[str, str], language: str) -> JsonObject:
    return {
        "title": form.get(f"title_{language}", "")[:200],
        "body": form.get(f"body_{language}", "").replace("\r\n", "\n")[:8000],
        "purposes": {name: form.get(f"{name}_{language}", "")[:400] for name in PURPOSES},
    }


ROUTES = [
    Route(URL, desk),
    Route(f"{URL}/draft", keep, methods=["POST"]),
    Route(f"{URL}/publish", publish, methods=["POST"]),
    Route(f"{URL}/drop", drop, methods=["POST"]),
    Route(f"{URL}/{{version}}", one),
]
