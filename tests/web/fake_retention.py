"""How long things are kept, as the API tells it."""

from copy import deepcopy

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.legal_hold_schemas import LEGAL_HOLD_EXAMPLES
from services.api.retention_schemas import RETENTION_EXAMPLES
from tests.web.fake_state import FakeApi, Json, problem
from vestibule.domain.retention import Kept, as_shipped, bounds, content_of


def shipped() -> Json:
    found: Json = deepcopy(RETENTION_EXAMPLES["Retention"])
    shape = found["kinds"][0]
    found["in_force"] |= {"days": content_of(as_shipped())}
    found["kinds"] = [
        shape
        | {"kind": kind.value, "least_days": allowed.least, "most_days": allowed.most}
        | ({} if kind is Kept.VISIT else {"goes": [], "held": 0})
        for kind, allowed in bounds().items()
    ]
    found["kinds"].append(
        shape
        | {"kind": "photo", "ruled_by": "setting", "kept_s": 86_400, "goes": []}
        | {"least_days": None, "most_days": None, "most_from": None}
    )
    return found


def retention_routes(fake: FakeApi) -> list[Route]:
    async def show(_: Request) -> Response:
        return JSONResponse(fake.retention)

    async def reminders(_: Request) -> Response:
        return JSONResponse(RETENTION_EXAMPLES["RemindedGuests"])

    def refusal(days: Json) -> Response | None:
        wrong = [
            {
                "field": kind.value,
                "code": "out_of_bounds",
                "facts": {"least": allowed.least, "most": allowed.most},
            }
            for kind, allowed in bounds().items()
            if not isinstance(days.get(kind.value), int)
            or not allowed.least <= days[kind.value] <= allowed.most
        ]
        return problem("invalid_input", 422, fields=wrong) if wrong else None

    async def attempt(request: Request) -> Response:
        body = await request.json()
        return refusal(body["days"]) or JSONResponse({"at_once": {"visit": 4120}})

    async def adopt(request: Request) -> Response:
        body = await request.json()
        if body["replaces"] != fake.retention["in_force"]["number"]:
            return problem("conflict", 409)
        if not body["reason"]:
            return problem("invalid_input", 422, fields=[{"field": "reason", "problem": "short"}])
        refused = refusal(body["days"])
        if refused is not None:
            return refused
        fake.retention["in_force"] |= {"number": body["replaces"] + 1, "days": body["days"]}
        return JSONResponse(RETENTION_EXAMPLES["RetentionVersion"], 201)

    return [
        Route("/v1/retention", show),
        Route("/v1/retention/reminders", reminders),
        Route("/v1/retention/trials", attempt, methods=["POST"]),
        Route("/v1/retention/versions", adopt, methods=["POST"]),
    ]


def legal_hold_routes(fake: FakeApi) -> list[Route]:
    async def kept(_: Request) -> Response:
        return JSONResponse(fake.kept)

    async def holds(_: Request) -> Response:
        return JSONResponse({"items": fake.legal_holds})

    async def place(request: Request) -> Response:
        body = await request.json()
        if not body["reason"]:
            return problem("invalid_input", 422, fields=[{"field": "reason", "problem": "short"}])
        if body["ends_at"] > "2029":
            return problem("invalid_input", 422, fields=["ends_at"])
        example = LEGAL_HOLD_EXAMPLES["LegalHold"]
        fake.legal_holds.append(example | {"reason": body["reason"], "ends_at": body["ends_at"]})
        return JSONResponse(fake.legal_holds[-1], 201)

    async def lift(request: Request) -> Response:
        body = await request.json()
        if not body["reason"]:
            return problem("invalid_input", 422, fields=[{"field": "reason", "problem": "short"}])
        fake.legal_holds[0] |= {
            "in_force": False,
            "lifted_at": "2026-11-21T22:00:00Z",
            "lifted_by": "Ines Laurent",
            "lifted_reason": body["reason"],
        }
        return JSONResponse(fake.legal_holds[0])

    return [
        Route("/v1/customers/{id}/retention", kept),
        Route("/v1/legal-holds", holds),
        Route("/v1/legal-holds", place, methods=["POST"]),
        Route("/v1/legal-holds/{id}/lift", lift, methods=["POST"]),
    ]
