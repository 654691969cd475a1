"""In by password and code, by a one-time link or an invitation; out by a button."""

from contextlib import suppress
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError, JsonObject
from services.web.browser_words import browser_words
from services.web.forms import read_form, read_open_form
from services.web.onward import FIRST_PAGE, onward_path
from services.web.rendering import api_of, go_to, render, session_of, web
from services.web.sessions import WebSession
from services.web.words import PASSWORD_FAULTS, problem_words

DEVICE_COOKIE = "vestibule_device"
TICKET_COOKIE = "vestibule_ticket"
FLOW_COOKIE = "vestibule_flow"
ONWARD_COOKIE = "vestibule_onward"
"""The page that was asked for, while a code or the company's sign-in is between."""
_COMPANY = "/sign-in/company"
_FLOW_S = 600
_DEVICE_S = 400 * 24 * 3600
_TICKET_S = 300


async def explain(request: Request) -> Response:
    return await _form(request, onward=onward_path(request.query_params.get("next", "")))


async def sign_in(request: Request) -> Response:
    """The password; the code of the second factor is asked for on the next page."""
    form = await read_open_form(request)
    email, onward = form.get("email", "").strip(), onward_path(form.get("next", ""))
    body = {"email": email, "password": form.get("password", ""), "browser": _browser(request)}
    try:
        step = await web(request).api.caller(None).post("/v1/session/password", json=body)
    except ApiProblemError as problem:
        if problem.code not in {"wrong_credentials", "too_many_attempts", "invalid_input"}:
            raise
        code = "wrong_credentials" if problem.code == "invalid_input" else problem.code
        status = problem.status
        return await _form(
            request, email=email, onward=onward, error=code, status=status, problem=problem
        )
    return signed_in_answer(request, step, onward=onward)


async def ask_code(request: Request) -> Response:
    if _ticket(request) is None:
        return RedirectResponse("/sign-in", status_code=303)
    return render(request, "sign_in_code.html", error=None, wait_s=None)


async def take_code(request: Request) -> Response:
    form = await read_open_form(request)
    ticket = _ticket(request)
    if ticket is None:
        return await _form(request, error="sign_in_expired", status=401)
    body = {"ticket": ticket, "code": form.get("code", "").strip(), "browser": _browser(request)}
    try:
        step = await web(request).api.caller(None).post("/v1/session/code", json=body)
    except ApiProblemError as problem:
        if problem.code == "sign_in_expired":
            return await _form(request, error="sign_in_expired", status=401)
        if problem.code not in {"wrong_code", "too_many_attempts", "invalid_input"}:
            raise
        code = "wrong_code" if problem.code == "invalid_input" else problem.code
        return render(
            request,
            "sign_in_code.html",
            status_code=problem.status,
            error=problem_words(code),
            wait_s=problem.facts.get("retry_after_s"),
        )
    return signed_in_answer(request, step, onward=_onward(request))


async def by_link(request: Request) -> Response:
    """Exchange the link's token for a session. A browser that only guesses ahead spends nothing."""
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(status_code=503)
    try:
        body = {"token": request.path_params["token"], "words": _browser(request)["words"]}
        new = await web(request).api.caller(None).post("/v1/session", json=body)
    except ApiProblemError as problem:
        if problem.status not in {401, 404, 422}:
            raise
        return await _form(request, is_spent=True, status=401)
    return signed_in_answer(request, {**new, "state": "signed_in", "device_token": None})


# ── the company's own sign-in ───────────────────────────────────────────────────────────────
async def to_company(request: Request) -> Response:
    """Off to the provider; what the browser brings back is compared with the cookie."""
    body = {"redirect_uri": f"{str(request.base_url).rstrip('/')}{_COMPANY}/callback"}
    begun = await web(request).api.caller(None).post("/v1/session/company", json=body)
    response = RedirectResponse(begun["url"], status_code=303)
    _keep(request, response, FLOW_COOKIE, begun["flow"], max_age_s=_FLOW_S)
    onward = onward_path(request.query_params.get("next", ""))
    _keep(request, response, ONWARD_COOKIE, onward, max_age_s=_FLOW_S)
    return response


async def from_company(request: Request) -> Response:
    flow = web(request).sealer.open(request.cookies.get(FLOW_COOKIE), max_age_s=_FLOW_S)
    query = request.query_params
    if not isinstance(flow, str) or not query.get("code"):
        return await _form(request, error="sign_in_expired", status=401)
    body = {
        "flow": flow,
        "state": query.get("state", "")[:500],
        "code": query["code"],
        "browser": _browser(request),
    }
    try:
        step = await web(request).api.caller(None).post("/v1/session/company/callback", json=body)
    except ApiProblemError as problem:
        if problem.code not in {"identity_refused", "sign_in_expired"}:
            raise
        response = await _form(request, error=problem.code, status=401)
    else:
        response = signed_in_answer(request, step, onward=_onward(request))
    response.delete_cookie(FLOW_COOKIE, path="/")
    return response


