"""Consents whose end is near, and provisions of law for the watchlist."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.notice_view import PURPOSES
from services.web.rendering import api_of, go_to, render, wording_of

CONSENTS_URL = "/privacy/consents"
URL = "/privacy/provisions"
_API = "/v1/legal-provisions"
_PAGE_SIZE = 50
_TEXTS = {"title": 200, "reference": 300, "wording": 8_000}


async def ending(request: Request) -> Response:
    """Whom to ask again in the weeks to come."""
    offset = request.query_params.get("offset", "0")
    start = int(offset) if offset.isdecimal() and len(offset) < 6 else 0
    params: dict[str, str | int] = {"limit": _PAGE_SIZE, "offset": start}
    page = await api_of(request).get("/v1/ending-consents", params=params)
    return render(request, "privacy_consents.html", page=page, purposes=PURPOSES)


async def provisions(request: Request) -> Response:
    return await _page(request)


async def propose(request: Request) -> Response:
    """What was typed stays where something does not fit."""
    form = await read_form(request)
    values = {name: form.get(name, "").strip()[:most] for name, most in _TEXTS.items()}
    values |= {"venue": uuid_field(form, "venue"), "ends": form.get("ends", "")}
    body: JsonObject = {name: values[name] for name in _TEXTS}
    body |= {"venue_id": values["venue"] or None, "ends_at": _end_of_day(request, values["ends"])}
    try:
        await api_of(request).post(_API, json=body)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        return await _page(request, values=values, is_refused=True)
    said = wording_of(request).text("It is named. It counts once the officer approves it.")
    return go_to(request, URL, say=said)


async def decide(request: Request) -> Response:
    form, wording = await read_form(request), wording_of(request)
    path = f"{_API}/{request.path_params['provision_id']}"
    if form.get("do") == "end":
        await api_of(request).post(f"{path}/end")
        said = wording.text("It is ended. No photo finds anybody on it from now on.")
        return go_to(request, URL, say=said)
    verdict = "approve" if form.get("do") == "approve" else "refuse"
    await api_of(request).post(f"{path}/decision", json={"verdict": verdict})
    said = wording.text("Approved.") if verdict == "approve" else wording.text("Refused.")
    return go_to(request, URL, say=said)


async def _page(
    request: Request, *, values: JsonObject | None = None, is_refused: bool = False
) -> Response:
    api = api_of(request)
    found, venues = await api.get(_API), await api.get("/v1/venues")
    return render(
        request,
        "privacy_provisions.html",
        status_code=422 if is_refused else 200,
        provisions=found["items"],
        venues=venues["items"],
        venue_names={venue["id"]: venue["name"] for venue in venues["items"]},
        values=values or {**dict.fromkeys(_TEXTS, ""), "venue": "", "ends": ""},
        is_refused=is_refused,
    )


def _end_of_day(request: Request, day: str) -> str:
    """In the venue's time; what is no day is refused by the API."""
    try:
        date.fromisoformat(day)
    except ValueError:
        return day
    return wording_of(request).day_begins(day, days_later=1) or day


ROUTES = [
    Route(CONSENTS_URL, ending),
    Route(URL, provisions),
    Route(URL, propose, methods=["POST"]),
    Route(f"{URL}/{{provision_id:uuid}}", decide, methods=["POST"]),
]
