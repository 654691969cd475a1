"""One's own account: password, second factor, sessions, and where one is."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError
from services.web.browser_words import SIGNED_IN_BY
from services.web.forms import read_form, uuid_field
from services.web.rendering import api_of, go_to, render, wording_of
from services.web.words import N_, PASSWORD_FAULTS, problem_words

WRONG_PASSWORD = N_("This is not your present password.")
URL = "/account"


async def account(request: Request) -> Response:
    return await _page(request)


async def change_password(request: Request) -> Response:
    form = await read_form(request)
    body = {"current": form.get("current", ""), "new": form.get("new", "")}
    try:
        done = await api_of(request).post("/v1/account/password", json=body)
    except ApiProblemError as problem:
        if problem.code == "weak_password":
            words = PASSWORD_FAULTS[str(problem.facts["fault"])]
            return await _page(request, errors={"new": words}, status=422)
        return await _again(request, problem, field="current")
    wording = wording_of(request)
    said = wording.plural(
        "The password was changed. %(num)s other session was ended.",
        "The password was changed. %(num)s other sessions were ended.",
        done["ended"],
    )
    return go_to(request, URL, say=said)


# ── second factor ───────────────────────────────────────────────────────────────────────────
async def set_up(request: Request) -> Response:
    """The secret is on this page alone."""
    form = await read_form(request)
    body = {"password": form.get("password", "")}
    try:
        made = await api_of(request).post("/v1/account/second-factor", json=body)
    except ApiProblemError as problem:
        return await _again(request, problem, field="proof")
    return render(request, "account_second_factor.html", made=made, error=None)


async def confirm(request: Request) -> Response:
    form = await read_form(request)
    body = {"code": form.get("code", "").strip() or "-"}
    try:
        made = await api_of(request).post("/v1/account/second-factor/confirmation", json=body)
    except ApiProblemError as problem:
        if problem.code not in {"wrong_code", "invalid_input"}:
            raise
        return render(
            request,
            "account_second_factor.html",
            status_code=422,
            made=None,
            error=problem_words("wrong_code"),
        )
    return render(request, "account_codes.html", codes=made["codes"])


async def remove(request: Request) -> Response:
    form = await read_form(request)
    body = {"password": form.get("password", "")}
    try:
        await api_of(request).post("/v1/account/second-factor/removal", json=body)
    except ApiProblemError as problem:
        return await _again(request, problem, field="proof")
    said = wording_of(request).text("No code is asked for any more.")
    return go_to(request, URL, say=said)


async def new_codes(request: Request) -> Response:
    form = await read_form(request)
    body = {"password": form.get("password", "")}
    try:
        made = await api_of(request).post("/v1/account/recovery-codes", json=body)
    except ApiProblemError as problem:
        return await _again(request, problem, field="proof")
    return render(request, "account_codes.html", codes=made["codes"])


# ── sessions ────────────────────────────────────────────────────────────────────────────────
async def end_session(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete(f"/v1/account/sessions/{request.path_params['session']}")
    return go_to(request, URL, say=wording_of(request).text("That session was ended."))


async def end_others(request: Request) -> Response:
    await read_form(request)
    await api_of(request).delete("/v1/account/sessions")
    said = wording_of(request).text("You are signed out everywhere else.")
    return go_to(request, URL, say=said)


async def go_elsewhere(request: Request) -> Response:
    form = await read_form(request)
    moved = await api_of(request).patch("/v1/session", json={"venue_id": uuid_field(form, "venue")})
    said = wording_of(request).text("You are at %(venue)s now.", venue=moved["venue"]["name"])
    return go_to(request, "/", say=said)


async def _again(request: Request, problem: ApiProblemError, *, field: str) -> Response:
    """The page with what does not fit beside its field."""
    if problem.code not in {"wrong_credentials", "too_many_attempts"}:
        raise problem
    words = problem_words(problem.code)
    if problem.code == "wrong_credentials":
        return await _page(request, errors={field: WRONG_PASSWORD}, status=422)
    return await _page(request, errors={field: words.happened}, status=problem.status)


async def _page(
    request: Request, *, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    api = api_of(request)
    own, sessions = await asyncio.gather(api.get("/v1/account"), api.get("/v1/account/sessions"))
    return render(
        request,
        "account.html",
        status_code=status,
        own=own,
        sessions=sessions["items"],
        signed_in_by=SIGNED_IN_BY,
        errors=errors or {},
    )


ROUTES = [
    Route(URL, account),
    Route(f"{URL}/password", change_password, methods=["POST"]),
    Route(f"{URL}/second-factor", set_up, methods=["POST"]),
    Route(f"{URL}/second-factor/confirmation", confirm, methods=["POST"]),
    Route(f"{URL}/second-factor/removal", remove, methods=["POST"]),
    Route(f"{URL}/recovery-codes", new_codes, methods=["POST"]),
    Route(f"{URL}/sessions/end-others", end_others, methods=["POST"]),
    Route(f"{URL}/sessions/{{session:str}}/end", end_session, methods=["POST"]),
    Route(f"{URL}/venue", go_elsewhere, methods=["POST"]),
]
