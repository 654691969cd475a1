"""Tonight as the API keeps it: entries, exits, heads."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem


def visit_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    async def enter(request: Request) -> Response:
        body = await request.json()
        wanted = body.get("customer_id")
        guests = fake.guests.values()
        guest = next(
            (g for g in guests if wanted == g["id"] or body.get("reference") == g["reference"]),
            None,
        )
        if guest is None:
            return problem("not_found", 404)
        if guest["minor"]:
            return problem("under_age", 422)
        known = next((v for v in fake.visits if v["customer_id"] == guest["id"]), None)
        if known:
            return JSONResponse({**known, "is_new": False})
        visit = {
            "id": str(uuid4()),
            "customer_id": guest["id"],
            "customer_name": guest["name"],
            "portrait_url": None,
            "venue_id": guest["home_venue_id"],
            "night": str(now().date()),
            "entered_at": iso(now()),
            "left_at": None,
            "source": body.get("source", "hand"),
        }
        fake.visits.insert(0, visit)
        return JSONResponse({**visit, "is_new": True}, 201)

    def found(request: Request) -> Json:
        return next(v for v in fake.visits if v["id"] == request.path_params["id"])

    async def leave(request: Request) -> Response:
        found(request)["left_at"] = iso(now()) if request.method == "POST" else None
        return JSONResponse(found(request))

    async def remove(request: Request) -> Response:
        fake.visits.remove(found(request))
        return Response(status_code=204)

    async def tonight(request: Request) -> Response:
        start = int(request.query_params.get("cursor", 0))
        limit = int(request.query_params.get("limit", 50))
        rest = len(fake.visits) > start + limit
        return JSONResponse(
            {
                **counted(),
                "items": fake.visits[start : start + limit],
                "next_cursor": str(start + limit) if rest else None,
            }
        )

    async def heads(request: Request) -> Response:
        body = await request.json()
        fake.heads.setdefault(body["key"], body["change"])
        return JSONResponse(counted())

    def counted() -> Json:
        inside = sum(v["left_at"] is None for v in fake.visits)
        uncounted = max(0, sum(fake.heads.values()))
        return {
            "venue_id": "3c2b1a00-5555-4555-8555-000000000018",
            "venue_name": "Vestibule",
            "night": str(now().date()),
            "entered": len(fake.visits),
            "inside": inside,
            "uncounted": uncounted,
            "occupancy": inside + uncounted,
            "capacity": fake.capacity,
        }

    return [
        Route("/v1/visits", enter, methods=["POST"]),
        Route("/v1/visits/{id}/exit", leave, methods=["POST", "DELETE"]),
        Route("/v1/visits/{id}", remove, methods=["DELETE"]),
        Route("/v1/tonight", tonight),
        Route("/v1/tonight/heads", heads, methods=["POST"]),
    ]
