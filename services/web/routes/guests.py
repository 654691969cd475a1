"""Guests: listed, searched, opened, corrected, deleted."""

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.notice_view import METHODS, PURPOSES
from services.web.profile_form import (
    GUEST_LANGUAGES,
    as_profile,
    empty_profile,
    profile_errors,
    shown_profile,
    written_profile,
)
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
from services.web.routes.duplicates import REASONS
from services.web.routes.enrolments import has_consent, notice_values
from services.web.routes.offers import offers_of
from services.web.timeline_words import ICONS, KINDS, event_words

_PAGE_SIZE = 30
_QUERY_LENGTH = 200
_TAG_LENGTH = 40
_EVENTS = 30


async def listing(request: Request) -> Response:
    """All guests, or those who match the query or have a tag; the address keeps both."""
    query = request.query_params.get("query", "").strip()[:_QUERY_LENGTH]
    cursor = request.query_params.get("cursor", "")
    tag = request.query_params.get("tag", "").strip()[:_TAG_LENGTH]
    params: dict[str, str | int] = {"query": query, "limit": _PAGE_SIZE}
    if tag:
        params["tag"] = tag
    if cursor:
        params["cursor"] = cursor
    page = await api_of(request).get("/v1/customers", params=params)
    if is_fragment(request):
        template = "_guest_rows.html" if cursor else "_guest_list.html"
        return render_fragment(request, template, page=page, query=query, tag=tag)
    return render(request, "guests.html", page=page, query=query, tag=tag)


async def new(request: Request) -> Response:
    require_session(request)
    here = person_of(request).venue["id"]
    typed = {"name": request.query_params.get("name", ""), "home_venue_id": here}
    values = {**empty_profile(), **typed}
    return await _form(request, None, values, errors={})


async def create(request: Request) -> Response:
    values = written_profile(await read_form(request))
    try:
        guest = await api_of(request).post("/v1/customers", json=as_profile(values))
    except ApiProblemError as problem:
        return await _form_again(request, problem, None, values)
    said = wording_of(request).text("Saved. Add a photo when the guest agrees to be recognised.")
    return go_to(request, f"/guests/{guest['id']}", say=said)


async def guest(request: Request) -> Response:
    """The file with its history, of one kind if the address says so; more of that is a fragment."""
    api, path = api_of(request), _path(request)
    if is_fragment(request):
        history = await api.get(f"{path}/timeline", params=_timeline_params(request))
        return render_fragment(request, "_guest_timeline_rows.html", **_history(request, history))
    found = await api.get(path)
    if found["id"] != str(request.path_params["guest_id"]):  # merged into another file
        return RedirectResponse(f"/guests/{found['id']}", status_code=303)
    history, moved, same, merged, kept, consumption, offered = await asyncio.gather(
        api.get(f"{path}/timeline", params=_timeline_params(request)),
        *(
            api.get(path + part)
            for part in ("/template-moves", "/duplicates", "/merges", "/retention")
        ),
        _consumption(request, path),
        offers_of(request, path),
    )
    return render(
        request,
        "guest.html",
        guest=found,
        has_consent=has_consent(found),
        purposes=PURPOSES,
        methods=METHODS,
        moves=moved["items"],
        duplicates=same["items"],
        same_reasons=REASONS,
        merges=merged["items"],
        kept=kept,
        consumption=consumption,
        **offered,
        **_history(request, history),
    )


def _timeline_params(request: Request) -> dict[str, str | int]:
    asked = request.query_params
    given = {"kind": asked.get("show", ""), "cursor": asked.get("cursor", "")}
    if given["kind"] not in KINDS:
        del given["kind"]
    return {"limit": _EVENTS, **{name: value for name, value in given.items() if value}}


def _history(request: Request, history: JsonObject) -> dict[str, Any]:
    shown = request.query_params.get("show", "")
    return {
        "timeline": history,
        "guest_id": request.path_params["guest_id"],
        "shown_kind": shown if shown in KINDS else "",
        "timeline_kinds": KINDS,
        "timeline_icons": ICONS,
        "event_words": partial(event_words, wording_of(request)),
    }


async def _consumption(request: Request, path: str) -> JsonObject | None:
    """What they buy, for those who may see it."""
    if not person_of(request).can("purchases.view"):
        return None
    shown: JsonObject = await api_of(request).get(f"{path}/consumption")
    return shown


async def edit(request: Request) -> Response:
    found = await api_of(request).get(_path(request))
    return await _form(request, found, shown_profile(found), errors={})


async def correct(request: Request) -> Response:
    values = written_profile(await read_form(request))
    api = api_of(request)
    try:
        await api.patch(_path(request), json=as_profile(values))
    except ApiProblemError as problem:
        if problem.status not in (409, 422):
            raise
        return await _form_again(request, problem, await api.get(_path(request)), values)
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
    return render(request, "guest_consent.html", guest=found, **await notice_values(request))


def _path(request: Request) -> str:
    return f"/v1/customers/{request.path_params['guest_id']}"


async def _form_again(
    request: Request, problem: ApiProblemError, guest: JsonObject | None, values: JsonObject
) -> Response:
    """The form with everything that was typed, and what does not fit beside its field."""
    errors = profile_errors(wording_of(request), problem, values)
    if not errors:
        raise problem
    return await _form(request, guest, values, errors=errors)


async def _form(
    request: Request, guest: JsonObject | None, values: JsonObject, *, errors: dict[str, str]
) -> Response:
    listed = await api_of(request).get("/v1/venues")
    return render(
        request,
        "guest_form.html",
        status_code=422 if errors else 200,
        guest=guest,
        values=values,
        errors=errors,
        languages=GUEST_LANGUAGES,
        venues=listed["items"],
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
    if erasure.get("held_until"):
        return wording.text(
            "%(name)s is found by nobody any more. A legal hold keeps what its claim needs, sealed"
            " off; the rest is gone, and that goes by itself when the hold is over.",
            name=name,
        )
    if erasure.get("waits_for"):
        return wording.text(
            "%(name)s is found by nobody any more. A place of backups was not reached, and its"
            " copy of the key is there still: “Erasures” says how it goes on.",
            name=name,
        )
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
