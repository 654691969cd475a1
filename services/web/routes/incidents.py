"""Incidents: the list, one of them with its history, and what managers decide."""

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import incident_words as words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import StreamedForm, read_form
from services.web.pass_through import hand_out
from services.web.problems import refuse_upload
from services.web.rendering import (
    api_of,
    go_to,
    is_about,
    is_fragment,
    person_of,
    render,
    render_fragment,
    wording_of,
)

URL = "/incidents"
_PAGE_SIZE = 20
_LONGEST_REASON = 1_000


async def listing(request: Request) -> Response:
    """The latest first; the address keeps the filters."""
    asked = _filters(request)
    params: dict[str, str | int] = {"limit": _PAGE_SIZE, **asked}
    cursor = request.query_params.get("cursor", "")
    if cursor:
        params["cursor"] = cursor
    page = await api_of(request).get("/v1/incidents", params=params)
    values: JsonObject = {"page": page, "asked": asked, "words": words, "query": urlencode(asked)}
    if is_fragment(request) and cursor:
        return render_fragment(request, "_incident_rows.html", **values)
    return render(request, "incidents.html", venues=person_of(request).venues, **values)


async def incident(request: Request) -> Response:
    return await _page(request)


async def verify(request: Request) -> Response:
    return await _decide(request, "verification", needs_reason=False)


async def dismiss(request: Request) -> Response:
    return await _decide(request, "dismissal", needs_reason=True)


async def close(request: Request) -> Response:
    return await _decide(request, "closure", needs_reason=False)


async def attach(request: Request) -> Response:
    """Pass the file on to the API while it arrives."""
    form = await StreamedForm.read(request)
    try:
        await form.pass_on(
            api_of(request), f"{_api_path(request)}/attachments", {"name": form.file_name[:200]}
        )
    except ApiProblemError as problem:
        return await refuse_upload(request, problem)
    return go_to(request, _path(request), say=wording_of(request).text("The file is attached."))


async def attachment(request: Request) -> Response:
    path = f"{_api_path(request)}/attachments/{request.path_params['attachment_id']}"
    return await hand_out(request, path)


async def detach(request: Request) -> Response:
    form = await read_form(request)
    reason = form.get("reason", "").strip()[:500]
    if not reason:
        said = wording_of(request).text("Say in a few words why the file is removed.")
        return await _page(request, errors={"detach": said}, status_code=422)
    path = f"{_api_path(request)}/attachments/{request.path_params['attachment_id']}"
    await api_of(request).delete(f"{path}?reason={quote(reason)}")
    return go_to(request, _path(request), say=wording_of(request).text("The file was removed."))


async def _decide(request: Request, deed: str, *, needs_reason: bool) -> Response:
    """On a change meanwhile: the incident as it is now, with what was typed."""
    form, say = await read_form(request), wording_of(request).text
    reason = form.get("reason", "").strip()
    if needs_reason and not reason:
        errors = {"reason": say("Say in a few words why it is dismissed.")}
        return await _page(request, errors=errors, status_code=422)
    if len(reason) > _LONGEST_REASON:
        errors = {"reason": say("Reasons have at most 1,000 characters here.")}
        return await _page(request, errors=errors, typed=reason, status_code=422)
    version = form.get("version", "")
    body: JsonObject = {"version": int(version) if version.isdecimal() else 0}
    if reason:
        body["reason"] = reason
    try:
        await api_of(request).post(f"{_api_path(request)}/{deed}", json=body)
    except ApiProblemError as problem:
        if problem.code != "incident_changed":
            raise
        return await _page(request, problem=problem.code, typed=reason, status_code=409)
    said = {
        "verification": say("Verified: it counts from now on."),
        "dismissal": say("Dismissed: it never counts."),
        "closure": say("Closed."),
    }
    return go_to(request, _path(request), say=said[deed])


async def _page(
    request: Request,
    *,
    errors: JsonObject | None = None,
    problem: str | None = None,
    typed: str = "",
    status_code: int = 200,
) -> Response:
    found = await api_of(request).get(_api_path(request))
    is_about(request, found["venue"]["id"])
    return render(
        request,
        "incident.html",
        incident=found,
        words=words,
        errors=errors or {},
        changed=problem is not None,
        typed=typed,
        status_code=status_code,
    )


def _filters(request: Request) -> dict[str, str]:
    """What the address asks for, as far as it makes sense."""
    given, asked = request.query_params, {}
    if given.get("state") in words.STATES:
        asked["state"] = given["state"]
    if given.get("kind") in words.KINDS:
        asked["kind"] = given["kind"]
    if given.get("least_severity") in {"2", "3", "4", "5"}:
        asked["least_severity"] = given["least_severity"]
    if given.get("mine") == "true":
        asked["mine"] = "true"
    venue_ids = {venue["id"] for venue in person_of(request).venues}
    if given.get("venue_id") in venue_ids:
        asked["venue_id"] = given["venue_id"]
    return asked


def _path(request: Request) -> str:
    return f"{URL}/{request.path_params['incident_id']}"


def _api_path(request: Request) -> str:
    return f"/v1{_path(request)}"


_ONE = f"{URL}/{{incident_id:uuid}}"
ROUTES = [
    Route(URL, listing),
    Route(_ONE, incident),
    Route(f"{_ONE}/verification", verify, methods=["POST"]),
    Route(f"{_ONE}/dismissal", dismiss, methods=["POST"]),
    Route(f"{_ONE}/closure", close, methods=["POST"]),
    Route(f"{_ONE}/attachments", attach, methods=["POST"]),
    Route(f"{_ONE}/attachments/{{attachment_id:uuid}}", attachment),
    Route(f"{_ONE}/attachments/{{attachment_id:uuid}}/removal", detach, methods=["POST"]),
]
