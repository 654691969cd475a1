"""In by a one-time link, out by a button."""

from contextlib import suppress
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.api_client import ApiProblemError
from services.web.forms import read_form
from services.web.rendering import api_of, go_to, render, session_of, web
from services.web.sessions import WebSession


async def sign_in(request: Request) -> Response:
    """Exchange the link's token for a session. A browser that only guesses ahead spends nothing."""
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(status_code=503)
    try:
        new = (
            await web(request)
            .api.caller(None)
            .post("/v1/session", json={"token": request.path_params["token"]})
        )
    except ApiProblemError as problem:
        if problem.status not in {401, 404, 422}:
            raise
        return render(request, "sign_in.html", status_code=401, is_spent=True)
    response = RedirectResponse("/", status_code=303)
    session = WebSession(new["access_token"], datetime.fromisoformat(new["expires_at"]))
    web(request).cookie.write(response, session)
    return response


async def explain(request: Request) -> Response:
    return render(request, "sign_in.html", is_spent=False)


async def sign_out(request: Request) -> Response:
    await read_form(request)
    if session_of(request) is not None:
        with suppress(ApiProblemError):  # an ended session is signed out already
            await api_of(request).delete("/v1/session")
    response = go_to(request, "/sign-in")
    web(request).cookie.clear(response)
    return response


ROUTES = [
    Route("/sign-in", explain),
    Route("/sign-in/{token}", sign_in),
    Route("/sign-out", sign_out, methods=["POST"]),
]
