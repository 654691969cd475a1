"""The installation: health in words."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.rendering import api_of, render


async def system(request: Request) -> Response:
    """What is not ready is the page's first news; the rest follows once it can be asked."""
    api = api_of(request)
    readiness = await api.readiness()
    if not readiness["is_ready"]:
        return render(request, "system.html", readiness=readiness, status=None)
    status, demo, erasures = await asyncio.gather(
        api.get("/v1/status"), api.get("/v1/demo"), api.get("/v1/erasures/figures")
    )
    return render(
        request,
        "system.html",
        readiness=readiness,
        status=status,
        demo=demo,
        erasures=erasures,
    )


ROUTES = [Route("/system", system)]
