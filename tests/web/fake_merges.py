"""Duplicates and merges as the API tells of them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem


def merge_routes(fake: FakeApi) -> list[Route]:
    def pairs() -> list[Json]:
        return [
            {
                "customer": fake.customer(fake.guests[one]),
                "other": fake.customer(fake.guests[other]),
                "reasons": reasons,
            }
            for one, other, reasons in fake.duplicates
        ]

    async def listing(_: Request) -> Response:
        return JSONResponse({"items": pairs(), "next_cursor": None})

    async def of_one(request: Request) -> Response:
        asked = request.path_params["id"]
        mine = [p for p in pairs() if asked in (p["customer"]["id"], p["other"]["id"])]
        return JSONResponse({"items": mine, "next_cursor": None})

    async def judge(request: Request) -> Response:
        body = await request.json()
        said = {body["customer_id"], body["other_customer_id"]}
        fake.duplicates = [pair for pair in fake.duplicates if set(pair[:2]) != said]
        return Response(status_code=204)

    async def merge(request: Request) -> Response:
        body = await request.json()
        made = {
            "id": "9a8b7c6d-6666-4666-8666-000000000019",
            **body,
            "merged_name": fake.guests[body["merged_id"]]["name"],
            "moved": {},
            "merged_by": "operator",
            "merged_at": iso(now()),
            "undone_by": None,
            "undone_at": None,
            "can_undo": True,
        }
        fake.duplicates = []
        fake.merges.append(made)
        return JSONResponse(made, 201)

    async def undo(_: Request) -> Response:
        fake.merges[0] |= {"undone_at": iso(now()), "undone_by": "operator", "can_undo": False}
        return JSONResponse(fake.merges[0])

    async def merges(request: Request) -> Response:
        mine = [m for m in fake.merges if m["kept_id"] == request.path_params["id"]]
        return JSONResponse({"items": mine})

    async def timeline(request: Request) -> Response:
        """Visits and consents, of which there may be more."""
        asked = request.path_params["id"]
        guest = fake.guests.get(fake.merged.get(asked, asked))
        if guest is None:
            return problem("not_found", 404)
        events = [
            {
                **{"id": visit["id"], "kind": "visit", "at": visit["entered_at"]},
                **{"source": "face", "venue": "Vestibule"},
                "facts": {"night": visit["night"], "left_at": None},
            }
            for visit in guest["visits"]
        ] + [
            {
                **{"id": given["id"], "kind": "consent", "at": given["given_at"]},
                **{"source": given["recorded_by"], "venue": None},
                "facts": {"step": "given", "purpose": "recognition"},
            }
            for given in guest["consents"]
        ]
        kinds = request.query_params.getlist("kind")
        shown = [one for one in events if not kinds or one["kind"] in kinds]
        start = int(request.query_params.get("cursor", 0))
        limit = int(request.query_params["limit"])
        more = len(shown) > start + limit
        return JSONResponse(
            {
                "items": shown[start : start + limit],
                "kinds": ["visit", "consent", "face", "merge"],
                "next_cursor": str(start + limit) if more else None,
            }
        )

    return [
        Route("/v1/customers/{id}/timeline", timeline),
        Route("/v1/customer-duplicates", listing),
        Route("/v1/customer-duplicates/judgement", judge, methods=["POST"]),
        Route("/v1/customers/{id}/duplicates", of_one),
        Route("/v1/customers/{id}/merges", merges),
        Route("/v1/customer-merges", merge, methods=["POST"]),
        Route("/v1/customer-merges/{id}/undo", undo, methods=["POST"]),
    ]
