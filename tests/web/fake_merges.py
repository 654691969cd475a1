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


def import_routes(fake: FakeApi) -> list[Route]:
    async def preview(request: Request) -> Response:
        content = await request.body()
        if b"name" not in content:
            return problem("invalid_input", 422, fields=["file"], problem="no_name_column")
        fake.imports = [
            {
                "id": "7c6b5a49-7777-4777-8777-000000000020",
                "state": "previewed",
                "columns": {"name": "name", "colour": None},
                "rows": 2,
                "fitting": 1,
                "problems": [{"row": 3, "field": "email", "code": "not_an_email"}],
                "sample": [{"row": 2, "fields": {"name": "Zoé", "tags": ["VIP"]}}],
                "position": 0,
                "created": 0,
                "updated": 0,
                "refused": 0,
                "requested_by": "operator",
                "created_at": iso(now()),
            }
        ]
        return JSONResponse(fake.imports[0], 201)

    async def listing(_: Request) -> Response:
        return JSONResponse({"items": fake.imports})

    async def one(_: Request) -> Response:
        return JSONResponse(fake.imports[0])

    async def discard(_: Request) -> Response:
        fake.imports = []
        return Response(status_code=204)

    async def confirm(_: Request) -> Response:
        fake.imports[0] |= {"state": "done", "created": 1, "refused": 1, "position": 2}
        return JSONResponse(fake.imports[0], 202)

    async def export(_: Request) -> Response:
        return Response("reference,name\n", media_type="text/csv")

    return [
        Route("/v1/customer-imports", preview, methods=["POST"]),
        Route("/v1/customer-imports", listing),
        Route("/v1/customer-imports/{id}", one),
        Route("/v1/customer-imports/{id}", discard, methods=["DELETE"]),
        Route("/v1/customer-imports/{id}/confirmation", confirm, methods=["POST"]),
        Route("/v1/customer-export", export),
    ]
