"""The part of the fake API that is about alerts and the audit log."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.alert_schemas import ALERT_EXAMPLES
from services.api.audit_schemas import AUDIT_EXAMPLES
from tests.web.fake_state import FakeApi, Json, iso, now, problem


def alert(name: str = "Ada Okafor", **values: object) -> Json:
    example = ALERT_EXAMPLES["Alert"]
    customer = {**example["customer"], "name": name}
    return {
        **example,
        "id": str(uuid4()),
        "customer": customer,
        "raised_at": iso(now()),
        "entry_ends_at": iso(now()),
        **values,
    }


def alert_routes(fake: FakeApi) -> list[Route]:
    async def alerts(request: Request) -> Response:
        is_open = request.query_params.get("state", "open") == "open"
        shown = [one for one in fake.alerts if (one["state"] == "open") == is_open]
        count = sum(one["state"] == "open" for one in fake.alerts)
        return JSONResponse({"items": shown, "open_count": count, "next_cursor": None})

    async def figures(_: Request) -> Response:
        items = [ALERT_EXAMPLES["AlertFigures"]] if fake.alerts else []
        return JSONResponse({"since": iso(now()), "until": iso(now()), "items": items})

    async def answer(request: Request) -> Response:
        found = next((a for a in fake.alerts if a["id"] == request.path_params["id"]), None)
        if found is None:
            return problem("not_found", 404)
        if found["state"] != "open":
            return problem("conflict", 409, answer=found["state"], answered_by="Rosa")
        found |= {
            "state": (await request.json())["answer"],
            "answered_by": "Camille Roux",
            "answered_at": iso(now()),
            "seconds_to_answer": 75.0,
        }
        return JSONResponse(found)

    async def entries(request: Request) -> Response:
        fake.audit_asked.append(dict(request.query_params))
        asked = request.query_params.get("action")
        shown = [e for e in fake.audit if asked in (None, e["action"])]
        return JSONResponse({"items": shown, "next_cursor": None})

    async def export(request: Request) -> Response:
        fake.audit_asked.append(dict(request.query_params))
        return Response("number,at\n", media_type="text/csv")

    async def verify(_: Request) -> Response:
        return JSONResponse({**AUDIT_EXAMPLES["AuditVerification"], **fake.audit_report})

    return [
        Route("/v1/alerts", alerts),
        Route("/v1/alerts/figures", figures),
        Route("/v1/alerts/{id}/answer", answer, methods=["POST"]),
        Route("/v1/audit/entries", entries),
        Route("/v1/audit/export", export),
        Route("/v1/audit/verification", verify, methods=["POST"]),
    ]
