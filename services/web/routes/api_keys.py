"""Keys for programs: made, shown once, revoked."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/system/keys"
DAYS = (30, 90, 365)


async def keys(request: Request) -> Response:
    return await _page(request)


async def create(request: Request) -> Response:
    """The key is on this page alone."""
    form = await read_form(request)
    scopes = sorted(name.removeprefix("scope-") for name in form if name.startswith("scope-"))
    days = form.get("days", "90")
    values: JsonObject = {"name": form.get("name", "").strip(), "scopes": scopes, "days": days}
    say = wording_of(request).text
    if not values["name"] or not scopes:
        error = say("A key needs a name.") if not values["name"] else say("Tick what it may do.")
        return await _page(request, values=values, error=error, status=422)
    body: JsonObject = {
        "name": values["name"],
        "scopes": scopes,
        "expires_in_days": int(days) if days in map(str, DAYS) else DAYS[1],
    }
    try:
        made = await api_of(request).post("/v1/api-keys", json=body)
    except ApiProblemError as problem:
        if problem.code != "invalid_input":
            raise
        return await _page(request, values=values, error=say("This name does not fit."), status=422)
    return render(request, "key_made.html", made=made)


async def revoke(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"/v1/api-keys/{request.path_params['key']}")
    said = wording_of(request).text("The key was revoked and opens nothing any more.")
    return go_to(request, URL, say=said)


async def _page(
    request: Request,
    *,
    values: JsonObject | None = None,
    error: str | None = None,
    status: int = 200,
) -> Response:
    listed = await api_of(request).get("/v1/api-keys")
    return render(
        request,
        "keys.html",
        status_code=status,
        keys=listed["items"],
        may_give=[held["permission"] for held in listed["may_give"]],
        days=DAYS,
        values=values or {"name": "", "scopes": [], "days": "90"},
        error=error,
    )


ROUTES = [
    Route(URL, keys),
    Route(URL, create, methods=["POST"]),
    Route(f"{URL}/{{key:str}}/revoke", revoke, methods=["POST"]),
]
