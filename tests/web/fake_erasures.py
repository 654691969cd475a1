"""The part of the fake API that is about erasures."""

from collections import Counter
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


def backup_place(*, is_behind: bool, given_up: Json | None = None) -> Json:
    return {
        "place": "/srv/backups-2025",
        "written_at": iso(now()),
        "is_behind": is_behind,
        "given_up": given_up,
    }


def erasure_routes(fake: FakeApi) -> list[Route]:
    def running() -> list[Json]:
        return [one for one in fake.erasures if one["state"] == "running"]

    async def listed(request: Request) -> Response:
        done = len(fake.erasures) - len(running())
        shown = sorted(fake.erasures, key=lambda one: one["state"] == "done")
        begin = int(request.query_params.get("cursor", 0))
        end = begin + int(request.query_params["limit"])
        return JSONResponse(
            {
                "items": shown[begin:end],
                "running": len(running()),
                "done": done,
                "suppressed": 3 * done,
                "next_cursor": str(end) if len(shown) > end else None,
            }
        )

    async def figures(_: Request) -> Response:
        troubles = Counter(one["trouble"] for one in running())
        held, away = troubles.pop("held_by_law", 0), troubles.pop("keyring_away", 0)
        troubled = troubles.total() - troubles[None]
        return JSONResponse(
            {"running": len(running()), "troubled": troubled, "held": held, "keyring_away": away}
        )

    async def key(_: Request) -> Response:
        return JSONResponse(ERASURE_EXAMPLES["ReceiptKey"])

    async def verified(request: Request) -> Response:
        example = ERASURE_EXAMPLES["ErasureVerification"]
        return JSONResponse(
            {**example, "erasure_id": request.path_params["id"], **fake.erasure_report}
        )

    async def resumed(request: Request) -> Response:
        found = next(one for one in fake.erasures if one["id"] == request.path_params["id"])
        if found["trouble"] in ("held_by_law", "keyring_away"):
            return JSONResponse({"waits_for": found["trouble"]})
        if found["trouble"]:
            return problem(found["trouble"], 503)
        found |= {"state": "done", "has_receipt": True}
        return JSONResponse({})

    async def receipt(_: Request) -> Response:
        headers = {"content-disposition": 'attachment; filename="erasure-1.json"'}
        return Response(RECEIPT, media_type="application/json", headers=headers)

    return [
        *_place_routes(fake),
        Route("/v1/erasures", listed),
        Route("/v1/erasures/figures", figures),
        Route("/v1/erasures/key", key),
        Route("/v1/erasures/{id}/verification", verified, methods=["POST"]),
        Route("/v1/erasures/{id}/resumption", resumed, methods=["POST"]),
        Route("/v1/erasures/{id}/receipt.{ending}", receipt),
    ]


def _place_routes(fake: FakeApi) -> list[Route]:
    async def places(_: Request) -> Response:
        waiting = sum(one["trouble"] == "keyring_away" for one in fake.erasures)
        return JSONResponse({"items": fake.backup_places, "waiting": waiting})

    async def given_up(request: Request) -> Response:
        asked = await request.json()
        found = next(one for one in fake.backup_places if one["place"] == asked["place"])
        if not found["is_behind"]:
            return problem("backup_place_reached", 409)
        assert asked["confirmation"] == asked["place"]
        told = {"fate": asked["fate"], "reason": asked["reason"], "declared_at": iso(now())}
        found["given_up"] = told
        return JSONResponse(found)

    return [
        Route("/v1/backup-places", places),
        Route("/v1/backup-places/given-up", given_up, methods=["POST"]),
    ]
