"""The part of the fake API that is about erasures."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.erasure_schemas import ERASURE_EXAMPLES
from tests.web.fake_state import FakeApi, Json, iso, now, problem
from vestibule.domain.erasure_receipt import STORES

RECEIPT = '{\n  "format": "vestibule-erasure-receipt-1"\n}\n'


def erasure(state: str = "done", *, done: int = len(STORES), **values: object) -> Json:
    is_done = state == "done"
    steps = [
        {"store": store, "is_done": number < done, "found": {"things": number}}
        for number, store in enumerate(STORES)
    ]
    return {
        **ERASURE_EXAMPLES["ErasureProgress"],
        "id": str(uuid4()),
        "state": state,
        "steps": steps,
        "requested_at": iso(now()),
        "finished_at": iso(now()) if is_done else None,
        "has_receipt": is_done,
        **values,
    }


def erasure_routes(fake: FakeApi) -> list[Route]:
    def running() -> list[Json]:
        return [one for one in fake.erasures if one["state"] == "running"]

    async def listed(_: Request) -> Response:
        done = len(fake.erasures) - len(running())
        shown = sorted(fake.erasures, key=lambda one: one["state"] == "done")
        return JSONResponse(
            {"items": shown, "running": len(running()), "done": done, "suppressed": 3 * done}
        )

    async def figures(_: Request) -> Response:
        troubled = sum(bool(one["trouble"]) for one in running())
        return JSONResponse({"running": len(running()), "troubled": troubled})

    async def key(_: Request) -> Response:
        return JSONResponse(ERASURE_EXAMPLES["ReceiptKey"])

    async def verified(request: Request) -> Response:
        example = ERASURE_EXAMPLES["ErasureVerification"]
        return JSONResponse(
            {**example, "erasure_id": request.path_params["id"], **fake.erasure_report}
        )

    async def resumed(request: Request) -> Response:
        found = next(one for one in fake.erasures if one["id"] == request.path_params["id"])
        if found["trouble"]:
            return problem(found["trouble"], 503)
        found |= {"state": "done", "has_receipt": True}
        return JSONResponse({})

    async def receipt(_: Request) -> Response:
        headers = {"content-disposition": 'attachment; filename="erasure-1.json"'}
        return Response(RECEIPT, media_type="application/json", headers=headers)

    return [
        Route("/v1/erasures", listed),
        Route("/v1/erasures/figures", figures),
        Route("/v1/erasures/key", key),
        Route("/v1/erasures/{id}/verification", verified, methods=["POST"]),
        Route("/v1/erasures/{id}/resumption", resumed, methods=["POST"]),
        Route("/v1/erasures/{id}/receipt.{ending}", receipt),
    ]
