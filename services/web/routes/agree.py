"""The page that a guest opens on their own phone. The link is the key: nobody is signed in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.api_client import JsonObject
from services.web.forms import read_open_form
from services.web.notice_view import PURPOSES, shown
from services.web.rendering import render_to_guest, web
from services.web.routes.consents import language_in, ticked


async def ask(request: Request) -> Response:
    return await _page(request)


async def answer(request: Request) -> Response:
    form = await read_open_form(request)
    purposes, typed = ticked(form), form.get("typed_name", "").strip()[:200]
    error = "purposes" if not purposes else "signature" if not typed else None
    if error:
        return await _page(request, error=error, chosen=purposes, typed_name=typed)
    body: JsonObject = {
        "token": request.path_params["token"],
        "purposes": purposes,
        "typed_name": typed,
        "language": language_in(form, request),
    }
    done = await web(request).api.caller(None).post("/v1/consent-links/answer", json=body)
    return _private(render_to_guest(request, "agree.html", answered=done["asks"]))


async def _page(
    request: Request,
    *,
    error: str | None = None,
    chosen: list[str] | None = None,
    typed_name: str = "",
) -> Response:
    token = {"token": request.path_params["token"][:200]}
    asked = await web(request).api.caller(None).post("/v1/consent-links/lookup", json=token)
    texts = shown(request, asked["notice"])
    is_withdrawal = asked["asks"] == "withdraw"
    offered = [
        name
        for name in PURPOSES
        if name in (asked["agreed"] if is_withdrawal else texts[0].purposes)
    ]
    return _private(
        render_to_guest(
            request,
            "agree.html",
            status_code=422 if error else 200,
            answered=None,
            asks=asked["asks"],
            name=asked["name"],
            notices=texts,
            purposes=PURPOSES,
            offered=offered,
            ticked=chosen or [],
            typed_name=typed_name,
            error=error,
        )
    )


def _private(response: Response) -> Response:
    """The address is a secret: it goes with no link from here."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


ROUTES = [
    Route("/agree/{token}", ask),
    Route("/agree/{token}", answer, methods=["POST"]),
]
