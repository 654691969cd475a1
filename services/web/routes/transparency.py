"""For everybody: what the algorithm weighs, and how often it errs. No sign-in, no name."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web import accuracy_words, incident_words
from services.web.rendering import render, web


async def transparency(request: Request) -> Response:
    found = await web(request).api.caller(None).get("/v1/transparency")
    return render(
        request,
        "transparency.html",
        found=found,
        kinds=incident_words.KINDS,
        conditions=accuracy_words.DEGRADATIONS,
        groups=accuracy_words.GROUPS,
    )


ROUTES = [Route("/transparency", transparency)]
