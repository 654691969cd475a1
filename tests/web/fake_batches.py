"""The part of the fake API that is about batches and generations of the index."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem

BECOMES = {"pause": "paused", "resumption": "running", "cancellation": "cancelled"}


def batch(state: str = "running", **values: object) -> Json:
    is_running = state == "running"
    return {
        "id": str(uuid4()),
        "kind": "reembed",
        "state": state,
        "generation": 2,
        "pack": "dlib",
        "low_light": "on",
        "source": "folder" if values.get("kind") == "import" else None,
        "is_listing": False,
        "pace": "polite",
        "at_once": 2,
        "total": 1712,
        "settled": 640,
        "failed": 0,
        "rate_per_s": 4.25 if is_running else None,
        "eta_s": 252.0 if is_running else None,
        "error": {"code": "space_unavailable", "detail": ""} if state == "failed" else None,
        "requested_by": "owner",
        "created_at": iso(now()),
        "finished_at": None,
        **values,
    }


def comparison(**values: object) -> Json:
    return {
        "against": 1,
        "at": iso(now()),
        "faces": 400,
        "agreeing": 396,
        "same": 391,
        "nobody": 5,
        "only_old": 3,
        "only_new": 1,
        "different": 0,
        "agree_low": 0.9746,
        "agree_high": 0.9961,
        "findable": 395,
        "right_old": 394,
        "right_new": 392,
        "same_neighbours": None,
        "largest_score_gap": None,
        **values,
    }


def generation(number: int, state: str = "serving", **values: object) -> Json:
    return {
        "number": number,
        "state": state,
        "pack": "open",
        "low_light": "on",
        "space_id": "f3a9c1d277b0e4aa",
        "templates": 1711,
        "lacking": 0 if state in ("ready", "standby") else None,
        "unusable": 0,
        "comparison": None,
        "created_by": "settings",
        "created_at": iso(now()),
        "ready_at": iso(now()),
        "served_at": None,
        "dropped_at": None,
        **values,
    }


def batch_routes(fake: FakeApi) -> list[Route]:
    def found(request: Request) -> Json | None:
        return next((b for b in fake.batches if b["id"] == request.path_params["id"]), None)

    async def batches(request: Request) -> Response:
        if request.method == "POST":
            fake.asked_batches.append(await request.json())
            fake.batches.insert(0, batch())
            return JSONResponse(fake.batches[0], 202)
        return JSONResponse({"items": fake.batches})

    async def one(request: Request) -> Response:
        shown = found(request)
        return JSONResponse(shown) if shown else problem("not_found", 404)

    async def failures(request: Request) -> Response:
        start, limit = int(request.query_params["offset"]), int(request.query_params["limit"])
        total = len(fake.batch_failures)
        following = start + limit if total > start + limit else None
        page = fake.batch_failures[start : start + limit]
        return JSONResponse({"items": page, "total": total, "next_offset": following})

    async def act(request: Request) -> Response:
        shown = found(request)
        if shown is None:
            return problem("not_found", 404)
        shown["state"] = BECOMES[request.path_params["deed"]]
        return JSONResponse(shown)

    async def sources(_: Request) -> Response:
        return JSONResponse({"items": [{"name": name} for name in fake.import_sources]})

    return [
        Route("/v1/import-sources", sources),
        Route("/v1/batches", batches, methods=["GET", "POST"]),
        Route("/v1/batches/{id}", one),
        Route("/v1/batches/{id}/failures", failures),
        Route("/v1/batches/{id}/{deed}", act, methods=["POST"]),
    ]


def generation_routes(fake: FakeApi) -> list[Route]:
    def numbered(request: Request) -> Json | None:
        number = request.path_params["number"]
        return next((g for g in fake.generations if g["number"] == number), None)

    async def generations(_: Request) -> Response:
        return JSONResponse({"items": fake.generations})

    async def one_generation(request: Request) -> Response:
        shown = numbered(request)
        return JSONResponse(shown) if shown else problem("not_found", 404)

    async def change(request: Request) -> Response:
        shown, what = numbered(request), request.path_params["what"]
        if shown is None:
            return problem("not_found", 404)
        if shown["state"] == "serving" or shown["lacking"]:
            return problem("conflict", 409)
        fake.generation_changes.append({"what": what, **await request.json()})
        if what == "switch":
            for other in fake.generations:
                other["state"] = "standby" if other["state"] == "serving" else other["state"]
        shown["state"] = {"switch": "serving", "drop": "dropped"}[what]
        return JSONResponse(shown)

    return [
        Route("/v1/index-generations", generations),
        Route("/v1/index-generations/{number:int}", one_generation),
        Route("/v1/index-generations/{number:int}/{what}", change, methods=["POST"]),
    ]
