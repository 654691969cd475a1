"""Passwords, codes and the company's sign-in: whoever comes is let in, by a code if one is owed."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem


def sign_in_routes(fake: FakeApi) -> list[Route]:
    def signed_in() -> Json:
        ends = iso(now() + timedelta(hours=12))
        said = {"access_token": fake.token, "expires_at": ends, "device_token": None}
        return {"state": "signed_in", **said}

    def step() -> Response:
        owed = {"state": "code_owed", "ticket": "t" * 30}
        return JSONResponse(owed if fake.owes_code else signed_in())

    async def password(request: Request) -> Response:
        if (await request.json())["password"] != fake.password:
            return problem("wrong_credentials", 401)
        return step()

    async def code(_: Request) -> Response:
        return JSONResponse(signed_in())

    async def to_company(_: Request) -> Response:
        return JSONResponse({"url": "https://company.example/authorize", "flow": "f" * 30})

    async def from_company(_: Request) -> Response:
        return step()

    return [
        Route("/v1/session/password", password, methods=["POST"]),
        Route("/v1/session/code", code, methods=["POST"]),
        Route("/v1/session/company", lambda _: JSONResponse({"name": fake.company})),
        Route("/v1/session/company", to_company, methods=["POST"]),
        Route("/v1/session/company/callback", from_company, methods=["POST"]),
    ]
