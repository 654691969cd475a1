"""The privacy desk: its address leads to the first of its pages that somebody may see."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.web.person import privacy_tabs
from services.web.rendering import person_of, require_session


async def desk(request: Request) -> Response:
    require_session(request)
    return RedirectResponse(privacy_tabs(person_of(request))[0][0], status_code=303)


ROUTES = [Route("/privacy", desk)]
