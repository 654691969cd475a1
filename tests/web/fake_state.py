"""What the fake API knows: guests, photos and how far each is."""

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw
from starlette.responses import JSONResponse

from services.api.personal_examples import PERSONAL_EXAMPLES
from vestibule.domain.permissions import Permission

Json = dict[str, Any]
STAGES = ("received", "detecting", "recognising", "done")
REFUSED = {
    b"NOT-AN-IMAGE": ("not_an_image", 415),
    b"DAMAGED": ("damaged_image", 422),
    b"HUGE": ("photo_too_large", 413),
    b"PIXELS": ("too_many_pixels", 413),
    b"FULL": ("storage_full", 507),
    b"FAULT": ("internal_error", 500),
    b"BUSY": ("too_busy", 429),
    b"DOWN": ("database_unavailable", 503),
}
ALIKE: dict[str, Json] = {
    decision: {
        "one_in": one_in,
        "is_bound": decision == "MATCH",
        "source": source,
        "set_name": "venue-set" if source == "measured" else None,
        "people": 1_368 if source == "measured" else None,
        "pairs": 977_901,
        "measured_at": "2026-11-25" if source == "measured" else None,
        "band": "dim",
        "own_light": True,
        "at_most_one_in": 200_000 if decision == "MATCH" else None,
    }
    for decision, one_in, source in (("MATCH", 50_000, "measured"), ("REVIEW", 1_000, "venue"))
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


EVERY_PERMISSION = [permission.value for permission in Permission]


MAIN_VENUE: Json = {
    "id": "1c9e6b5a-4444-4444-8444-000000000017",
    "name": "Main venue",
    "timezone": "Europe/Paris",
    "closes_at_hour": 8,
    "minimum_age": 18,
    "capacity": None,
    "people": 12,
}


@dataclass
class FakeApi:
    """``pace_s`` is how long each stage takes. ``received`` counts what uploads sent."""

    pace_s: float = 0.0
    token: str = "good-token"
    link: str = "good-link"
    password: str = "ten words of nobody"
    owes_code: bool = False
    company: str | None = None
    guests: dict[str, Json] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    alike: list[str] = field(default_factory=list)
    visits: list[Json] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)
    capacity: int | None = None
    duplicates: list[tuple[str, str, list[str]]] = field(default_factory=list)
    merges: list[Json] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    own: Json = field(default_factory=lambda: copy.deepcopy(PERSONAL_EXAMPLES["PersonalData"]))
    own_asked: list[Json] = field(default_factory=list)
    own_links: list[Json] = field(default_factory=list)
    requests_taken: list[Json] = field(default_factory=list)
    imports: list[Json] = field(default_factory=list)
    reports: dict[str, Json] = field(default_factory=dict)
    photos: dict[str, Json] = field(default_factory=dict)
    enrolments: dict[str, Json] = field(default_factory=dict)
    uploads: list[Json] = field(default_factory=list)
    demo_state: str = "absent"
    ready: bool = True
    index_at_rest: str = "sealed"
    photos_wait_for: list[str] = field(default_factory=list)
    outcome: Json = field(default_factory=lambda: {"outcome": "enrolled", "reason": None})
    taken_up: list[Json] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    boxes: list[list[float]] | None = None
    queue_position: int | None = None
    calibration: Json = field(default_factory=dict)
    moves: list[Json] = field(default_factory=list)
    all_chosen_by_hand: bool = False
    packs: list[Json] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    customers_elsewhere: int = 0
    answered: list[Json] = field(default_factory=list)
    """What guests agreed to or withdrew from by their own hand."""
    consents_given: list[Json] = field(default_factory=list)
    draft: Json | None = None
    provisions: list[Json] = field(default_factory=list)
    looked: bool = True
    look_state: str = "done"
    findings: list[Json] = field(default_factory=list)
    jobs: list[Json] = field(default_factory=list)
    watchlist: Json = field(default_factory=dict)
    workers: list[Json] | None = None
    unreadable: list[Json] = field(default_factory=list)
    batches: list[Json] = field(default_factory=list)
    asked_batches: list[Json] = field(default_factory=list)
    import_sources: list[str] = field(default_factory=list)
    batch_failures: list[Json] = field(default_factory=list)
    generations: list[Json] = field(default_factory=list)
    generation_changes: list[Json] = field(default_factory=list)
    judgements: list[Json] = field(default_factory=list)
    presentation: Json | None = None
    enrolment_bodies: list[Json] = field(default_factory=list)

    incidents: list[Json] = field(default_factory=list)
    consumption: Json | None = None
    care: str | None = None
    open_offers: list[Json] = field(default_factory=list)
    offers: list[Json] = field(default_factory=list)
    agrees: bool = True
    segment: Json | None = None
    reaches: int = 30
    rounds: list[Json] = field(default_factory=list)
    asked_rounds: list[Json] = field(default_factory=list)
    asked_segments: list[str | None] = field(default_factory=list)
    held_at: dict[str, list[str]] = field(default_factory=dict)
    consumption_policy: Json = field(
        default_factory=lambda: {
            "version": 0,
            "window_hours": 4.0,
            "watch_units": 6.0,
            "care_units": 10.0,
        }
    )
    called_for: set[str] = field(default_factory=set)
    checked_names: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)
    audit: list[Json] = field(default_factory=list)
    audit_asked: list[Json] = field(default_factory=list)
    audit_report: Json = field(default_factory=dict)
    retention: Json = field(default_factory=dict)
    erasures: list[Json] = field(default_factory=list)
    backup_places: list[Json] = field(default_factory=list)
    erasure_report: Json = field(default_factory=dict)
    kept: Json = field(
        default_factory=lambda: {"holds": [], "face_goes_at": None, "file_goes_at": None}
    )
    legal_holds: list[Json] = field(default_factory=list)
    permissions: frozenset[str] = frozenset(EVERY_PERMISSION)
    owes_second_factor: bool = False
    appeals_overdue: int = 0
    requests_pressing: int = 0
    at: str = ""
    venues: list[Json] = field(default_factory=lambda: [dict(MAIN_VENUE)])

    def session(self) -> Json:
        named = [dict(one) for one in self.venues]
        return {
            "actor": "owner",
            "name": "Camille Roux",
            "account_id": "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d",
            "expires_at": None,
            "roles": [],
            "permissions": [
                {"permission": name, "venue_ids": self.held_at.get(name)}
                for name in sorted(self.permissions)
            ],
            "owes_second_factor": self.owes_second_factor,
            "appeals_overdue": self.appeals_overdue,
            "requests_pressing": self.requests_pressing,
            "venue": next(one for one in named if one["id"] == (self.at or named[0]["id"])),
            "venues": named,
        }

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
            "birth_date": None,
            "age": None,
            "minor": False,
            "phone": None,
            "email": None,
            "language": None,
            "tags": [],
            "home_venue_id": MAIN_VENUE["id"],
            "home_venue": "Vestibule",
            "created_at": iso(now() - timedelta(days=40)),
            "visits": visits if faces else [],
            "templates": templates,
            "retired_templates": [],
            "consents": consents,
            **more,
        }
        self.guests[guest_id] = guest
        return guest

    def _template(self) -> Json:
        template_id = str(uuid4())
        url = f"/v1/templates/{template_id}/crop"
        template = {"id": template_id, "space_id": "f3a9", "created_at": iso(now())}
        use = {"status": "active", "retired_at": None, "retired_for": None}
        return {**template, "crop_url": url, **use, "override": None}

    def _consent(self, given_by: str = "the customer in person") -> Json:
        return {
            "id": str(uuid4()),
            "stands": True,
            "expires_at": iso(now() + timedelta(days=730)),
            "method": "spoken",
            "proof_id": None,
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
            "size": size_px(content),
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
            "light_band": "dim",
            "alikeness": ALIKE.get(decision),
            "reason": facts.get("reason"),
            "guest": facts.get("guest"),
            "alert": None,
            "crop_url": f"/v1/faces/{face_id}/crop" if held or "guest" in facts else None,
            "answer": None,
            "can_enrol_until": iso(now() + timedelta(minutes=30)) if held else None,
        }

    def face(self, face: Json) -> Json:
        shown = {k: v for k, v in face.items() if k != "guest"}
        guest = self.guests.get(face["guest"] or "")
        customer = self.customer(guest) if guest else None
        names = ("id", "name", "last_visit_at", "visit_count", "portrait_url")
        shown["customer"] = (
            {n: customer[n] for n in names} | {"care": self.care, "offers": self.open_offers}
            if customer
            else None
        )
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
            "timings_ms": {"detect": 90.0, "embed": 14.0} if done else None,
            "faces": faces,
        }


def size_px(content: bytes) -> tuple[int, int]:
    try:
        return Image.open(BytesIO(content)).size
    except OSError:
        return (1200, 800)
