"""A customer's own page. No staff is signed in here: a short session of its own, and nothing else.

The link's token stands behind the ``#``, which browsers send to nobody: a script posts it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web import incident_words, own_page_words, request_words, retention_words
from services.web.api_client import ApiCaller, ApiProblemError, JsonObject
from services.web.audit_words import ACTIONS
from services.web.forms import read_form_of, read_open_form
from services.web.handed_out import FIELD
from services.web.pass_through import PassThrough
from services.web.profile_form import GUEST_LANGUAGES
from services.web.rendering import go_to, render_to_guest, web, wording_of
from services.web.routes.sign_in import source_of
from services.web.sessions import WebSession
from services.web.words import problem_words

URL = "/me"
_API = "/v1/me"
BROWSER_COOKIE = "vestibule_own"
_BROWSER_S = 31 * 24 * 3600
_ASKED = ("restriction", "portability", "access", "objection")
Endpoint = Callable[[Request], Awaitable[Response]]


# ── in and out ──────────────────────────────────────────────────────────────────────────────
async def page(request: Request) -> Response:
    """All that is held; or, without a session, the step that reads the link."""
    session = _session(request)
    if session is None:
        return _door(request)
    try:
        data = await _api(request, session).get(_API)
    except ApiProblemError as problem:
        if problem.status != 401:
            raise
        return _out(_door(request))
    return _show(request, session, "own_page.html", data, errors={}, typed={})


async def enter(request: Request) -> Response:
    """Exchange what stands behind the #. The first browser that does keeps the link."""
    form = await read_open_form(request)
    token = form.get("token", "").strip().rpartition("#")[2]
    known = web(request).sealer.open(request.cookies.get(BROWSER_COOKIE))
    body = {
        "token": token[:200],
        "browser_token": known if isinstance(known, str) else None,
        "source": source_of(request),
    }
    try:
        opened = await web(request).api.caller(None).post(f"{_API}/session", json=body)
    except ApiProblemError as problem:
        if problem.code not in {"personal_link_spent", "too_many_attempts"}:
            raise
        return _door(request, problem)
    response = RedirectResponse(URL, status_code=303)
    session = {"token": opened["access_token"], "expires_at": opened["expires_at"]}
    ends = datetime.fromisoformat(opened["expires_at"])
    _keep(request, response, _cookie(request), session, expires=ends)
    _keep(request, response, BROWSER_COOKIE, opened["browser_token"], max_age=_BROWSER_S)
    return response


async def leave(request: Request) -> Response:
    session = _session(request)
    if session is None:
        return RedirectResponse(URL, status_code=303)
    await read_form_of(request, session)
    await _api(request, session).delete(f"{_API}/session")
    return _out(_frame(request, None, "own_page_left.html"))


# ── taking along ────────────────────────────────────────────────────────────────────────────
async def picture(request: Request) -> Response:
    session = _session(request)
    if session is None:
        return Response(status_code=404)
    passed = request.query_params.get(FIELD, "")
    here = web(request)
    here.links.require(request.url.path, passed, session, now=here.clock())
    path = f"{_API}/pictures/{request.path_params['picture_id']}"
    return PassThrough(await _api(request, session).open(path), media_type="image/jpeg")


async def take_along(request: Request) -> Response:
    session = _session(request)
    if session is None:
        return RedirectResponse(URL, status_code=303)
    stream = await _api(request, session).open(f"{_API}/export")
    answer = PassThrough(stream, media_type="application/zip")
    answer.headers["Content-Disposition"] = stream.disposition or "attachment"
    return answer


# ── doing ───────────────────────────────────────────────────────────────────────────────────
async def confirm_erasure(request: Request) -> Response:
    session = _session(request)
    if session is None:
        return RedirectResponse(URL, status_code=303)
    data = await _api(request, session).get(_API)
    return _show(request, session, "own_page_erase.html", data, errors={}, typed={})


def _doing(
    act: Callable[[ApiCaller, Mapping[str, str], Request], Awaitable[str]], part: str
) -> Endpoint:
    """A form of the page: done, or shown again with what does not fit."""

    async def endpoint(request: Request) -> Response:
        session = _session(request)
        if session is None:
            return RedirectResponse(URL, status_code=303)
        form = await read_form_of(request, session)
        api = _api(request, session)
        data = await api.get(_API)
        _speak(request, data)
        try:
            said = await act(api, form, request)
        except ApiProblemError as problem:
            if problem.status not in (409, 422):
                raise
            errors = {part: _fault(request, problem)}
            status = problem.status
            return _show(
                request,
                session,
                "own_page.html",
                data,
                errors=errors,
                typed={part: form},
                status=status,
            )
        return go_to(request, URL, say=said)

    return endpoint


