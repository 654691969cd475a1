"""A guest's own page, as the API answers it."""

import copy
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.personal_examples import PERSONAL_EXAMPLES
from tests.web.fake_state import FakeApi, Json, iso, now, picture, problem

OWN_TOKEN = "own-token"
LINK = "good-personal-link"


def own_data(**values: object) -> Json:
    return {**copy.deepcopy(PERSONAL_EXAMPLES["PersonalData"]), **values}


def is_at_own_page(headers: dict[str, str]) -> bool:
    return headers.get("authorization") == f"Bearer {OWN_TOKEN}"


def own_page_routes(fake: FakeApi) -> list[Route]:
    async def enter(request: Request) -> Response:
        body = await request.json()
        fake.own_asked.append(body)
        if body["token"] == "too-often":
            return problem("too_many_attempts", 429, retry_after_s=7)
        known = body.get("browser_token") in (None, "this-browser")
        if body["token"] != LINK or not known:
            return problem("personal_link_spent", 410)
        session = {"access_token": OWN_TOKEN, "browser_token": "this-browser"}
        return JSONResponse({**session, "expires_at": iso(now() + timedelta(minutes=30))}, 201)

    async def left(_: Request) -> Response:
        return Response(status_code=204)

    return [
        Route("/v1/me/session", enter, methods=["POST"]),
        Route("/v1/me/session", left, methods=["DELETE"]),
        *_page(fake),
        *_links(fake),
    ]


def _page(fake: FakeApi) -> list[Route]:
    async def see(_: Request) -> Response:
        return JSONResponse(fake.own)

    async def change(request: Request) -> Response:
        body = await request.json() if await request.body() else {}
        fake.own_asked.append({"path": request.url.path, **body})
        if body.get("email") == "nowhere":
            return problem("invalid_input", 422, problems={"email": "not_an_address"})
        if body.get("right") == "access":
            return problem("conflict", 409)
        return JSONResponse(fake.own)

    async def face(request: Request) -> Response:
        return Response(picture(request.path_params["id"]), media_type="image/jpeg")

    async def file(_: Request) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="vestibule.zip"'}
        return Response(b"PK", media_type="application/zip", headers=headers)

    return [
        Route("/v1/me", see),
        Route("/v1/me/export", file),
        Route("/v1/me/pictures/{id}", face),
        Route("/v1/me/{part:path}", change, methods=["POST", "PATCH"]),
    ]


def _links(fake: FakeApi) -> list[Route]:
    path = "/v1/customers/{id}/personal-links"

    async def listing(_: Request) -> Response:
        return JSONResponse({"items": fake.own_links})

    async def make(request: Request) -> Response:
        identity = (await request.json())["identity"]
        made = {**PERSONAL_EXAMPLES["PersonalLinkMade"], "identity": identity}
        fake.own_links.append({**PERSONAL_EXAMPLES["PersonalLinkList"]["items"][0]})
        return JSONResponse({**made, "path": f"/me#{LINK}"}, 201)

    async def take_back(_: Request) -> Response:
        fake.own_links.clear()
        return Response(status_code=204)

    return [
        Route(path, listing),
        Route(path, make, methods=["POST"]),
        Route(f"{path}/{{link_id}}", take_back, methods=["DELETE"]),
    ]
