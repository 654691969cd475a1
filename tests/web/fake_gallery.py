"""The part of the fake API that is about the gallery's health."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem


def finding(kind: str, guest: Json, other: Json | None = None, *, count: int | None = None) -> Json:
    """What the API says of the first face of ``guest`` beside the first of ``other``."""
    return {
        "id": str(uuid4()),
        "kind": kind,
        "customer": _named(guest),
        "face": _face(guest),
        "other_customer": _named(other) if other else None,
        "other": _face(other) if other else None,
        "count": count,
    }


def _named(guest: Json) -> Json:
    return {"id": guest["id"], "name": guest["name"]}


def _face(guest: Json) -> Json:
    template = guest["templates"][0]
    names = ("crop_url", "created_at")
    return {"template_id": template["id"], **{name: template[name] for name in names}}


def gallery_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    def health() -> Json:
        looked = fake.looked
        counts: dict[str, int] = {}
        for found in fake.findings:
            counts[found["kind"]] = counts.get(found["kind"], 0) + 1
        return {
            "state": fake.look_state,
            "step": "50/428" if fake.look_state == "running" else None,
            "error": None,
            "examined_at": iso(now()) if looked else None,
            "customers": 428 if looked else None,
            "templates": 1103 if looked else None,
            "comparisons": 91378 if looked else None,
            "expected_pairs": 5.0 if looked else None,
            "findings": counts,
            "gaps": {"no_consent": 0, "no_face": 0, "single_face": len(singles()), "old_faces": 0},
            "judged": len(fake.judgements),
        }

    def singles() -> list[Json]:
        return [guest for guest in fake.guests.values() if len(guest["templates"]) == 1]

    def page(request: Request, items: list[Json]) -> Response:
        start, limit = (
            int(request.query_params.get(key, default))
            for key, default in (("offset", 0), ("limit", 20))
        )
        rest = len(items) > start + limit
        shown = items[start : start + limit]
        following = start + limit if rest else None
        return JSONResponse({"items": shown, "total": len(items), "next_offset": following})

    async def get_health(_: Request) -> Response:
        return JSONResponse(health())

    async def examine(_: Request) -> Response:
        fake.look_state = "running"
        return JSONResponse(health(), 202)

    async def findings(request: Request) -> Response:
        wanted = request.query_params["kind"]
        return page(request, [found for found in fake.findings if found["kind"] == wanted])

    async def gaps(request: Request) -> Response:
        is_single = request.query_params["kind"] == "single_face"
        return page(request, [fake.customer(g) for g in singles()] if is_single else [])

    async def judge(request: Request) -> Response:
        found = next((f for f in fake.findings if f["id"] == request.path_params["id"]), None)
        if found is None:
            return problem("not_found", 404)
        fake.findings.remove(found)
        judgement = {
            "id": str(uuid4()),
            **{name: found[name] for name in ("kind", "customer", "other_customer")},
            "template_id": None,
            "judged_by": "owner",
            "judged_at": iso(now()),
            "finding": found,
        }
        fake.judgements.append(judgement)
        return JSONResponse(judgement, 201)

    async def judgements(request: Request) -> Response:
        return page(request, fake.judgements)

    async def take_back(request: Request) -> Response:
        wanted = request.path_params["id"]
        judgement = next(j for j in fake.judgements if j["id"] == wanted)
        fake.judgements.remove(judgement)
        fake.findings.append(judgement["finding"])
        return Response(status_code=204)

    return [
        Route("/v1/gallery/health", get_health),
        Route("/v1/gallery/examination", examine, methods=["POST"]),
        Route("/v1/gallery/findings", findings),
        Route("/v1/gallery/gaps", gaps),
        Route("/v1/gallery/findings/{id}/judgement", judge, methods=["POST"]),
        Route("/v1/gallery/judgements", judgements),
        Route("/v1/gallery/judgements/{id}", take_back, methods=["DELETE"]),
    ]
