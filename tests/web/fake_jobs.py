"""The part of the fake API that is about jobs, queues and workers."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem

ENDS = {"retry": "queued", "dismissal": "dismissed", "cancellation": "dismissed"}


def job(kind: str = "identify", state: str = "failed", **values: object) -> Json:
    failed = {"code": "crashed_worker", "detail": ""} if state == "failed" else None
    return {
        "id": str(uuid4()),
        "kind": kind,
        "subject_id": str(uuid4()),
        "queue": "identify",
        "state": state,
        "attempts": 2,
        "crashes": 1,
        "created_at": iso(now()),
        "started_at": iso(now()),
        "finished_at": iso(now()),
        "error": failed,
        "can_retry": state == "failed",
        **values,
    }


def worker(**values: object) -> Json:
    return {
        "id": str(uuid4()),
        "host": "worker-1",
        "queues": ["identify"],
        "running": 2,
        "is_taking": True,
        "crashes": 0,
        "hangs": 0,
        "started_at": iso(now()),
        "seen_at": iso(now()),
        **values,
    }


def job_routes(fake: FakeApi) -> list[Route]:
    def counted(name: str) -> Json:
        inside = [j for j in fake.jobs if j["queue"] == name]

        def of(state: str) -> int:
            return sum(j["state"] == state for j in inside)

        oldest = iso(now()) if of("queued") else None
        states = {"waiting": of("queued"), "running": of("running"), "failed": of("failed")}
        return {"name": name, **states, "oldest_waiting_at": oldest}

    async def overview(_: Request) -> Response:
        queues = [counted(name) for name in ("identify", "enrol", "bulk", "schedule")]
        return JSONResponse(
            {
                "workers_apart": fake.workers is not None,
                "workers": fake.workers or [],
                "queues": queues,
                "unreadable": fake.unreadable,
            }
        )

    async def jobs(request: Request) -> Response:
        asked = request.query_params
        start, limit = int(asked.get("offset", 0)), int(asked["limit"])
        items = [j for j in fake.jobs if j["state"] == asked["state"]]
        following = start + limit if len(items) > start + limit else None
        page = items[start : start + limit]
        return JSONResponse({"items": page, "total": len(items), "next_offset": following})

    async def act(request: Request) -> Response:
        found = next((j for j in fake.jobs if j["id"] == request.path_params["id"]), None)
        if found is None:
            return problem("not_found", 404)
        found["state"] = ENDS[request.path_params["deed"]]
        return JSONResponse({**found, "state": "failed"})

    async def forget(_: Request) -> Response:
        fake.unreadable.clear()
        return Response(status_code=204)

    return [
        Route("/v1/jobs/overview", overview),
        Route("/v1/jobs", jobs),
        Route("/v1/jobs/unreadable", forget, methods=["DELETE"]),
        Route("/v1/jobs/{id}/{deed}", act, methods=["POST"]),
    ]
