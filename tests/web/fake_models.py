"""Model packs of the fake API: one in use, one whose terms are open, one brought."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem
from vestibule.adapters.model_packs import PACKS

TERMS = str(PACKS["buffalo_l"].terms)


def pack(name: str, **more: Any) -> Json:
    network = {
        "architecture": "toy",
        "licence": "Apache-2.0",
        "provenance": "Made by hand.",
        "file": "toy.onnx",
        "sha256": "0" * 64,
        "url": None,
        "pinned_by": None,
    }
    return {
        "name": name,
        "is_active": False,
        "is_own": False,
        "installed": False,
        "licence": "Apache-2.0, MIT",
        "commercial_use": "ask_counsel",
        "terms": None,
        "terms_sha256": None,
        "accepted_by": None,
        "accepted_at": None,
        "detector": "centerface",
        "embedder": "mobilefacenet",
        "networks": [{"role": role, **network} for role in ("detector", "embedder")],
        "metric": "cosine",
        "dimension": 192,
        "size_bytes": 11_510_842,
        "low_light": None,
        "space_id": "f3a9c1d277b0e4aa",
        "calibrated": True,
        "check": None,
        "customers_elsewhere": 0,
        "note": "Made by hand.",
        **more,
    }


def fresh_packs() -> list[Json]:
    return [
        pack("open", is_active=True, installed=True),
        pack("night-shift", installed=True, is_own=True, customers_elsewhere=3),
        pack(
            "buffalo_l",
            commercial_use="forbidden",
            terms=TERMS,
            terms_sha256="a" * 64,
            calibrated=False,
        ),
    ]


def model_routes(fake: FakeApi) -> list[Route]:
    fake.packs = fake.packs or fresh_packs()

    def found(request: Request) -> Json | None:
        name = request.path_params["name"]
        return next((one for one in fake.packs if one["name"] == name), None)

    async def models(_: Request) -> Response:
        return JSONResponse(fake.packs)

    async def verify(request: Request) -> Response:
        one = found(request)
        if one is None:
            return problem("not_found", 404)
        one["check"] = {"at": iso(now()), "faults": fake.faults}
        return JSONResponse(one["check"])

    async def accept(request: Request) -> Response:
        one = found(request)
        if one is None or (await request.json())["terms_sha256"] != one["terms_sha256"]:
            return problem("conflict", 409)
        one |= {"accepted_by": "owner", "accepted_at": iso(now())}
        return JSONResponse(one, 201)

    return [
        Route("/v1/models", models),
        Route("/v1/models/{name}/verification", verify, methods=["POST"]),
        Route("/v1/models/{name}/acceptance", accept, methods=["POST"]),
    ]
