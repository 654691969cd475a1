"""The part of the fake API that is about the faces on guests' files."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, problem

CAP = 2


def face_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    def place(template_id: str) -> tuple[Json, str, Json] | None:
        for guest in fake.guests.values():
            for kind in ("templates", "retired_templates"):
                for template in guest[kind]:
                    if template["id"] == template_id:
                        return guest, kind, template
        return None

    def retire(guest: Json, template: Json, *, instead: str | None = None) -> None:
        guest["templates"].remove(template)
        guest["retired_templates"].append(template)
        template |= {"status": "retired", "retired_at": iso(now()), "retired_for": instead}

    async def retirement(request: Request) -> Response:
        found = place(request.path_params["id"])
        if found is None:
            return problem("not_found", 404)
        guest, kind, template = found
        if kind == "templates":
            retire(guest, template)
        return JSONResponse({"template": template, "retired": [], "revived": []})

    async def restoration(request: Request) -> Response:
        found = place(request.path_params["id"])
        if found is None:
            return problem("not_found", 404)
        guest, _, template = found
        if fake.all_chosen_by_hand:
            return problem("conflict", 409, limit=CAP)
        other = (await request.json())["instead_of"]
        for one in [t for t in guest["templates"] if t["id"] == other]:
            retire(guest, one, instead=template["id"])
        retired = []
        if len(guest["templates"]) >= CAP:
            retired = [guest["templates"][-1]["id"]]
            retire(guest, guest["templates"][-1], instead=template["id"])
        guest["retired_templates"].remove(template)
        guest["templates"].insert(0, template)
        template |= {"status": "active", "retired_at": None, "retired_for": None}
        return JSONResponse({"template": template, "retired": retired, "revived": []})

    async def move(request: Request) -> Response:
        body, found = await request.json(), place(request.path_params["id"])
        target = fake.guests.get(body["to_customer_id"])
        if target is None or len(body["reason"]) < 3:
            return problem("invalid_input", 422, fields=[{"field": "reason"}])
        if found is None or found[0]["id"] != body["from_customer_id"]:
            return problem("conflict", 409)
        if not any(c["withdrawn_at"] is None for c in target["consents"]):
            return problem("consent_missing", 422)
        source, kind, template = found
        source[kind].remove(template)
        target["templates"].insert(0, template)
        made = {
            "id": str(uuid4()),
            "template_id": template["id"],
            "crop_url": template["crop_url"],
            "from_customer": {"id": source["id"], "name": source["name"]},
            "to_customer": {"id": target["id"], "name": target["name"]},
            "reason": body["reason"],
            "moved_by": "owner",
            "moved_at": iso(now()),
            "undone_by": None,
            "undone_at": None,
            "can_undo": True,
        }
        fake.moves.append(made)
        return JSONResponse(made, 201)

    async def undo(request: Request) -> Response:
        made = next(m for m in fake.moves if m["id"] == request.path_params["id"])
        source = fake.guests[made["from_customer"]["id"]]
        if not any(c["withdrawn_at"] is None for c in source["consents"]):
            return problem("consent_missing", 422)
        found = place(made["template_id"])
        assert found is not None
        found[0][found[1]].remove(found[2])
        source["templates"].append(found[2])
        made |= {"undone_by": "owner", "undone_at": iso(now()), "can_undo": False}
        return JSONResponse(made)

    async def moves(request: Request) -> Response:
        guest_id = request.path_params["id"]
        sides = ("from_customer", "to_customer")
        items = [m for m in fake.moves if guest_id in [m[side]["id"] for side in sides]]
        return JSONResponse({"items": items})

    return [
        Route("/v1/templates/{id}/retirement", retirement, methods=["POST"]),
        Route("/v1/templates/{id}/restoration", restoration, methods=["POST"]),
        Route("/v1/templates/{id}/moves", move, methods=["POST"]),
        Route("/v1/template-moves/{id}/undo", undo, methods=["POST"]),
        Route("/v1/customers/{id}/template-moves", moves),
    ]
