"""What the fake API says of a rejected enrolment, by the outcome that a test asked for."""

from datetime import timedelta
from typing import Any

from tests.web.fake_state import FakeApi, Json, iso, now

NOTHING_FOUND: Json = {
    "findings": [],
    "passed": [],
    "picture": None,
    "held_until": None,
    "can_override": False,
    "resembles": None,
    "override": None,
}
LANDMARKS = [[96.0, 98.0], [136.0, 98.0], [116.0, 122.0], [100.0, 146.0], [132.0, 146.0]]
BOX = [78.0, 52.0, 154.0, 172.0]
MEASURES = {"tilted": (0.3, 0.42), "too_small": (14.0, 20.0), "overexposed": (0.4, 0.12)}


def rejection(fake: FakeApi, enrolment: Json) -> Json:
    """``fake.outcome`` may hold ``codes``, ``held``, ``resembles`` (a guest), ``blocked``."""
    asked: dict[str, Any] = fake.outcome
    if asked["outcome"] != "rejected":
        return {**NOTHING_FOUND, "passed": ["blurred", "too_small", "turned"]}
    codes = asked.get("codes", [asked["reason"]])
    held = asked.get("held", asked["reason"] != "no_face")
    guest = asked.get("resembles")
    return {
        **NOTHING_FOUND,
        "findings": [finding(code) for code in codes],
        "passed": ["cut_off", "eyes_covered", "blurred"],
        "picture": picture(enrolment, two="several_faces" in codes) if held else None,
        "held_until": iso(now() + timedelta(minutes=14)) if held else None,
        "can_override": held and not asked.get("blocked") and codes != ["several_faces"],
        "resembles": guest
        and {
            "id": guest["id"],
            "name": guest["name"],
            "portrait_url": f"/v1/customers/{guest['id']}/portrait",
        },
    }


def finding(code: str) -> Json:
    has_measure = code not in ("no_face", "several_faces")
    measured, limit = MEASURES.get(code, (0.4, 0.95)) if has_measure else (None, None)
    return {"code": code, "measured": measured, "limit": limit, "overridable": has_measure}


def picture(enrolment: Json, *, two: bool) -> Json:
    faces = [{"box_xyxy_px": BOX, "landmarks_xy_px": LANDMARKS}]
    width = 232
    if two:
        faces.append(
            {
                "box_xyxy_px": [x + 200 * (i % 2 == 0) for i, x in enumerate(BOX)],
                "landmarks_xy_px": [[x + 200, y] for x, y in LANDMARKS],
            }
        )
        width = 432
    return {
        "url": f"/v1/enrolments/{enrolment['id']}/picture",
        "width_px": width,
        "height_px": 232,
        "faces": faces,
    }
