"""Customers as the API keeps them: profiles with their checks, search with its alike ones."""

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, problem

_MINOR_SINCE = date(2010, 1, 1)


def customer_routes(fake: FakeApi) -> list[Route]:
    async def customers(request: Request) -> Response:
        query = request.query_params.get("query", "").casefold()
        tag = request.query_params.get("tag")
        limit, start = (
            int(request.query_params.get(k, d)) for k, d in (("limit", 50), ("cursor", 0))
        )
        named = sorted(
            (
                g
                for g in fake.guests.values()
                if query in g["name"].casefold() and (tag is None or tag in g["tags"])
            ),
            key=lambda g: g["name"],
        )
        rest = len(named) > start + limit
        alike = [g for g in fake.guests.values() if query and g["name"] in fake.alike]
        return JSONResponse(
            {
                "items": [fake.customer(g) for g in named[start : start + limit]],
                "alike": [fake.customer(g) for g in alike if g not in named],
                "total": len(named),
                "next_cursor": str(start + limit) if rest else None,
            }
        )

    async def new_customer(request: Request) -> Response:
        body = await request.json()
        if refused := _refused(body) or _no_such_home(fake, body):
            return refused
        known = {"faces": 0, "consent": False}
        return JSONResponse(fake.customer(fake.add_guest(body.pop("name"), **known, **body)), 201)

    async def customer(request: Request) -> Response:
        asked = request.path_params["id"]
        guest = fake.guests.get(fake.merged.get(asked, asked))
        if guest is None:
            return problem("not_found", 404)
        if request.method == "PATCH":
            body = await request.json()
            if refused := _refused(body, is_new=False) or _no_such_home(fake, body):
                return refused
            guest.update(body)
        if request.method == "DELETE":
            del fake.guests[guest["id"]]
            faces, visits = len(guest["templates"]), len(guest["visits"])
            gone = {"templates": faces, "vectors": faces, "images": faces + 1, "visits": visits}
            return JSONResponse({"customer_id": guest["id"], **gone})
        return JSONResponse(fake.customer(guest))

    return [
        Route("/v1/customers", customers),
        Route("/v1/customers", new_customer, methods=["POST"]),
        Route("/v1/customers/{id}", customer, methods=["GET", "PATCH", "DELETE"]),
    ]


def _refused(body: dict[str, Any], *, is_new: bool = True) -> Response | None:
    if not 0 < len(body["name"].strip()) <= 200 or len(body.get("notes") or "") > 4000:
        return problem("invalid_input", 422, fields=[{"field": "name"}])
    if body.get("email") and "@" not in body["email"]:
        return problem("invalid_input", 422, fields=["email"], problems={"email": "not_an_email"})
    born = body.get("birth_date")
    if is_new and born and date.fromisoformat(born) > _MINOR_SINCE:
        return problem("under_age", 422)
    return None


def _no_such_home(fake: FakeApi, body: dict[str, Any]) -> Response | None:
    home = body.get("home_venue_id")
    if home is None or home in {venue["id"] for venue in fake.venues}:
        return None
    return problem("invalid_input", 422, fields=["home_venue_id"])
