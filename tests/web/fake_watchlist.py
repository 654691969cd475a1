"""The review desk of the fake API: one open proposal, one entry with an open appeal, a policy."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.watchlist_examples import WATCHLIST_EXAMPLES as EXAMPLES
from tests.web.fake_state import FakeApi, Json, problem

PROPOSAL = EXAMPLES["WatchlistProposal"]
ENTRY = EXAMPLES["WatchlistEntry"]


def watchlist_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    """``fake.watchlist`` keeps the bodies that were sent, and says what is otherwise."""

    def proposal() -> Json:
        return {**PROPOSAL, **fake.watchlist.get("proposal", {})}

    async def proposals(request: Request) -> Response:
        is_open = request.query_params.get("state", "open") == "open"
        items = [proposal()] if is_open == (proposal()["state"] == "open") else []
        return JSONResponse({"items": items, "total": len(items), "next_offset": None})

    async def one(_: Request) -> Response:
        return JSONResponse(proposal())

    async def kept(request: Request, name: str, answer: Any, status: int = 200) -> Response:
        body = await request.json()
        fake.watchlist.setdefault("bodies", []).append((name, body))
        if body.get("reason") == "" or body.get("statement") == "":
            return problem("invalid_input", 422)
        if fake.watchlist.get("refuse"):
            return problem(*fake.watchlist["refuse"])
        return JSONResponse(answer() if callable(answer) else answer, status)

    async def decide(request: Request) -> Response:
        def decided() -> Json:
            is_rejected = fake.watchlist["bodies"][-1][1]["verdict"] == "reject"
            entry = None if is_rejected else {k: ENTRY[k] for k in ("id", "starts_at", "ends_at")}
            fake.watchlist["proposal"] = {
                "state": "rejected" if is_rejected else "approved",
                "entry": entry,
            }
            return proposal()

        return await kept(request, "decide", decided)

    async def propose(request: Request) -> Response:
        return await kept(request, "propose", proposal, 201)

    async def standing(_: Request) -> Response:
        return JSONResponse(EXAMPLES["WatchlistStanding"])

    async def faces(_: Request) -> Response:
        return JSONResponse({**EXAMPLES["FacesToCompare"], **fake.watchlist.get("faces", {})})

    async def entries(request: Request) -> Response:
        fake.watchlist["query"] = request.query_params.get("query")
        return JSONResponse(EXAMPLES["WatchlistEntryPage"])

    async def entry(_: Request) -> Response:
        return JSONResponse({**ENTRY, **fake.watchlist.get("entry", {})})

    async def lift(request: Request) -> Response:
        return await kept(request, "lift", ENTRY)

    async def appeals(_: Request) -> Response:
        return JSONResponse(EXAMPLES["WatchlistAppealPage"])

    async def record(request: Request) -> Response:
        return await kept(request, "appeal", EXAMPLES["RecordedAppeals"], 201)

    async def hear(request: Request) -> Response:
        return await kept(request, "outcome", ENTRY)

    async def policy(_: Request) -> Response:
        return JSONResponse(EXAMPLES["WatchlistPolicy"])

    async def simulate(request: Request) -> Response:
        body = await request.json()
        if body["content"]["reporter_cap"] == 99:
            fields = [{"field": "reporter_cap", "code": "must_be_under", "facts": {"value": 60}}]
            return problem("invalid_input", 422, fields=fields)
        fake.watchlist.setdefault("bodies", []).append(("simulate", body))
        return JSONResponse(EXAMPLES["PolicySimulation"])

    async def adopt(request: Request) -> Response:
        return await kept(request, "adopt", EXAMPLES["PolicyVersion"], 201)

    start = "/v1/watchlist"

    async def check_name(request: Request) -> Response:
        body = await request.json()
        if not body["name"]:
            return problem("invalid_input", 422)
        fake.checked_names.append(body)
        return JSONResponse({"call_a_manager": body["name"] in fake.called_for})

    return [
        Route(f"{start}/proposals", proposals),
        Route(f"{start}/proposals", propose, methods=["POST"]),
        Route(f"{start}/proposals/{{id}}", one),
        Route(f"{start}/proposals/{{id}}/decisions", decide, methods=["POST"]),
        Route(f"{start}/customers/{{id}}", standing),
        Route(f"{start}/customers/{{id}}/faces", faces),
        Route(f"{start}/name-checks", check_name, methods=["POST"]),
        Route(f"{start}/entries", entries),
        Route(f"{start}/entries/{{id}}", entry),
        Route(f"{start}/entries/{{id}}/lift", lift, methods=["POST"]),
        Route(f"{start}/appeals", appeals),
        Route(f"{start}/appeals", record, methods=["POST"]),
        Route(f"{start}/appeals/{{id}}/outcome", hear, methods=["POST"]),
        Route(f"{start}/policy", policy),
        Route(f"{start}/policy/simulations", simulate, methods=["POST"]),
        Route(f"{start}/policy/versions", adopt, methods=["POST"]),
    ]
