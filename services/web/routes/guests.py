"""Guests: listed, searched, opened, corrected, deleted."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import (
    api_of,
    go_to,
    is_fragment,
    person_of,
    render,
    render_fragment,
    require_session,
    wording_of,
)
from services.web.routes.enrolments import has_consent, notices
from services.web.words import GIVEN_BY

_PAGE_SIZE = 30
_QUERY_LENGTH = 200


async def listing(request: Request) -> Response:
    """All guests, or those whose name is like the query; the address keeps the query."""
    query = request.query_params.get("query", "").strip()[:_QUERY_LENGTH]
    cursor = request.query_params.get("cursor", "")
    params: dict[str, str | int] = {"query": query, "limit": _PAGE_SIZE}
    if cursor:
        params["cursor"] = cursor
    page = await api_of(request).get("/v1/customers", params=params)
    if is_fragment(request):
        template = "_guest_rows.html" if cursor else "_guest_list.html"
        return render_fragment(request, template, page=page, query=query)
    return render(request, "guests.html", page=page, query=query)


async def new(request: Request) -> Response:
    require_session(request)
    values = {"name": request.query_params.get("name", ""), "notes": ""}
    return render(request, "guest_form.html", guest=None, values=values, errors={})


async def create(request: Request) -> Response:
    form = await read_form(request)
    values = {"name": form.get("name", "").strip(), "notes": form.get("notes", "")}
    try:
        guest = await api_of(request).post("/v1/customers", json=values)
    except ApiProblemError as problem:
        return _form_again(request, problem, None, values)
    said = wording_of(request).text("Saved. Add a photo when the guest agrees to be recognised.")
    return go_to(request, f"/guests/{guest['id']}", say=said)


async def guest(request: Request) -> Response:
    api, path = api_of(request), _path(request)
    found, moved, consumption = await asyncio.gather(
        api.get(path), api.get(f"{path}/template-moves"), _consumption(request, path)
    )
    values = {
        "guest": found,
        "has_consent": has_consent(found),
        "moves": moved["items"],
        "consumption": consumption,
    }
    return render(request, "guest.html", **values)


async def _consumption(request: Request, path: str) -> JsonObject | None:
    """What they buy, for those who may see it."""
    if not person_of(request).can("purchases.view"):
        return None
    shown: JsonObject = await api_of(request).get(f"{path}/consumption")
    return shown


async def edit(request: Request) -> Response:
    found = await api_of(request).get(_path(request))
    values = {"name": found["name"], "notes": found["notes"]}
    return render(request, "guest_form.html", guest=found, values=values, errors={})


async def correct(request: Request) -> Response:
    form = await read_form(request)
    values = {"name": form.get("name", "").strip(), "notes": form.get("notes", "")}
    api = api_of(request)
    try:
        await api.patch(_path(request), json=values)
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        return _form_again(request, problem, await api.get(_path(request)), values)
    url = f"/guests/{request.path_params['guest_id']}"
    return go_to(request, url, say=wording_of(request).text("Corrected."))


async def confirm_delete(request: Request) -> Response:
    found = await api_of(request).get(_path(request))
    if is_fragment(request):
        return render_fragment(request, "_guest_delete.html", guest=found)
    return render(request, "guest_delete.html", guest=found)


async def delete(request: Request) -> Response:
    """Returns only when nothing finds the person any more, and says what was removed."""
    form = await read_form(request)
    erasure = await api_of(request).delete(_path(request))
    return go_to(request, "/guests", say=_what_was_removed(request, form.get("name", ""), erasure))


async def remove_template(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"/v1/templates/{request.path_params['template_id']}")
    said = wording_of(request).text("The face was removed and is no longer compared.")
    return go_to(request, f"/guests/{request.path_params['guest_id']}", say=said)


async def consent_form(request: Request) -> Response:
    found = await api_of(request).get(_path(request))
    return render(
        request, "guest_consent.html", guest=found, given_by=GIVEN_BY, notices=notices(request)
    )


def _path(request: Request) -> str:
    return f"/v1/customers/{request.path_params['guest_id']}"


def _form_again(
    request: Request, problem: ApiProblemError, guest: JsonObject | None, values: JsonObject
) -> Response:
    """The form with everything that was typed, and what does not fit beside its field."""
    if problem.status != 422:
        raise problem
    say = wording_of(request).text
    errors = {}
    if not values["name"]:
        errors["name"] = say("A guest needs a name.")
    elif len(values["name"]) > 200:
        errors["name"] = say("Names have at most 200 characters here; this one is longer.")
    if len(values["notes"]) > 4_000:
        errors["notes"] = say("Notes have at most 4,000 characters here; these are longer.")
    if not errors:
        errors["name"] = say("This does not fit. Look for signs that cannot be written.")
    return render(
        request, "guest_form.html", status_code=422, guest=guest, values=values, errors=errors
    )


def _what_was_removed(request: Request, name: str, erasure: JsonObject) -> str:
    wording = wording_of(request)
    parts = [
        wording.text("the name and the notes"),
        wording.plural("%(num)s face", "%(num)s faces", erasure["templates"]),
        wording.plural("%(num)s picture", "%(num)s pictures", erasure["images"]),
        wording.plural("%(num)s visit", "%(num)s visits", erasure["visits"]),
    ]
    parts = [part for part in parts if not part.startswith("0 ")]
    return wording.text(
        "%(name)s was deleted: %(parts)s. No photo finds them any more.",
        name=name,
        parts=", ".join(parts),
    )


ROUTES = [
    Route("/guests", listing),
    Route("/guests", create, methods=["POST"]),
    Route("/guests/new", new),
    Route("/guests/{guest_id:uuid}", guest),
    Route("/guests/{guest_id:uuid}", correct, methods=["POST"]),
    Route("/guests/{guest_id:uuid}/edit", edit),
    Route("/guests/{guest_id:uuid}/delete", confirm_delete),
    Route("/guests/{guest_id:uuid}/delete", delete, methods=["POST"]),
    Route("/guests/{guest_id:uuid}/consent", consent_form),
    Route(
        "/guests/{guest_id:uuid}/templates/{template_id:uuid}/remove",
        remove_template,
        methods=["POST"],
    ),
]