async def _change_contact(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    changes = {
        name: form[name].strip() or None for name in ("phone", "email", "language") if name in form
    }
    await api.patch(f"{_API}/contact", json=changes)
    return wording_of(request).text("Corrected.")


async def _ask_correction(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    body: JsonObject = {"right": "rectification", "words": form.get("words", "")}
    for name in ("name", "birth_date"):
        if form.get(name, "").strip():
            body[name] = form[name].strip()
    await api.post(f"{_API}/requests", json=body)
    return _taken(request)


async def _withdraw(api: ApiCaller, _form: Mapping[str, str], request: Request) -> str:
    await api.post(f"{_API}/consents/{request.path_params['consent_id']}/withdrawal")
    return wording_of(request).text("Withdrawn. It holds from now on.")


async def _object(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    chosen = {f"to_{name}": form.get(name) == "yes" for name in ("statistics", "offers")}
    await api.post(f"{_API}/objections", json=chosen)
    return wording_of(request).text("Kept. It holds from now on.")


async def _appeal(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    await api.post(f"{_API}/appeals", json={"statement": form.get("statement", "")})
    return wording_of(request).text("Your appeal is with somebody who had no part in it.")


async def _ask(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    right = form.get("right", "")
    body = {"right": right if right in _ASKED else "access", "words": form.get("words", "")}
    await api.post(f"{_API}/requests", json=body)
    return _taken(request)


async def _ask_erasure(api: ApiCaller, form: Mapping[str, str], request: Request) -> str:
    if form.get("sure") != "yes":
        return wording_of(request).text("Nothing was asked: the box was not ticked.")
    await api.post(f"{_API}/requests", json={"right": "erasure", "words": form.get("words", "")})
    return _taken(request)


def _taken(request: Request) -> str:
    return wording_of(request).text("We have your request. You are answered within a month.")


def _fault(request: Request, problem: ApiProblemError) -> str:
    say = wording_of(request).text
    problems = problem.facts.get("problems")
    if isinstance(problems, dict):
        return " ".join(say(own_page_words.FAULTS[n]) for n in problems if n in FAULT_FIELDS)
    if problem.status == 409:
        return say("You have asked this already: we are working on it.")
    return say("Something does not fit. Say it in a few words, and give whole dates.")


FAULT_FIELDS = own_page_words.FAULTS.keys()


# ── the frame ───────────────────────────────────────────────────────────────────────────────
def _cookie(request: Request) -> str:
    return "__Host-vestibule_me" if web(request).secure_cookies else "vestibule_me"


def _session(request: Request) -> WebSession | None:
    opened = web(request).sealer.open(request.cookies.get(_cookie(request)))
    if not isinstance(opened, dict):
        return None
    session = WebSession(opened["token"], datetime.fromisoformat(opened["expires_at"]))
    return session if session.expires_at > web(request).clock() else None


def _keep(request: Request, response: Response, name: str, value: object, **until: Any) -> None:
    response.set_cookie(
        name,
        web(request).sealer.seal(value),
        path="/",
        secure=web(request).secure_cookies,
        httponly=True,
        samesite="strict",
        **until,
    )


def _out(response: Response) -> Response:
    for name in ("__Host-vestibule_me", "vestibule_me"):
        response.delete_cookie(
            name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="strict"
        )
    return response


def _api(request: Request, session: WebSession) -> ApiCaller:
    return web(request).api.caller(session.access_token)


def _speak(request: Request, data: JsonObject) -> None:
    """In the customer's language, unless this browser chose one."""
    request.state.spoken = str(data["profile"]["language"] or "").split("-")[0] or None


def _door(request: Request, problem: ApiProblemError | None = None) -> Response:
    return _frame(
        request,
        None,
        "own_page_door.html",
        status=problem.status if problem else 200,
        error=problem_words(problem.code) if problem else None,
        wait_s=problem.facts.get("retry_after_s") if problem else None,
    )


def _show(
    request: Request,
    session: WebSession,
    template: str,
    data: JsonObject,
    *,
    errors: Mapping[str, str],
    typed: Mapping[str, Mapping[str, str]],
    status: int = 200,
) -> Response:
    _speak(request, data)
    return _frame(
        request,
        session,
        template,
        status=status,
        data=data,
        errors=errors,
        typed=typed,
        languages=GUEST_LANGUAGES,
        words=own_page_words,
        rights=request_words.RIGHTS,
        kinds=incident_words.KINDS,
        deeds=ACTIONS,
        span=partial(retention_words.span_words, wording_of(request)),
        signed=partial(_signed, request, session),
        is_asked={one["right"] for one in data["requests"] if one["state"] == "open"},
    )


def _signed(request: Request, session: WebSession, url: str) -> str:
    return web(request).links.signed(url, session, now=web(request).clock())


def _frame(
    request: Request,
    session: WebSession | None,
    template: str,
    *,
    status: int = 200,
    **values: object,
) -> Response:
    return render_to_guest(
        request,
        template,
        status_code=status,
        is_within=session is not None,
        csrf_token=web(request).csrf.issue(session) if session else "",
        **values,
    )


ROUTES = [
    Route(URL, page),
    Route(f"{URL}/session", enter, methods=["POST"]),
    Route(f"{URL}/leave", leave, methods=["POST"]),
    Route(f"{URL}/data.zip", take_along),
    Route(f"{URL}/pictures/{{picture_id:uuid}}", picture),
    Route(f"{URL}/erase", confirm_erasure),
    Route(f"{URL}/erase", _doing(_ask_erasure, "erase"), methods=["POST"]),
    Route(f"{URL}/contact", _doing(_change_contact, "contact"), methods=["POST"]),
    Route(f"{URL}/correction", _doing(_ask_correction, "correction"), methods=["POST"]),
    Route(
        f"{URL}/consents/{{consent_id:uuid}}/withdraw",
        _doing(_withdraw, "consents"),
        methods=["POST"],
    ),
    Route(f"{URL}/objections", _doing(_object, "objections"), methods=["POST"]),
    Route(f"{URL}/appeal", _doing(_appeal, "appeal"), methods=["POST"]),
    Route(f"{URL}/requests", _doing(_ask, "requests"), methods=["POST"]),
]
