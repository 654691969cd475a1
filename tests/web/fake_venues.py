"""Venues of the chain as the API keeps them, and how it refuses what does not fit."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, problem


def venue_routes(fake: FakeApi) -> list[Route]:
    def fits(body: Json) -> bool:
        age, capacity = body["minimum_age"], body["capacity"]
        is_fit = 18 <= age <= 25 and (capacity is None or 1 <= capacity <= 100_000)
        return bool(is_fit and body["name"])

    async def venues(_: Request) -> Response:
        return JSONResponse({"items": fake.venues})

    async def add(request: Request) -> Response:
        body = await request.json()
        if not fits(body):
            return problem("invalid_input", 422)
        fake.venues.append({"id": str(uuid4()), "people": 0, **body})
        return JSONResponse(fake.venues[-1], 201)

    async def correct(request: Request) -> Response:
        body = await request.json()
        if not fits(body):
            return problem("invalid_input", 422)
        one = next(venue for venue in fake.venues if venue["id"] == request.path_params["id"])
        one.update(body)
        return JSONResponse(one)

    return [
        Route("/v1/venues", venues),
        Route("/v1/venues", add, methods=["POST"]),
        Route("/v1/venues/{id}", correct, methods=["PATCH"]),
    ]
