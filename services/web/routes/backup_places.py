"""Giving up a place of backups, in two steps: what happened, then what follows from it."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import erasure_words
from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

ERASURES = "/privacy/erasures"
URL = f"{ERASURES}/places"
_API = "/v1/backup-places"
_SHORTEST_REASON, _LONGEST_REASON = 10, 500


async def places(request: Request) -> Response:
    return await _page(request, _typed({}), {})


async def ask(request: Request) -> Response:
    """Nothing is changed by it; what follows is told, to be confirmed."""
    typed, errors = _typed(await read_form(request)), {}
    say = wording_of(request).text
    if typed["fate"] not in erasure_words.FATES:
        errors["fate"] = say("Say what became of it.")
    if not _SHORTEST_REASON <= len(typed["reason"]) <= _LONGEST_REASON:
        errors["reason"] = say("Say what happened, in a sentence: it stands on receipts.")
    return await _page(request, typed, errors, is_asked=not errors)


async def give_up(request: Request) -> Response:
    typed = _typed(await read_form(request))
    say = wording_of(request).text
    body = {**typed, "confirmation": typed["place"]}
    try:
        await api_of(request).post(f"{_API}/given-up", json=body)
    except ApiProblemError as problem:
        if problem.status not in (404, 409, 422):
            raise
        said = say("Nothing was changed. Look at the places again.")
        if problem.code == "backup_place_reached":
            said = say("Nothing was changed: this place answers, and can be rewritten.")
        return go_to(request, URL, say=said)
    said = say("The place is given up. What waited for it alone completes within a minute.")
    return go_to(request, ERASURES, say=said)


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    return {
        "place": form.get("place", "")[:1_000],
        "fate": form.get("fate", ""),
        "reason": " ".join(form.get("reason", "").split())[: _LONGEST_REASON + 1],
    }


async def _page(
    request: Request,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    is_asked: bool = False,
) -> Response:
    found = await api_of(request).get(_API)
    return render(
        request,
        "backup_places.html",
        status_code=422 if errors else 200,
        found=found,
        typed=typed,
        errors=errors,
        is_asked=is_asked,
        words=erasure_words,
    )


ROUTES = [
    Route(URL, places),
    Route(f"{URL}/ask", ask, methods=["POST"]),
    Route(f"{URL}/give-up", give_up, methods=["POST"]),
]
