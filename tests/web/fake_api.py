"""The API as its contract says, in memory: guests, photos that pass through every stage, errors.

A photo's bytes decide what becomes of it: ``NOT-AN-IMAGE``, ``DAMAGED`` and ``EMPTY`` starts are
refused with their codes, ``FAILS`` fails as a job, ``NOFACE`` shows no face. Anything else shows
one face of each decision.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.web.fake_accuracy import accuracy_routes
from tests.web.fake_alerts import alert_routes
from tests.web.fake_batches import batch_routes, generation_routes
from tests.web.fake_calibration import calibration_routes
from tests.web.fake_consents import consent_routes
from tests.web.fake_consumption import consumption_routes
from tests.web.fake_customers import customer_routes
from tests.web.fake_erasures import erasure_routes
from tests.web.fake_faces import face_routes
from tests.web.fake_gallery import gallery_routes
from tests.web.fake_incidents import incident_routes
from tests.web.fake_jobs import job_routes
from tests.web.fake_merges import import_routes, merge_routes
from tests.web.fake_models import model_routes
from tests.web.fake_offers import offer_routes
from tests.web.fake_own_page import is_at_own_page, own_page_routes
from tests.web.fake_rejections import NOTHING_FOUND, rejection
from tests.web.fake_requests import request_routes
from tests.web.fake_retention import legal_hold_routes, retention_routes
from tests.web.fake_sign_in import sign_in_routes
from tests.web.fake_state import REFUSED, FakeApi, Json, iso, now, picture, problem, size_px
from tests.web.fake_venues import venue_routes
from tests.web.fake_visits import visit_routes
from tests.web.fake_watchlist import watchlist_routes


def create_fake_api(fake: FakeApi) -> Starlette:  # noqa: C901, PLR0915  # one table of routes
    async def sign_in(request: Request) -> Response:
        if (await request.json())["token"] != fake.link:
            return problem("sign_in_link_spent", 401)
        expires = iso(now() + timedelta(hours=12))
        return JSONResponse({"access_token": fake.token, "expires_at": expires}, 201)

    async def who_am_i(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {fake.token}":
            return problem("not_signed_in", 401)
        return JSONResponse(fake.session())

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
                "customers_elsewhere": fake.customers_elsewhere,
                "customers": len(fake.guests),
                "threshold": 0.46,
                "review_threshold": 0.38,
                "target_fpir": 0.01,
                "photos_tonight": len(fake.photos),
                "max_upload_bytes": 20_000_000,
                "photo_retention_hours": 24,
                "hold_minutes": 30,
                "index_at_rest": fake.index_at_rest,
            }
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
                facts = {"retry_after_s": 7} if code == "too_busy" else {}
                return problem(code, status_code, **facts)
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
        if size_px(content) == (1200, 800):
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
        fake.enrolment_bodies.append(body)
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
            enrolment["template"] = guest["templates"][0]["id"]
            face = find_face(enrolment["face"] or "")
            if face:
                face["answer"] = "enrolled"
        return {
            "id": enrolment["id"],
            "state": "done" if done else "running",
            "outcome": fake.outcome["outcome"] if done else None,
            "reason": fake.outcome["reason"] if done else None,
            "customer_id": enrolment["guest"],
            "living_person_seen": True,
            "presentation": fake.presentation if done else None,
            "template_id": enrolment.get("template") if done else None,
            "error": None,
            **(rejection(fake, enrolment) if done else NOTHING_FOUND),
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

    async def override(request: Request) -> Response:
        one = fake.enrolments[request.path_params["id"]]
        if fake.outcome.get("override_problem"):
            return problem(fake.outcome["override_problem"], 409)
        return JSONResponse(taken_up(fake, one, override=await request.json()), 202)

    async def pick(request: Request) -> Response:
        one = fake.enrolments[request.path_params["id"]]
        return JSONResponse(taken_up(fake, one, **(await request.json())), 202)

    def taken_up(fake: FakeApi, one: Json, **asked: Any) -> Json:
        """From now on it goes well."""
        fake.taken_up.append(asked)
        fake.outcome, one["asked"] = {"outcome": "enrolled", "reason": None}, 0
        return show_enrolment(one)

    async def consent(request: Request) -> Response:
        guest = fake.guests[request.path_params["id"]]
        body = await request.json()
        fake.consents_given.append(body)
        guest["consents"].append(fake._consent(body["given_by"]))
        return JSONResponse(guest["consents"][-1], 201)

    async def withdrawal(request: Request) -> Response:
        guest = fake.guests[request.path_params["id"]]
        wanted = request.path_params["consent_id"]
        one = next(c for c in guest["consents"] if c["id"] == wanted)
        one["withdrawn_at"], one["stands"] = iso(now()), False
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
        said = {"status": "", "waiting_for": waiting, "photos_wait_for": fake.photos_wait_for}
        return JSONResponse(said, 200 if fake.ready else 503)

    app = Starlette(
        routes=[
            Route("/readyz", readyz),
            *erasure_routes(fake),
            *alert_routes(fake),
            *face_routes(fake),
            *gallery_routes(fake),
            *incident_routes(fake),
            *consumption_routes(fake),
            *offer_routes(fake),
            *job_routes(fake),
            *watchlist_routes(fake),
            *batch_routes(fake),
            *generation_routes(fake),
            Route("/v1/session", sign_in, methods=["POST"]),
            Route("/v1/session", who_am_i),
            *sign_in_routes(fake),
            Route("/v1/session", sign_out, methods=["DELETE"]),
            Route("/v1/status", status),
            *accuracy_routes(fake),
            *model_routes(fake),
            *calibration_routes(fake),
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
            Route("/v1/enrolments/{id}/picture", crop),
            Route("/v1/enrolments/{id}/override", override, methods=["POST"]),
            Route("/v1/enrolments/{id}/face", pick, methods=["POST"]),
            *customer_routes(fake),
            *visit_routes(fake),
            *venue_routes(fake),
            *retention_routes(fake),
            *legal_hold_routes(fake),
            *merge_routes(fake),
            *request_routes(fake),
            *consent_routes(fake),
            *own_page_routes(fake),
            *import_routes(fake),
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
        is_open = path.startswith(("/v1/session", "/v1/consent-links")) or not path.startswith(
            "/v1/"
        )
        if scope["type"] == "http" and not is_open:
            headers = {k.decode(): v.decode() for k, v in scope["headers"]}
            if path.startswith("/v1/me"):
                if path != "/v1/me/session" and not is_at_own_page(headers):
                    await problem("not_signed_in", 401)(scope, receive, send)
                    return
            elif headers.get("authorization") != f"Bearer {fake.token}":
                await problem("not_signed_in", 401)(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded  # type: ignore[return-value]  # an ASGI application all the same
