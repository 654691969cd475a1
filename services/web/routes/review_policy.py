"""The policy behind proposals: changed in a form, tried out over the past, then adopted."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import policy_form, review_words
from services.web.api_client import ApiProblemError, JsonObject
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, wording_of

URL = "/review/policy"
_API = "/v1/watchlist/policy"


async def policy(request: Request) -> Response:
    return await _page(request)


async def simulate(request: Request) -> Response:
    """Nothing changes by it; what was typed stays in the form, beside what it would have done."""
    values = policy_form.kept(await read_form(request))
    content = policy_form.content_of(values)
    try:
        simulated = await api_of(request).post(f"{_API}/simulations", json={"content": content})
    except ApiProblemError as problem:
        if problem.status != 422:
            raise
        errors = policy_form.errors_of(problem.facts, wording_of(request))
        return await _page(request, values, errors, status_code=422)
    return await _page(request, values, simulated=simulated, content=json.dumps(content))


async def adopt(request: Request) -> Response:
    form = await read_form(request)
    say = wording_of(request).text
    content = _content(form.get("content", ""))
    replaces = form.get("replaces", "")
    body: JsonObject = {
        "content": content,
        "reason": form.get("reason", "").strip()[:2_000],
        "replaces": int(replaces) if replaces.isascii() and replaces.isdigit() else -1,
    }
    try:
        await api_of(request).post(f"{_API}/versions", json=body)
    except ApiProblemError as problem:
        if problem.status not in (409, 422):
            raise
        words = (
            say("Another version came into force meanwhile, or this is in force already.")
            if problem.status == 409
            else say("Say why, in a few words: it is kept with the change.")
        )
        simulated = await api_of(request).post(f"{_API}/simulations", json={"content": content})
        return await _page(
            request,
            policy_form.values_of(content),
            {"reason": words},
            simulated=simulated,
            content=json.dumps(content),
            status_code=problem.status,
        )
    return go_to(request, URL, say=say("Adopted. It counts from the next proposal on."))


def _content(text: str) -> JsonObject:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _page(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    simulated: JsonObject | None = None,
    content: str = "",
    status_code: int = 200,
) -> Response:
    shown = await api_of(request).get(_API)
    return render(
        request,
        "review_policy.html",
        status_code=status_code,
        shown=shown,
        values=values or policy_form.values_of(shown["in_force"]["content"]),
        errors=errors or {},
        simulated=simulated,
        content=content,
        words=review_words,
    )


ROUTES = [
    Route(URL, policy),
    Route(f"{URL}/simulate", simulate, methods=["POST"]),
    Route(f"{URL}/adopt", adopt, methods=["POST"]),
]
