"""Every way a request can fail, as a page, a piece of a page or JSON, in the reader's words."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.web.access import NoPermissionError, meet
from services.web.api_client import ApiProblemError, ApiUnreachableError
from services.web.csrf import ForgedRequestError
from services.web.forms import FormTooLargeError, drain
from services.web.handed_out import LinkEndedError
from services.web.onward import SIGN_IN, sign_in_url
from services.web.rendering import (
    SignedOutError,
    is_fragment,
    render,
    render_fragment,
    web,
    wording_of,
)
from services.web.words import EXPLAINED_REFUSALS, TRANSIENT, problem_words

_RETRY_S = 3

Handler = Callable[[Request, Exception], Awaitable[Response]]


class RefusedError(Exception):
    """A request that makes no sense any more, by what the API has just said."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


def answer_problem(
    request: Request,
    code: str,
    *,
    status: int,
    request_id: str = "",
    retry_after_s: object = None,
) -> Response:
    """Say what happened in the form that was asked for, and when to come back if that is known."""
    response = _in_words(request, code, status=status, request_id=request_id, again=retry_after_s)
    if isinstance(retry_after_s, int):
        response.headers["Retry-After"] = str(retry_after_s)
    return response


async def refuse_upload(request: Request, problem: ApiProblemError) -> Response:
    """What the API says of a file, once the browser has sent the rest of it and will listen."""
    if problem.status == 401:
        raise problem
    await drain(request)
    return answer_problem(
        request,
        problem.code,
        status=problem.status,
        request_id=problem.request_id,
        retry_after_s=problem.facts.get("retry_after_s"),
    )


def _in_words(
    request: Request, code: str, *, status: int, request_id: str, again: object
) -> Response:
    words = problem_words(code)
    if request.headers.get("accept", "").startswith("application/json"):
        return _as_json(request, code, status, again=again)
    shown: dict[str, object] = {"problem": words, "code": code, "request_id": request_id}
    if is_fragment(request):
        response: Response = render_fragment(
            request, "_problem_message.html", status_code=status, **shown
        )
        is_in_sheet = request.headers.get("hx-target") == "sheet-body"
        response.headers["HX-Retarget"] = "#sheet-messages" if is_in_sheet else "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    retry_s = _RETRY_S if code in TRANSIENT and request.method == "GET" else None
    response = render(
        request, "problem.html", status_code=status, status=status, retry_s=retry_s, **shown
    )
    if retry_s is not None:
        response.headers["Retry-After"] = str(retry_s)
    return response


def _as_json(request: Request, code: str, status: int, *, again: object = None) -> Response:
    words, say = problem_words(code), wording_of(request).text
    body: dict[str, object] = {
        "code": code,
        "happened": say(words.happened),
        "safe": say(words.safe),
        "to_do": say(words.to_do),
    }
    if status == 401:
        body["go_to"] = SIGN_IN
    if again is not None:
        body["retry_after_s"] = again
    return JSONResponse(body, status)


def sign_out_answer(request: Request) -> Response:
    """To the sign-in page, which leads back here; the cookie goes, nothing else was kept."""
    accepted = request.headers.get("accept", "")
    if accepted.startswith("text/event-stream"):
        return Response(status_code=204)  # the one answer that a browser does not ask again after
    if accepted.startswith("application/json"):
        response = _as_json(request, "not_signed_in", 401)
    elif is_fragment(request):
        response = Response(status_code=401, headers={"HX-Redirect": sign_in_url(request)})
    else:
        response = RedirectResponse(sign_in_url(request), status_code=303)
    web(request).cookie.clear(response)
    return response


async def _signed_out(request: Request, _error: Exception) -> Response:
    return sign_out_answer(request)


async def _api_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblemError)  # registered for this type only
    if error.status == 401:
        return sign_out_answer(request)
    is_explained = error.status != 403 or error.code in EXPLAINED_REFUSALS
    code = error.code if is_explained else "forbidden"
    return answer_problem(
        request,
        code,
        status=error.status,
        request_id=error.request_id,
        retry_after_s=error.facts.get("retry_after_s"),
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # registered for this type only
    return answer_problem(request, error.code, status=error.status)


async def _no_permission(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "forbidden", status=403)


async def _link_ended(request: Request, _error: Exception) -> Response:
    """Not said: whether there is anything, and for whom."""
    return answer_problem(request, "link_ended", status=404)


async def _unreachable(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "unreachable", status=503)


async def _forged(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "forged_request", status=403)


async def _form_too_large(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "form_too_large", status=413)


async def _malformed_form(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "invalid_input", status=400)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for this type only
    with suppress(ApiProblemError, ApiUnreachableError):  # the page is the same without a name
        await meet(request)
    code = {404: "not_found", 405: "not_found", 403: "forbidden"}.get(
        error.status_code, "invalid_input"
    )
    return answer_problem(request, code, status=error.status_code)


async def _internal(request: Request, _error: Exception) -> Response:
    return answer_problem(request, "internal_error", status=500)


HANDLERS: dict[type[Exception], Handler] = {
    SignedOutError: _signed_out,
    ApiProblemError: _api_problem,
    RefusedError: _refused,
    NoPermissionError: _no_permission,
    LinkEndedError: _link_ended,
    ApiUnreachableError: _unreachable,
    ForgedRequestError: _forged,
    FormTooLargeError: _form_too_large,
    FormParserError: _malformed_form,
    HTTPException: _http,
    Exception: _internal,
}
