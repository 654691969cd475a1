"""People, for whoever manages them: invite, roles, disable; whose password is not enough."""

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form, uuid_field
from services.web.rendering import api_of, go_to, person_of, render, wording_of
from services.web.role_words import ROLES, STATUSES
from services.web.words import N_

URL = "/system/people"
DEEDS = {
    "disablement": N_("The account is disabled: its sessions and keys have ended."),
    "enablement": N_("The account may sign in again."),
}


async def people(request: Request) -> Response:
    return await _people(request)


async def invite(request: Request) -> Response:
    """The link is shown once: whoever invites hands it over."""
    form = await read_form(request)
    values = {name: form.get(name, "").strip() for name in ("name", "email", "role", "venue")}
    role: JsonObject = {
        "role": values["role"],
        "venue_id": uuid_field(form, "venue") or None,
    }
    body = {"name": values["name"], "email": values["email"], "roles": [role]}
    try:
        made = await api_of(request).post("/v1/people", json=body)
    except ApiProblemError as problem:
        if problem.code not in {"invalid_input", "conflict"}:
            raise
        errors = _errors(request, problem, values)
        return await _people(request, values=values, errors=errors, status=problem.status)
    return _made(request, made)


async def person(request: Request) -> Response:
    api = api_of(request)
    shown, venues = await asyncio.gather(api.get(_path(request)), api.get("/v1/venues"))
    return render(request, "person.html", shown=shown, **_choices(request, venues["items"]))


async def rename(request: Request) -> Response:
    form = await read_form(request)
    name = form.get("name", "").strip()
    if name:
        await api_of(request).patch(_path(request), json={"name": name[:200]})
    return _back(request, wording_of(request).text("Corrected."))


async def give_role(request: Request) -> Response:
    form = await read_form(request)
    wanted = {"role": form.get("role", ""), "venue_id": uuid_field(form, "venue") or None}
    roles = [role for role in await _roles(request) if role != wanted]
    await api_of(request).post(f"{_path(request)}/roles", json={"roles": [*roles, wanted]})
    return _back(request, wording_of(request).text("The role counts from now on."))


async def take_role(request: Request) -> Response:
    form = await read_form(request)
    gone = {"role": form.get("role", ""), "venue_id": uuid_field(form, "venue") or None}
    roles = [role for role in await _roles(request) if role != gone]
    await api_of(request).post(f"{_path(request)}/roles", json={"roles": roles})
    return _back(request, wording_of(request).text("The role was taken away and counts no more."))


async def invite_again(request: Request) -> Response:
    await read_form(request)
    return _made(request, await api_of(request).post(f"{_path(request)}/invitation"))


async def act(request: Request, *, deed: str) -> Response:
    await read_form(request)
    await api_of(request).post(f"{_path(request)}/{deed}")
    return _back(request, wording_of(request).text(DEEDS[deed]))


async def end_sessions(request: Request) -> Response:
    await read_form(request)
    ended = await api_of(request).delete(f"{_path(request)}/sessions")
    said = wording_of(request).plural(
        "%(num)s session was ended.", "%(num)s sessions were ended.", ended["ended"]
    )
    return _back(request, said)


async def remove_second_factor(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"{_path(request)}/second-factor")
    return _back(request, wording_of(request).text("No code is asked of this person any more."))


async def change_policy(request: Request) -> Response:
    form = await read_form(request)
    roles = [role for role in ROLES if form.get(f"strict-{role}")]
    await api_of(request).patch("/v1/sign-in-policy", json={"second_factor_roles": roles})
    return go_to(request, URL, say=wording_of(request).text("Saved."))


async def _people(
    request: Request,
    *,
    values: JsonObject | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    api = api_of(request)
    listed, venues, policy = await asyncio.gather(
        api.get("/v1/people"), api.get("/v1/venues"), api.get("/v1/sign-in-policy")
    )
    return render(
        request,
        "people.html",
        status_code=status,
        people=listed["items"],
        strict=policy["second_factor_roles"],
        values=values or {"name": "", "email": "", "role": "door", "venue": ""},
        errors=errors or {},
        **_choices(request, venues["items"]),
    )


def _choices(request: Request, venues: list[JsonObject]) -> JsonObject:
    """``manages_at`` None is everywhere; else only roles at these venues can be given."""
    return {
        "roles": ROLES,
        "statuses": STATUSES,
        "venues": venues,
        "venue_names": {venue["id"]: venue["name"] for venue in venues},
        "manages_at": person_of(request).where("people.manage"),
    }


def _made(request: Request, made: JsonObject) -> Response:
    url = str(request.base_url).rstrip("/") + made["path"]
    return render(request, "person_invited.html", made=made, url=url)


def _errors(request: Request, problem: ApiProblemError, values: JsonObject) -> dict[str, str]:
    say = wording_of(request).text
    if problem.code == "conflict":
        return {"email": say("Somebody has this e-mail address already.")}
    if not values["name"]:
        return {"name": say("A person needs a name.")}
    return {"email": say("This is no e-mail address.")}


async def _roles(request: Request) -> list[JsonObject]:
    shown = await api_of(request).get(_path(request))
    return [{"role": held["role"], "venue_id": held["venue_id"]} for held in shown["roles"]]


def _path(request: Request) -> str:
    return f"/v1/people/{request.path_params['id']}"


def _back(request: Request, said: str) -> Response:
    return go_to(request, f"{URL}/{request.path_params['id']}", say=said)


_ONE = f"{URL}/{{id:uuid}}"
ROUTES = [
    Route(URL, people),
    Route(URL, invite, methods=["POST"]),
    Route(f"{URL}/policy", change_policy, methods=["POST"]),
    Route(_ONE, person),
    Route(_ONE, rename, methods=["POST"]),
    Route(f"{_ONE}/roles/give", give_role, methods=["POST"]),
    Route(f"{_ONE}/roles/take", take_role, methods=["POST"]),
    Route(f"{_ONE}/invitation", invite_again, methods=["POST"]),
    Route(f"{_ONE}/sessions/end", end_sessions, methods=["POST"]),
    Route(f"{_ONE}/second-factor/remove", remove_second_factor, methods=["POST"]),
    *(Route(f"{_ONE}/{deed}", partial(act, deed=deed), methods=["POST"]) for deed in DEEDS),
]
