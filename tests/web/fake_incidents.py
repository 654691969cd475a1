"""The part of the fake API that is about incidents. Its caller is Camille Roux, a manager."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.fake_state import FakeApi, Json, iso, now, picture, problem

CAMILLE = {"id": "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d", "name": "Camille Roux"}
NADIA = {"id": "1f2e3d4c-6666-4666-8666-00000000002c", "name": "Nadia"}
VENUE = {"id": "1c9e6b5a-4444-4444-8444-000000000017", "name": "Main venue"}


def incident(**values: object) -> Json:
    made = {
        "id": str(uuid4()),
        "version": 1,
        "kind": "violence",
        "severity": 3,
        "state": "reported",
        "occurred_at": iso(now()),
        "venue": VENUE,
        "reporter": NADIA,
        "people": [],
        "attachment_count": 0,
        "created_at": iso(now()),
        "account": "Pushed somebody at the bar.",
        "night": "2026-11-21",
        "decision_reason": None,
        "attachments": [],
        "history": [step("reported", NADIA)],
        "may_edit": True,
        "may_decide": True,
        "may_verify": True,
        "may_close": False,
    }
    return made | values


def step(action: str, by: Json, **values: object) -> Json:
    made = {"version": 1, "action": action, "by": by, "at": iso(now()), "reason": None}
    return made | {"changes": {}, **values}


def attachment(**values: object) -> Json:
    made = {
        "id": str(uuid4()),
        "name": "stairs.jpg",
        "media_type": "image/jpeg",
        "size_bytes": 1_200,
        "added_by": NADIA,
        "created_at": iso(now()),
        "url": "",
    }
    return made | values


def incident_routes(fake: FakeApi) -> list[Route]:  # noqa: C901  # one table of routes
    def found(request: Request) -> Json | None:
        return next((i for i in fake.incidents if i["id"] == request.path_params["id"]), None)

    async def listing(request: Request) -> Response:
        given = request.query_params
        shown = [
            one
            for one in fake.incidents
            if given.get("state", one["state"]) == one["state"]
            and given.get("kind", one["kind"]) == one["kind"]
            and int(given.get("least_severity", 1)) <= one["severity"]
        ]
        start, limit = int(given.get("cursor", 0)), int(given["limit"])
        rest = len(shown) > start + limit
        waiting = sum(one["state"] == "reported" for one in fake.incidents)
        return JSONResponse(
            {
                "items": shown[start : start + limit],
                "waiting": waiting,
                "next_cursor": str(start + limit) if rest else None,
            }
        )

    async def report(request: Request) -> Response:
        body = await request.json()
        people = [{"customer_id": None, "description": None, **one} for one in body["people"]]
        for one in people:
            guest = fake.guests.get(one["customer_id"] or "")
            one["name"] = guest["name"] if guest else None
        kept = {k: v for k, v in body.items() if k != "occurred_at"}
        made = incident(**kept | {"people": people, "reporter": CAMILLE, "may_decide": False})
        fake.incidents.insert(0, made | {"asked_time": body.get("occurred_at")})
        return JSONResponse(made, 201)

    async def one(request: Request) -> Response:
        there = found(request)
        return JSONResponse(there) if there else problem("not_found", 404)

    async def edit(request: Request) -> Response:
        there, body = found(request), await request.json()
        if there is None:
            return problem("not_found", 404)
        if body["version"] != there["version"]:
            return problem("incident_changed", 409)
        there.update(body | {"version": there["version"] + 1})
        return JSONResponse(there)

    def decision(state: str):
        async def decide(request: Request) -> Response:
            there, body = found(request), await request.json()
            if there is None:
                return problem("not_found", 404)
            if body["version"] != there["version"]:
                return problem("incident_changed", 409)
            if there["reporter"] == CAMILLE:
                return problem("own_report", 403)
            said = {"state": state, "may_decide": False, "decision_reason": body.get("reason")}
            there.update(said | {"may_close": state == "verified"})
            return JSONResponse(there)

        return decide

    async def attach(request: Request) -> Response:
        there, form = found(request), await request.form()
        file = form["photo"]
        assert there is not None and not isinstance(file, str)
        if (await file.read()).startswith(b"ZIP"):
            return problem("attachment_refused", 415)
        there["attachments"].append(attachment(name=form["name"]))
        return JSONResponse(there, 201)

    async def file(_: Request) -> Response:
        headers = {"Content-Disposition": "attachment; filename*=UTF-8''stairs.jpg"}
        return Response(picture("stairs"), media_type="image/jpeg", headers=headers)

    async def detach(request: Request) -> Response:
        there = found(request)
        assert there is not None
        fake.incidents[0]["removed_because"] = request.query_params["reason"]
        there["attachments"].clear()
        return JSONResponse(there)

    path = "/v1/incidents/{id}"
    return [
        Route("/v1/incidents", listing),
        Route("/v1/incidents", report, methods=["POST"]),
        Route(path, one),
        Route(path, edit, methods=["PATCH"]),
        Route(f"{path}/verification", decision("verified"), methods=["POST"]),
        Route(f"{path}/dismissal", decision("dismissed"), methods=["POST"]),
        Route(f"{path}/closure", decision("closed"), methods=["POST"]),
        Route(f"{path}/attachments", attach, methods=["POST"]),
        Route(f"{path}/attachments/{{attachment_id}}", file),
        Route(f"{path}/attachments/{{attachment_id}}", detach, methods=["DELETE"]),
    ]
