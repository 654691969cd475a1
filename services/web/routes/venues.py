"""Venues of the chain: opened, corrected."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/system/venues"
LEAST_AGE = 18
"""Of the jurisdiction profile; the API refuses less."""
_FIELDS = ("name", "timezone", "closes_at_hour", "minimum_age", "capacity")


async def venues(request: Request) -> Response:
    return await _page(request)


async def add(request: Request) -> Response:
    form = await read_form(request)
    return await _save(request, form, method="POST", path="/v1/venues", of="new")


async def correct(request: Request) -> Response:
    form = await read_form(request)
    venue_id = str(request.path_params["id"])
    return await _save(request, form, method="PATCH", path=f"/v1/venues/{venue_id}", of=venue_id)


async def _save(
    request: Request, form: dict[str, str], *, method: str, path: str, of: str
) -> Response:
    typed = {name: form.get(name, "").strip() for name in _FIELDS}
    body: JsonObject = {
        "name": typed["name"],
        "timezone": typed["timezone"],
        "closes_at_hour": _whole(typed["closes_at_hour"]),
        "minimum_age": _whole(typed["minimum_age"]),
        "capacity": _whole(typed["capacity"]) if typed["capacity"] else None,
    }
    api = api_of(request)
    try:
        saved = await (
            api.post(path, json=body) if method == "POST" else api.patch(path, json=body)
        )
    except ApiProblemError as problem:
        if problem.code not in {"invalid_input", "conflict"}:
            raise
        error = _error(request, problem, body)
        return await _page(request, of=of, values=typed, error=error, status=problem.status)
    said = wording_of(request).text("%(venue)s is saved.", venue=saved["name"])
    return go_to(request, URL, say=said)


def _error(request: Request, problem: ApiProblemError, body: JsonObject) -> str:
    say = wording_of(request).text
    if problem.code == "conflict":
        return say("Another venue has this name.")
    if not body["name"]:
        return say("A venue needs a name.")
    if not 0 <= body["closes_at_hour"] <= 23:
        return say("The closing hour is a whole number from 0 to 23.")
    if not LEAST_AGE <= body["minimum_age"] <= 25:
        return say("The minimum age is a whole number from 18 to 25.")
    if body["capacity"] is not None and not 1 <= body["capacity"] <= 100_000:
        return say("The capacity is a whole number from 1 to 100,000, or empty.")
    return say("This time zone is not known. Write it like Europe/Paris.")


def _whole(text: str) -> int:
    """-1, which nothing here may be, where it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


async def _page(
    request: Request,
    *,
    of: str | None = None,
    values: JsonObject | None = None,
    error: str | None = None,
    status: int = 200,
) -> Response:
    listed = await api_of(request).get("/v1/venues")
    shown = [
        {**venue, **(values or {})} if venue["id"] == of else venue for venue in listed["items"]
    ]
    empty = {"name": "", "timezone": shown[0]["timezone"]}
    empty |= {"closes_at_hour": 8, "minimum_age": 18, "capacity": None}
    new = (values or empty) if of == "new" else empty
    return render(
        request, "venues.html", status_code=status, venues=shown, new=new, wrong=of, error=error
    )


ROUTES = [
    Route(URL, venues),
    Route(URL, add, methods=["POST"]),
    Route(f"{URL}/{{id:uuid}}", correct, methods=["POST"]),
]
