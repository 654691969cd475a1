"""Requests about data, as the API keeps them."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.data_request_schemas import DATA_REQUEST_EXAMPLES
from tests.web.fake_state import FakeApi, Json, problem

_PATH = "/v1/data-requests"


def a_request(**values: object) -> Json:
    return {**DATA_REQUEST_EXAMPLES["DataRequest"], "id": str(uuid4()), **values}


def request_routes(fake: FakeApi) -> list[Route]:
    def found(request: Request) -> Json | None:
        return next((r for r in fake.requests if r["id"] == request.path_params["id"]), None)

    async def listing(request: Request) -> Response:
        is_open = request.query_params["state"] == "open"
        shown = [one for one in fake.requests if (one["state"] == "open") == is_open]
        late = sum(one["is_overdue"] for one in fake.requests)
        body = {"items": shown, "total": len(shown), "next_offset": None, "open": len(shown)}
        return JSONResponse({**body, "overdue": late})

    async def one(request: Request) -> Response:
        there = found(request)
        return JSONResponse(there) if there else problem("not_found", 404)

    return [
        Route(_PATH, listing),
        Route(f"{_PATH}/{{id}}", one),
        *_changes(fake),
    ]


def _changes(fake: FakeApi) -> list[Route]:
    async def take(request: Request) -> Response:
        body = await request.json()
        if body.get("received_on") == "1999-01-01":
            return problem("invalid_input", 422, fields=["received_on"])
        if not body.get("customer_id") and not body["requester"]:
            return problem("invalid_input", 422, fields=[{"field": "requester"}])
        fake.requests_taken.append(body)
        made = a_request(right=body["right"], requester=body.get("requester"), customer=None)
        fake.requests.append(made)
        return JSONResponse(made, 201)

    async def act(request: Request) -> Response:
        body = await request.json()
        there = next(r for r in fake.requests if r["id"] == request.path_params["id"])
        part = request.path_params["part"]
        if part != "identity" and not (body.get("words") or body.get("reason")):
            return problem("invalid_input", 422, fields=[{"field": "words"}])
        if part == "outcome" and body["outcome"] == "answered" and not there["identity"]:
            return problem("identity_unchecked", 409)
        fake.requests_taken.append({"part": part, **body})
        if part == "outcome":
            there["state"] = body["outcome"]
        return JSONResponse(there)

    return [
        Route(_PATH, take, methods=["POST"]),
        Route(f"{_PATH}/{{id}}/{{part}}", act, methods=["POST"]),
    ]
