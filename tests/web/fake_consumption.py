"""The part of the fake API that says what guests buy."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json

NOTHING: Json = {"purchases": 0, "money": [], "alcohol_units": 0.0}


def consumption(**values: object) -> Json:
    made = {
        "care": None,
        "units_in_window": 0.0,
        "window_hours": 4.0,
        "tonight": NOTHING,
        "last_30_days": NOTHING,
        "favourites": [],
    }
    return made | values


def consumption_routes(fake: FakeApi) -> list[Route]:
    async def shown(_: Request) -> Response:
        return JSONResponse(fake.consumption or consumption())

    return [Route("/v1/customers/{id}/consumption", shown)]
