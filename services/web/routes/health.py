"""For whoever runs the pages by themselves: do they answer, and does the API behind them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.web.api_client import ApiUnreachableError
from services.web.rendering import web


async def is_alive(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def is_ready(request: Request) -> Response:
    """503 names what is missing; beside the API's own words that may be the API."""
    try:
        found = await web(request).api.caller(None).readiness()
    except ApiUnreachableError:
        found = {"is_ready": False, "status": "not ready", "waiting_for": ["api"]}
    return JSONResponse(found, status_code=200 if found.pop("is_ready") else 503)


ROUTES = [Route("/healthz", is_alive), Route("/readyz", is_ready)]
