"""The API as its contract says, in memory: guests, photos that pass through every stage, errors.

A photo's bytes decide what becomes of it: ``NOT-AN-IMAGE``, ``DAMAGED`` and ``EMPTY`` starts are
refused with their codes, ``FAILS`` fails as a job, ``NOFACE`` shows no face. Anything else shows
one face of each decision.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Json = dict[str, Any]
STAGES = ("received", "detecting", "recognising", "done")
REFUSED = {
    b"NOT-AN-IMAGE": ("not_an_image", 415),
    b"DAMAGED": ("damaged_image", 422),
    b"HUGE": ("photo_too_large", 413),
    b"PIXELS": ("too_many_pixels", 413),
    b"FULL": ("storage_full", 507),
    b"FAULT": ("internal_error", 500),
    b"DOWN": ("database_unavailable", 503),
}


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    return moment.isoformat()


def problem(code: str, status: int, **facts: object) -> JSONResponse:
    body = {
        "type": f"urn:vestibule:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": code,
        "request_id": "req-0123",
        "facts": facts,
    }
    return JSONResponse(body, status, media_type="application/problem+json")


def picture(text: str, size: tuple[int, int] = (224, 224)) -> bytes:
    hue = sum(map(ord, text)) % 120
    image = Image.new("RGB", size, (60 + hue, 80, 170 - hue))
    draw = ImageDraw.Draw(image)
    x, y = size
    draw.ellipse((x * 0.3, y * 0.2, x * 0.7, y * 0.65), fill=(214, 178, 150))
    draw.ellipse((x * 0.15, y * 0.7, x * 0.85, y * 1.4), fill=(40, 44, 60))
    buffer = BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


@dataclass
class FakeApi:
    """``pace_s`` is how long each stage takes. ``received`` counts what uploads sent."""

    pace_s: float = 0.0
    token: str = "good-token"
    link: str = "good-link"
    guests: dict[str, Json] = field(default_factory=dict)
    photos: dict[str, Json] = field(default_factory=dict)
    enrolments: dict[str, Json] = field(default_factory=dict)
    uploads: list[Json] = field(default_factory=list)
    demo_state: str = "absent"
    ready: bool = True
    outcome: Json = field(default_factory=lambda: {"outcome": "enrolled", "reason": None})
    content: dict[str, bytes] = field(default_factory=dict)
    boxes: list[list[float]] | None = None
    queue_position: int | None = None

    # ── building blocks ─────────────────────────────────────────────────────────────────────
    def add_guest(self, name: str, *, faces: int = 1, consent: bool = True, **more: Any) -> Json:
        guest_id = str(uuid4())
        consents = [self._consent()] if consent else []
        templates = [self._template() for _ in range(faces)]
        entered = now() - timedelta(days=3)
        visits = [{"id": str(uuid4()), "night": str(entered.date()), "entered_at": iso(entered)}]
        guest = {
            "id": guest_id,
            "name": name,
            "is_demo": False,
            "notes": "",
            "reference": None,
            "created_at": iso(now() - timedelta(days=40)),
            "visits": visits if faces else [],
            "templates": templates,
            "consents": consents,
            **more,
        }
        self.guests[guest_id] = guest
        return guest

    def _template(self) -> Json:
        template_id = str(uuid4())
        url = f"/v1/templates/{template_id}/crop"
        return {"id": template_id, "space_id": "f3a9", "created_at": iso(now()), "crop_url": url}

    def _consent(self, given_by: str = "the customer in person") -> Json:
        return {
            "id": str(uuid4()),
            "purpose": "recognition",
            "basis": "explicit-consent",
            "notice_version": "1",
            "given_by": given_by,
            "recorded_by": "operator",
            "given_at": iso(now()),
            "withdrawn_at": None,
        }

    def customer(self, guest: Json) -> Json:
        has_consent = any(c["withdrawn_at"] is None for c in guest["consents"])
        portrait = f"/v1/customers/{guest['id']}/portrait" if guest["templates"] else None
        visits = guest["visits"]
        return {
            **guest,
            "searchable": bool(guest["templates"]) and has_consent,
            "template_count": len(guest["templates"]),
            "last_visit_at": visits[0]["entered_at"] if visits else None,
            "portrait_url": portrait,
            "visit_count": len(visits),
        }

    def add_photo(self, content: bytes) -> Json:
        photo_id = str(uuid4())
        photo: Json = {
            "id": photo_id,
            "created_at": now(),
            "content": content,
            "size": _size(content),
            "same_as": next((p for p in self.photos.values() if p["content"] == content), None),
        }
        photo["faces"] = [] if content.startswith((b"NOFACE", b"FAILS")) else self._faces(photo)
        self.photos[photo_id] = photo
        return photo

    def _faces(self, photo: Json) -> list[Json]:
        width, height = photo["size"]
        known = [g for g in self.guests.values() if g["templates"]]
        plan: list[tuple[str, Json]] = [("UNKNOWN", {"score": 0.18, "held": True})]
        if known:
            plan.insert(0, ("MATCH", {"score": 0.71, "guest": known[0]["id"]}))
        if len(known) > 1:
            plan.append(("REVIEW", {"score": 0.42, "guest": known[1]["id"]}))
        plan.append(("UNUSABLE", {"reason": "too_small"}))
        plan.append(("UNKNOWN", {"score": None}))
        if self.boxes is not None:
            plan = [plan[i % len(plan)] for i in range(len(self.boxes))]
        faces = []
        for index, (decision, facts) in enumerate(plan):
            x = width * (0.06 + 0.18 * index)
            box = [x, height * 0.25, x + width * 0.13, height * 0.5]
            if self.boxes is not None:
                box = self.boxes[index]
            faces.append(self._face(index + 1, decision, box, facts))
        return faces

    def _face(self, number: int, decision: str, box: list[float], facts: Json) -> Json:
        compared = decision != "UNUSABLE"
        face_id = str(uuid4())
        held = bool(facts.get("held"))
        return {
            "id": face_id,
            "number": number,
            "box_xyxy_px": box,
            "detection_score": 0.97,
            "decision": decision,
            "score": facts.get("score"),
            "threshold": 0.46 if compared else None,
            "review_threshold": 0.38 if compared else None,
            "space_id": "f3a9",
            "reason": facts.get("reason"),
            "guest": facts.get("guest"),
            "crop_url": f"/v1/faces/{face_id}/crop" if held or "guest" in facts else None,
            "answer": None,
            "can_enrol_until": iso(now() + timedelta(minutes=30)) if held else None,
        }

    def face(self, face: Json) -> Json:
        shown = {k: v for k, v in face.items() if k != "guest"}
        guest = self.guests.get(face["guest"] or "")
        customer = self.customer(guest) if guest else None
        names = ("id", "name", "last_visit_at", "visit_count", "portrait_url")
        shown["customer"] = {n: customer[n] for n in names} if customer else None
        if face["answer"]:
            shown["can_enrol_until"] = None
        return shown

    def stage(self, photo: Json) -> tuple[str, str]:
        if self.pace_s == 0:
            position = 3
        else:
            elapsed = (now() - photo["created_at"]).total_seconds()
            position = min(int(elapsed / self.pace_s), 3)
        if photo["content"].startswith(b"FAILS") and position == 3:
            return "failed", "detecting"
        return ("done" if position == 3 else "running"), STAGES[position]

    def photo(self, photo: Json) -> Json:
        state, stage = self.stage(photo)
        done = state == "done"
        faces = [self.face(f) for f in photo["faces"]] if done else []
        same = photo["same_as"]
        return {
            "id": photo["id"],
            "created_at": iso(photo["created_at"]),
            "state": state,
            "face_count": len(faces) if done else None,
            "match_count": sum(f["decision"] == "MATCH" for f in faces) if done else None,
            "stage": stage,
            "expires_at": iso(photo["created_at"] + timedelta(hours=24)),
            "width_px": photo["size"][0],
            "height_px": photo["size"][1],
            "image_url": f"/v1/photos/{photo['id']}/image" if done else None,
            "same_as": {"photo_id": same["id"], "created_at": iso(same["created_at"])}
            if same
            else None,
            "error": {"code": "damaged_image", "detail": "cut short"}
            if state == "failed"
            else None,
            "gallery_size": len(self.guests),
            "faces": faces,
        }


def _size(content: bytes) -> tuple[int, int]:
    try:
        return Image.open(BytesIO(content)).size
    except OSError:
        return (1200, 800)


def create_fake_api(fake: FakeApi) -> Starlette:  # noqa: C901, PLR0915  # one table of routes
    async def sign_in(request: Request) -> Response:
        if (await request.json())["token"] != fake.link:
            return problem("sign_in_link_spent", 401)
        expires = iso(now() + timedelta(hours=12))
        return JSONResponse({"access_token": fake.token, "expires_at": expires}, 201)

    async def sign_out(_: Request) -> Response:
        fake.token = "ended"
        return Response(status_code=204)

    async def status(_: Request) -> Response:
        return JSONResponse(
            {
                "version": "0.1.0",
                "pack": "open",
                "space_id": "f3a9c1d277b0e4aa",
                "searchable_customers": sum(bool(g["templates"]) for g in fake.guests.values()),
                "customers": len(fake.guests),
                "threshold": 0.46,
                "review_threshold": 0.38,
                "target_fpir": 0.01,
                "photos_tonight": len(fake.photos),
                "max_upload_bytes": 20_000_000,
                "photo_retention_hours": 24,
                "hold_minutes": 30,
            }
        )

    async def models(_: Request) -> Response:
        pack = {"installed": True, "space_id": "f3a9", "note": ""}
        return JSONResponse(
            [
                {
                    "name": "open",
                    "is_active": True,
                    "licence": "Apache-2.0, MIT",
                    "detector": "CenterFace",
                    "embedder": "MobileFaceNet",
                    **pack,
                },
                {
                    "name": "dlib",
                    "is_active": False,
                    "licence": "CC0-1.0, BSL-1.0",
                    "detector": "CenterFace",
                    "embedder": "dlib ResNet",
                    **pack,
                    "installed": False,
                },
            ]
        )

    async def upload(request: Request) -> Response:
        chunks = [chunk async for chunk in request.stream()]
        content = b"".join(chunks)
        fake.uploads.append(
            {
                "size": len(content),
                "chunks": len(chunks),
                "content_type": request.headers.get("content-type"),
                "content_length": request.headers.get("content-length"),
            }
        )
        if not content:
            return problem("empty_upload", 422)
        for start, (code, status_code) in REFUSED.items():
            if content.startswith(start):
                return problem(code, status_code)
        return accepted(fake.add_photo(content))

    def accepted(photo: Json) -> Response:
        url = f"/v1/photos/{photo['id']}"
        return JSONResponse(
            {
                "id": photo["id"],
                "job_id": str(uuid4()),
                "state": "queued",
                "photo_url": url,
                "events_url": f"{url}/events",
            },
            202,
        )

    async def photos(_: Request) -> Response:
        newest = sorted(fake.photos.values(), key=lambda p: p["created_at"], reverse=True)
        return JSONResponse({"items": [fake.photo(p) for p in newest[:20]]})

    def found(request: Request) -> Json | None:
        return fake.photos.get(request.path_params["id"])

    async def photo(request: Request) -> Response:
        one = found(request)
        return JSONResponse(fake.photo(one)) if one else problem("not_found", 404)

    async def delete_photo(request: Request) -> Response:
        fake.photos.pop(request.path_params["id"], None)
        return Response(status_code=204)

    async def events(request: Request) -> Response:
        one = found(request)
        if one is None:
            return problem("not_found", 404)

        async def body() -> AsyncIterator[str]:
            while True:
                state, stage = fake.stage(one)
                elapsed = (now() - one["created_at"]).total_seconds()
                event: Json = {"state": state, "stage": stage, "elapsed_ms": int(1000 * elapsed)}
                event |= {"queue_position": fake.queue_position, "boxes": None, "error": None}
                if stage in ("recognising", "done"):
                    event["boxes"] = [f["box_xyxy_px"] for f in one["faces"]]
                yield f"event: progress\ndata: {json.dumps(event)}\n\n"
                if state in ("done", "failed"):
                    return
                await asyncio.sleep(0.1)

        return StreamingResponse(body(), media_type="text/event-stream")

    async def image(request: Request) -> Response:
        one = found(request)
        if one is None:
            return problem("not_found", 404)
        content = one["content"]
        if _size(content) == (1200, 800):
            content = picture(one["id"], (1200, 800))
        return Response(content, media_type="image/jpeg")

    async def crop(request: Request) -> Response:
        key = request.path_params["id"]
        return Response(fake.content.get(key) or picture(key), media_type="image/jpeg")

    def find_face(face_id: str) -> Json | None:
        faces = (f for p in fake.photos.values() for f in p["faces"])
        return next((f for f in faces if f["id"] == face_id), None)

    async def answer(request: Request) -> Response:
        face = find_face(request.path_params["id"])
        if face is None:
            return problem("not_found", 404)
        said = (await request.json())["answer"]
        if said not in ("same_person", "not_them", "leave"):
            return problem("invalid_input", 422, fields=[{"field": "answer"}])
        face["answer"] = "left" if said == "leave" else said
        return JSONResponse(fake.face(face))

    async def enrol_face(request: Request) -> Response:
        face = find_face(request.path_params["id"])
        body = await request.json()
        if face is None or not face["can_enrol_until"]:
            return problem("hold_expired", 409)
        guest = fake.guests.get(body.get("customer_id") or "")
        if body.get("consent") is None and not (guest and guest["consents"]):
            return problem("consent_missing", 422)
        if guest is None:
            guest = fake.add_guest(body["name"], faces=0, consent=False)
        if body.get("consent"):
            guest["consents"].append(fake._consent(body["consent"]["given_by"]))
        return JSONResponse(new_enrolment(guest, face), 202)

    def new_enrolment(guest: Json, face: Json | None) -> Json:
        enrolment = {
            "id": str(uuid4()),
            "guest": guest["id"],
            "asked": 0,
            "face": face["id"] if face else None,
        }
        fake.enrolments[enrolment["id"]] = enrolment
        return show_enrolment(enrolment)

    def show_enrolment(enrolment: Json) -> Json:
        done = enrolment["asked"] > 0
        enrolment["asked"] += 1
        guest = fake.guests[enrolment["guest"]]
        if done and fake.outcome["outcome"] == "enrolled" and enrolment["asked"] == 2:
            guest["templates"].insert(0, fake._template())
            face = find_face(enrolment["face"] or "")
            if face:
                face["answer"] = "enrolled"
        return {
            "id": enrolment["id"],
            "state": "done" if done else "running",
            "outcome": fake.outcome["outcome"] if done else None,
            "reason": fake.outcome["reason"] if done else None,
            "customer_id": enrolment["guest"],
            "template_id": None,
            "error": None,
        }

    async def enrol_file(request: Request) -> Response:
        form = await request.form()
        file = form["photo"]
        assert not isinstance(file, str)
        content = await file.read()
        fields = {k: v for k, v in form.items() if isinstance(v, str)}
        fake.uploads.append({"size": len(content), "fields": fields})
        guest = fake.guests[fields["customer_id"]]
        if not guest["consents"] and fields.get("consent_basis") != "explicit-consent":
            return problem("consent_missing", 422)
        return JSONResponse(new_enrolment(guest, None), 202)

    async def enrolment(request: Request) -> Response:
        one = fake.enrolments.get(request.path_params["id"])
        return JSONResponse(show_enrolment(one)) if one else problem("not_found", 404)

    async def customers(request: Request) -> Response:
        query = request.query_params.get("query", "").casefold()
        limit, start = (
            int(request.query_params.get(k, d)) for k, d in (("limit", 50), ("cursor", 0))
        )
        named = sorted(
            (g for g in fake.guests.values() if query in g["name"].casefold()),
            key=lambda g: g["name"],
        )
        rest = len(named) > start + limit
        return JSONResponse(
            {
                "items": [fake.customer(g) for g in named[start : start + limit]],
                "total": len(named),
                "next_cursor": str(start + limit) if rest else None,
            }
        )

    async def new_customer(request: Request) -> Response:
        body = await request.json()
        if not 0 < len(body["name"].strip()) <= 200 or len(body.get("notes", "")) > 4000:
            return problem("invalid_input", 422, fields=[{"field": "name"}])
        guest = fake.add_guest(body["name"], faces=0, consent=False, notes=body.get("notes", ""))
        return JSONResponse(fake.customer(guest), 201)

    async def customer(request: Request) -> Response:
        guest = fake.guests.get(request.path_params["id"])
        if guest is None:
            return problem("not_found", 404)
        if request.method == "PATCH":
            body = await request.json()
            if not 0 < len(body["name"].strip()) <= 200 or len(body["notes"]) > 4000:
                return problem("invalid_input", 422, fields=[{"field": "name"}])
            guest.update(body)
        if request.method == "DELETE":
            del fake.guests[guest["id"]]
            faces, visits = len(guest["templates"]), len(guest["visits"])
            gone = {"templates": faces, "vectors": faces, "images": faces + 1, "visits": visits}
            return JSONResponse({"customer_id": guest["id"], **gone})
        return JSONResponse(fake.customer(guest))

    async def consent(request: Request) -> Response:
        guest = fake.guests[request.path_params["id"]]
        guest["consents"].append(fake._consent((await request.json())["given_by"]))
        return JSONResponse(guest["consents"][-1], 201)

    async def withdrawal(request: Request) -> Response:
        guest = fake.guests[request.path_params["id"]]
        wanted = request.path_params["consent_id"]
        one = next(c for c in guest["consents"] if c["id"] == wanted)
        one["withdrawn_at"] = iso(now())
        return JSONResponse(one)

    async def delete_template(request: Request) -> Response:
        for guest in fake.guests.values():
            guest["templates"] = [
                t for t in guest["templates"] if t["id"] != request.path_params["id"]
            ]
        return Response(status_code=204)

    def show_demo() -> Json:
        samples = [
            {"id": f"s{n}", "title": t, "thumbnail_url": f"/v1/demo/samples/s{n}/thumbnail"}
            for n, t in enumerate(("One guest", "Two guests", "A crowd"))
        ]
        count = sum(g["is_demo"] for g in fake.guests.values())
        return {
            "state": fake.demo_state,
            "progress": "3/6" if fake.demo_state == "loading" else None,
            "error": None,
            "customer_count": count,
            "samples": samples if fake.demo_state == "loaded" else [],
        }

    async def demo(request: Request) -> Response:
        if request.method == "POST":
            fake.demo_state = "loading"
            return JSONResponse(show_demo(), 202)
        if request.method == "DELETE":
            fake.demo_state = "absent"
            fake.guests = {k: g for k, g in fake.guests.items() if not g["is_demo"]}
            return Response(status_code=204)
        shown = show_demo()
        if fake.demo_state == "loading":
            fake.demo_state = "loaded"
            for name in ("Ada Okafor", "Zoé Lefèvre", "Jean-Baptiste N’Guessan"):
                fake.add_guest(name, is_demo=True)
        return JSONResponse(shown)

    async def sample(_: Request) -> Response:
        return accepted(fake.add_photo(picture("sample", (1200, 800))))

    async def readyz(_: Request) -> Response:
        waiting = [] if fake.ready else ["database", "index"]
        return JSONResponse({"status": "", "waiting_for": waiting}, 200 if fake.ready else 503)

    app = Starlette(
        routes=[
            Route("/readyz", readyz),
            Route("/v1/session", sign_in, methods=["POST"]),
            Route("/v1/session", sign_out, methods=["DELETE"]),
            Route("/v1/status", status),
            Route("/v1/models", models),
            Route("/v1/photos", upload, methods=["POST"]),
            Route("/v1/photos", photos),
            Route("/v1/photos/{id}", photo),
            Route("/v1/photos/{id}", delete_photo, methods=["DELETE"]),
            Route("/v1/photos/{id}/events", events),
            Route("/v1/photos/{id}/image", image),
            Route("/v1/faces/{id}/crop", crop),
            Route("/v1/faces/{id}/answer", answer, methods=["POST"]),
            Route("/v1/faces/{id}/enrolment", enrol_face, methods=["POST"]),
            Route("/v1/enrolments", enrol_file, methods=["POST"]),
            Route("/v1/enrolments/{id}", enrolment),
            Route("/v1/customers", customers),
            Route("/v1/customers", new_customer, methods=["POST"]),
            Route("/v1/customers/{id}", customer, methods=["GET", "PATCH", "DELETE"]),
            Route("/v1/customers/{id}/portrait", crop),
            Route("/v1/customers/{id}/consents", consent, methods=["POST"]),
            Route(
                "/v1/customers/{id}/consents/{consent_id}/withdrawal", withdrawal, methods=["POST"]
            ),
            Route("/v1/templates/{id}/crop", crop),
            Route("/v1/templates/{id}", delete_template, methods=["DELETE"]),
            Route("/v1/demo", demo, methods=["GET", "POST", "DELETE"]),
            Route("/v1/demo/samples/{id}/thumbnail", crop),
            Route("/v1/demo/samples/{id}/photo", sample, methods=["POST"]),
        ]
    )

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/v1/") and path != "/v1/session":
            headers = {k.decode(): v.decode() for k, v in scope["headers"]}
            if headers.get("authorization") != f"Bearer {fake.token}":
                await problem("not_signed_in", 401)(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded  # type: ignore[return-value]  # an ASGI application all the same
