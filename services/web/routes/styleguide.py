"""The living page of tokens and components, in all their states."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.rendering import render
from services.web.specimens import specimen_cards, specimen_photos


async def styleguide(request: Request) -> Response:
    return render(request, "styleguide.html", cards=specimen_cards(), photos=specimen_photos())


ROUTES = [Route("/styleguide", styleguide)]