# ── invitations ─────────────────────────────────────────────────────────────────────────────
async def invitation(request: Request) -> Response:
    """Looking at it spends nothing."""
    body = {"token": request.path_params["token"]}
    invited = await web(request).api.caller(None).post("/v1/invitations/lookup", json=body)
    return render(request, "invitation.html", invited=invited, error=None)


async def accept(request: Request) -> Response:
    form = await read_open_form(request)
    api, token = web(request).api.caller(None), request.path_params["token"]
    body = {"token": token, "password": form.get("password", ""), "browser": _browser(request)}
    try:
        step = await api.post("/v1/invitations/acceptance", json=body)
    except ApiProblemError as problem:
        if problem.code != "weak_password":
            raise
        invited = await api.post("/v1/invitations/lookup", json={"token": token})
        error = PASSWORD_FAULTS[str(problem.facts["fault"])]
        return render(request, "invitation.html", status_code=422, invited=invited, error=error)
    return signed_in_answer(request, step)


# ── out ─────────────────────────────────────────────────────────────────────────────────────
async def sign_out(request: Request) -> Response:
    await read_form(request)
    if session_of(request) is not None:
        with suppress(ApiProblemError):  # an ended session is signed out already
            await api_of(request).delete("/v1/session")
    response = go_to(request, "/sign-in")
    web(request).cookie.clear(response)
    return response


def signed_in_answer(request: Request, step: JsonObject, *, onward: str = FIRST_PAGE) -> Response:
    """On to the page that was asked for, or to the second factor that is owed."""
    if step["state"] == "code_owed":
        response = RedirectResponse("/sign-in/code", status_code=303)
        _keep(request, response, TICKET_COOKIE, step["ticket"], max_age_s=_TICKET_S)
        _keep(request, response, ONWARD_COOKIE, onward, max_age_s=_FLOW_S)
        return response
    response = RedirectResponse(onward, status_code=303)
    session = WebSession(step["access_token"], datetime.fromisoformat(step["expires_at"]))
    web(request).cookie.write(response, session)
    if step["device_token"]:
        _keep(request, response, DEVICE_COOKIE, step["device_token"], max_age_s=_DEVICE_S)
    response.delete_cookie(TICKET_COOKIE, path="/")
    response.delete_cookie(ONWARD_COOKIE, path="/")
    return response


def _keep(request: Request, response: Response, name: str, value: str, *, max_age_s: int) -> None:
    response.set_cookie(
        name,
        web(request).sealer.seal(value),
        max_age=max_age_s,
        path="/",
        secure=web(request).secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _ticket(request: Request) -> str | None:
    opened = web(request).sealer.open(request.cookies.get(TICKET_COOKIE), max_age_s=_TICKET_S)
    return opened if isinstance(opened, str) else None


def _onward(request: Request) -> str:
    kept = web(request).sealer.open(request.cookies.get(ONWARD_COOKIE), max_age_s=_FLOW_S)
    return onward_path(kept) if isinstance(kept, str) else FIRST_PAGE


def _browser(request: Request) -> JsonObject:
    device = web(request).sealer.open(request.cookies.get(DEVICE_COOKIE))
    return {
        "device_token": device if isinstance(device, str) else None,
        "source": source_of(request),
        "words": browser_words(request.headers.get("user-agent", "")) or None,
    }


def source_of(request: Request) -> str:
    """The nearest proxy's word, else the connection's address; at most a network is told apart."""
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    address = said or (request.client.host if request.client else "")
    return ":".join(address.split(":")[:4])[:100]


async def _form(
    request: Request,
    *,
    email: str = "",
    onward: str = FIRST_PAGE,
    error: str | None = None,
    is_spent: bool = False,
    status: int = 200,
    problem: ApiProblemError | None = None,
) -> Response:
    company = await web(request).api.caller(None).get("/v1/session/company")
    return render(
        request,
        "sign_in.html",
        sign_in_with=company["name"],
        status_code=status,
        email=email,
        onward=onward if onward != FIRST_PAGE else "",
        error=problem_words(error) if error else None,
        is_spent=is_spent,
        wait_s=problem.facts.get("retry_after_s") if problem else None,
    )


ROUTES = [
    Route("/sign-in", explain),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-in/code", ask_code),
    Route("/sign-in/code", take_code, methods=["POST"]),
    Route(_COMPANY, to_company),
    Route(f"{_COMPANY}/callback", from_company),
    Route("/sign-in/{token}", by_link),
    Route("/invitations/{token}", invitation),
    Route("/invitations/{token}", accept, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
