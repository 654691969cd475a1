"""The till: a file of what was sold, and from how much on staff is asked to take care."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import StreamedForm, drain, read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/till"
_SHOWN_PROBLEMS = 50
_NUMBERS = ("window_hours", "watch_units", "care_units")


async def till(request: Request) -> Response:
    return await _page(request)


async def read_file(request: Request) -> Response:
    """Say what does not fit, and record the rest unless it was only to be looked at."""
    form = await StreamedForm.read(request)
    is_preview = form.fields.get("preview") == "yes"
    path = f"/v1/purchases/csv?preview={'true' if is_preview else 'false'}"
    try:
        found = await form.pass_on(api_of(request), path, {}, content_type="text/csv")
    except ApiProblemError as problem:
        if problem.status not in (413, 422):
            raise
        await drain(request)
        why = wording_of(request).text(
            "This is no such file: a CSV file in UTF-8 with the columns that are named below."
        )
        return await _page(request, errors={"file": why}, status_code=422)
    return await _page(request, found=found)


async def set_thresholds(request: Request) -> Response:
    form, say = await read_form(request), wording_of(request).text
    body: JsonObject = {name: form.get(name, "").replace(",", ".").strip() for name in _NUMBERS}
    reason, version = form.get("reason", "").strip(), form.get("version", "")
    if not reason:
        errors = {"reason": say("Say in a few words why.")}
        return await _page(request, errors=errors, typed=form, status_code=422)
    body |= {"reason": reason[:500], "version": int(version) if version.isdecimal() else 0}
    try:
        await api_of(request).post("/v1/consumption-policy", json=body)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        why = say("Half an hour to 24 hours, and the second number of units above the first.")
        return await _page(request, errors={"units": why}, typed=form, status_code=422)
    return go_to(request, URL, say=say("In force from now on, for the whole chain."))


async def _page(
    request: Request,
    *,
    found: JsonObject | None = None,
    errors: JsonObject | None = None,
    typed: dict[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    policy = await api_of(request).get("/v1/consumption-policy")
    number = wording_of(request).number
    shown = {name: number(policy[name]) for name in _NUMBERS}
    return render(
        request,
        "till.html",
        policy=policy,
        values={**shown, "reason": "", **(typed or {}), "version": policy["version"]},
        found=found,
        problems=found["problems"][:_SHOWN_PROBLEMS] if found else [],
        errors=errors or {},
        status_code=status_code,
    )


ROUTES = [
    Route(URL, till),
    Route(f"{URL}/file", read_file, methods=["POST"]),
    Route(f"{URL}/thresholds", set_thresholds, methods=["POST"]),
]
