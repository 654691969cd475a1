"""The faces on a guest's file: set aside, used again, moved to another guest and back."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiCaller, ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.problems import RefusedError
from services.web.rendering import api_of, go_to, render, wording_of
from services.web.routes.gallery import back_to

_MOST_FOUND = 10
_QUERY_LENGTH = 200


async def face(request: Request) -> Response:
    """One face, large, with what can be done with it."""
    return await _show(request, {"query": request.query_params.get("query", "")})


async def set_aside(request: Request) -> Response:
    """From the guest's file, or from the gallery's findings, which are gone back to."""
    form = await read_form(request)
    await api_of(request).post(f"{_path(request)}/retirement")
    said = wording_of(request).text("The face is set aside. No photo is compared with it.")
    back = back_to(form["kind"]) if "kind" in form else _guest_url(request)
    return go_to(request, back, say=said)


async def bring_back(request: Request) -> Response:
    form = await read_form(request)
    body = {"instead_of": uuid_field(form, "instead_of") or None}
    say = wording_of(request).text
    try:
        choice = await api_of(request).post(f"{_path(request)}/restoration", json=body)
    except ApiProblemError as problem:
        if problem.status != 409 or "limit" not in problem.facts:
            raise
        said = say("As many faces as are used were chosen by hand. Set one of them aside first.")
        return go_to(request, _guest_url(request), say=said)
    said = say("The face is used again.")
    if choice["retired"]:
        said += " " + say("Another one, which adds least, is set aside for it.")
    return go_to(request, _guest_url(request), say=said)


async def move(request: Request) -> Response:
    """Refusals are said on the page, with what was typed."""
    form = await read_form(request)
    to, reason = uuid_field(form, "to_customer_id"), form.get("reason", "").strip()
    body = {
        "from_customer_id": str(request.path_params["guest_id"]),
        "to_customer_id": to,
        "reason": reason,
    }
    typed: JsonObject = {"query": form.get("query", ""), "chosen": to, "reason": reason}
    try:
        moved = await api_of(request).post(f"{_path(request)}/moves", json=body)
    except ApiProblemError as problem:
        refusal = _refusal(request, problem)
        consent_of = to if problem.code == "consent_missing" else None
        return await _show(request, {**typed, "error": refusal, "consent_of": consent_of})
    said = wording_of(request).text(
        "The face was moved to %(name)s. It can be moved back below.",
        name=moved["to_customer"]["name"],
    )
    return go_to(request, _guest_url(request), say=said)


async def undo_move(request: Request) -> Response:
    await read_form(request)
    say = wording_of(request).text
    try:
        await api_of(request).post(f"/v1/template-moves/{request.path_params['move_id']}/undo")
    except ApiProblemError as problem:
        if problem.code != "consent_missing":
            raise
        said = say("The guest it came from has withdrawn the consent, so it stays where it is.")
        return go_to(request, _guest_url(request), say=said)
    return go_to(request, _guest_url(request), say=say("Moved back. All is as it was before."))


def _refusal(request: Request, problem: ApiProblemError) -> str:
    say = wording_of(request).text
    if problem.code == "consent_missing":
        return say(
            "That guest has no consent on record, so no face may be on their file. "
            "Nothing was moved. Ask them, record the consent, then move the face."
        )
    if problem.facts.get("reason") == "already_there":
        return say("This very face is on that file already. Remove it here instead.")
    if problem.status == 422:
        return say("Choose a guest and say in a few words why. Nothing was moved.")
    raise problem


async def _show(request: Request, typed: JsonObject) -> Response:
    api, guest_id = api_of(request), str(request.path_params["guest_id"])
    query = str(typed["query"]).strip()[:_QUERY_LENGTH]
    guest, found = await asyncio.gather(
        api.get(f"/v1/customers/{guest_id}"), _others(api, query, guest_id)
    )
    wanted = str(request.path_params["template_id"])
    on_file = [*guest["templates"], *guest["retired_templates"]]
    shown = next((template for template in on_file if template["id"] == wanted), None)
    if shown is None:
        raise RefusedError(404, "not_found")
    values: JsonObject = {"chosen": "", "reason": "", "error": None, "consent_of": None, **typed}
    values |= {"query": query, "guest": guest, "face": shown, "found": found}
    return render(request, "guest_face.html", status_code=422 if values["error"] else 200, **values)


async def _others(api: ApiCaller, query: str, guest_id: str) -> list[JsonObject]:
    if not query:
        return []
    page = await api.get("/v1/customers", params={"query": query, "limit": _MOST_FOUND})
    return [guest for guest in page["items"] if guest["id"] != guest_id]


def _path(request: Request) -> str:
    return f"/v1/templates/{request.path_params['template_id']}"


def _guest_url(request: Request) -> str:
    return f"/guests/{request.path_params['guest_id']}"


_FACE = "/guests/{guest_id:uuid}/faces/{template_id:uuid}"
ROUTES = [
    Route(_FACE, face),
    Route(f"{_FACE}/set-aside", set_aside, methods=["POST"]),
    Route(f"{_FACE}/bring-back", bring_back, methods=["POST"]),
    Route(f"{_FACE}/move", move, methods=["POST"]),
    Route("/guests/{guest_id:uuid}/moves/{move_id:uuid}/undo", undo_move, methods=["POST"]),
]
