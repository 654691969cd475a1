"""Notices, and what guests agree to by their own hand, as the API keeps them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.consent_schemas import CONSENT_EXAMPLES
from services.api.provision_schemas import PROVISION_EXAMPLES
from tests.web.fake_state import FakeApi, Json, iso, now, problem
from vestibule.domain.built_in_notices import SECOND

NOTICE: Json = {**CONSENT_EXAMPLES["Notice"], "texts": SECOND.as_json()}


PHONE = {"state": "waiting"}
"""How far the guest's phone is."""


def consent_routes(fake: FakeApi) -> list[Route]:
    async def current(_: Request) -> Response:
        return JSONResponse(NOTICE)

    async def desk(_: Request) -> Response:
        return JSONResponse({**CONSENT_EXAMPLES["NoticeDesk"], "draft": fake.draft})

    async def draft(request: Request) -> Response:
        if request.method == "DELETE":
            fake.draft = None
            return Response(status_code=204)
        kept = {"changed_by": "Camille", "changed_at": iso(now()), "missing": []}
        fake.draft = {**(await request.json()), **kept}
        return JSONResponse(fake.draft)

    async def publication(_: Request) -> Response:
        fake.draft = None
        return JSONResponse({**NOTICE, "version": "2026-12-01"})

    async def version(request: Request) -> Response:
        asked = request.path_params["version"]
        return JSONResponse(NOTICE) if asked == NOTICE["version"] else problem("not_found", 404)

    return [
        Route("/v1/privacy-notices/current", current),
        Route("/v1/privacy-notices", desk),
        Route("/v1/privacy-notices/draft", draft, methods=["POST", "DELETE"]),
        Route("/v1/privacy-notices/publication", publication, methods=["POST"]),
        Route("/v1/privacy-notices/{version}", version),
        *_agreements(fake),
        *_provisions(fake),
    ]


def _provisions(fake: FakeApi) -> list[Route]:
    async def ending(_: Request) -> Response:
        return JSONResponse(PROVISION_EXAMPLES["EndingConsents"])

    async def listing(_: Request) -> Response:
        return JSONResponse({"items": fake.provisions})

    async def add(request: Request) -> Response:
        body = await request.json()
        if len(body["wording"]) < 40:
            return problem("invalid_input", 422, fields=["wording"])
        made = {**PROVISION_EXAMPLES["Provision"], **body, "state": "proposed", "counts": False}
        made["may_approve"] = body["title"] != "My own"
        fake.provisions.append(made)
        return JSONResponse(made, 201)

    async def decide(request: Request) -> Response:
        one = next(p for p in fake.provisions if p["id"] == request.path_params["id"])
        approved = (await request.json())["verdict"] == "approve"
        one["state"], one["counts"] = "approved" if approved else "refused", approved
        return JSONResponse(one)

    async def end(request: Request) -> Response:
        one = next(p for p in fake.provisions if p["id"] == request.path_params["id"])
        one["counts"], one["ended_by"], one["ended_at"] = False, "Camille", iso(now())
        return JSONResponse(one)

    path = "/v1/legal-provisions"
    return [
        Route("/v1/ending-consents", ending),
        Route(path, listing),
        Route(path, add, methods=["POST"]),
        Route(f"{path}/{{id}}/decision", decide, methods=["POST"]),
        Route(f"{path}/{{id}}/end", end, methods=["POST"]),
    ]


def _agreements(fake: FakeApi) -> list[Route]:
    async def agreement(request: Request) -> Response:
        body = await request.json()
        fake.answered.append(body)
        is_empty = body["asks"] == "withdraw" and body["signature"].endswith("EMPTY")
        refused = "invalid_input" if is_empty else None
        return JSONResponse({"consents": [], "proof_refused": refused}, 201)

    async def paper(request: Request) -> Response:
        form = await request.form()
        file = form["photo"]
        assert not isinstance(file, str)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        fake.answered.append({**fields, "size": len(await file.read())})
        return JSONResponse({"consents": [], "proof_refused": None}, 201)

    async def link(request: Request) -> Response:
        fake.answered.append(await request.json())
        return JSONResponse({"id": "ab", "path": "/agree/a-secret", "expires_at": iso(now())}, 201)

    async def link_state(_: Request) -> Response:
        return JSONResponse({"state": PHONE["state"]})

    async def lookup(request: Request) -> Response:
        if (await request.json())["token"] != "a-secret":
            return problem("consent_link_spent", 410)
        return JSONResponse({**CONSENT_EXAMPLES["ConsentQuestion"], "notice": NOTICE})

    async def answer(request: Request) -> Response:
        fake.answered.append(await request.json())
        return JSONResponse({"asks": "give"})

    async def proof(_: Request) -> Response:
        return Response(b"%PDF-", media_type="application/pdf")

    path = "/v1/customers/{id}"
    return [
        Route(f"{path}/agreements", agreement, methods=["POST"]),
        Route(f"{path}/agreements/paper", paper, methods=["POST"]),
        Route(f"{path}/agreements/{{proof}}/file", proof),
        Route(f"{path}/consent-links", link, methods=["POST"]),
        Route(f"{path}/consent-links/{{link}}", link_state),
        Route("/v1/consent-links/lookup", lookup, methods=["POST"]),
        Route("/v1/consent-links/answer", answer, methods=["POST"]),
    ]
