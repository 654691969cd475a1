"""The health of the gallery: what was found, what it means, what to do."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import JsonObject
from services.web.forms import read_form
from services.web.gallery_words import FINDINGS, GAPS
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/system/gallery"
_PAGE_SIZE = 10
_REFRESH_S = 3


async def gallery(request: Request) -> Response:
    """One kind of finding at a time; the first with something in it unless one is asked for."""
    api = api_of(request)
    health = await api.get("/v1/gallery/health")
    kind = _asked_for(request, health)
    path = "/v1/gallery/findings" if kind in FINDINGS else "/v1/gallery/gaps"
    page = await api.get(path, params={"kind": kind, "limit": _PAGE_SIZE, **_offset(request)})
    is_running = health["state"] in ("queued", "running")
    values: JsonObject = {
        "health": health,
        "kind": kind,
        "findings": FINDINGS,
        "gaps": GAPS,
        "words": {**FINDINGS, **GAPS}[kind],
        "page": page,
        "refresh_s": _REFRESH_S if is_running else None,
    }
    return render(request, "gallery.html", **values)


async def examine(request: Request) -> Response:
    await read_form(request)
    await api_of(request).post("/v1/gallery/examination")
    return go_to(request, URL)


async def say_it_is_right(request: Request) -> Response:
    form = await read_form(request)
    await api_of(request).post(f"/v1/gallery/findings/{request.path_params['id']}/judgement")
    said = wording_of(request).text("Remembered: it is not shown again. You can take it back.")
    return go_to(request, back_to(form.get("kind", "")), say=said)


async def judged(request: Request) -> Response:
    """What was said to be right, so that it can be taken back."""
    params = {"limit": _PAGE_SIZE, **_offset(request)}
    page = await api_of(request).get("/v1/gallery/judgements", params=params)
    return render(request, "gallery_judged.html", page=page, findings=FINDINGS)


async def take_back(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"/v1/gallery/judgements/{request.path_params['id']}")
    said = wording_of(request).text("Taken back: it is shown again while it stands.")
    return go_to(request, f"{URL}/judged", say=said)


def back_to(kind: str) -> str:
    return f"{URL}?kind={kind}" if kind in FINDINGS else URL


def _asked_for(request: Request, health: JsonObject) -> str:
    asked = request.query_params.get("kind", "")
    if asked in FINDINGS or asked in GAPS:
        return asked
    return next((kind for kind in FINDINGS if health["findings"].get(kind)), next(iter(FINDINGS)))


def _offset(request: Request) -> dict[str, int]:
    asked = request.query_params.get("offset", "")
    return {"offset": int(asked)} if asked.isascii() and asked.isdigit() and len(asked) < 7 else {}


ROUTES = [
    Route(URL, gallery),
    Route(f"{URL}/examination", examine, methods=["POST"]),
    Route(f"{URL}/findings/{{id:uuid}}/right", say_it_is_right, methods=["POST"]),
    Route(f"{URL}/judged", judged),
    Route(f"{URL}/judged/{{id:uuid}}/take-back", take_back, methods=["POST"]),
]
