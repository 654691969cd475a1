"""Invented faces for the style guide: one of each state a card can be in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.web.api_client import JsonObject
from services.web.photo_view import FaceCard, PhotoView, photo_view

_SINCE = datetime(2026, 5, 1, 22, 14, tzinfo=UTC)


def specimen_cards() -> list[FaceCard]:
    """Cards in every state and after every answer."""
    return photo_view(_photo(_faces())).cards


def specimen_photos() -> list[PhotoView]:
    return [photo_view(_photo(_faces()[:4]))]


def _faces() -> list[JsonObject]:
    ada, long = _guest(1, "Ada Okafor-Lindqvist"), _guest(2, "Maximiliane-Désirée von Hohenstein")
    until = (_SINCE + timedelta(minutes=30)).isoformat()
    return [
        _face(1, "REVIEW", score=0.42, customer=long, alikeness=_alikeness(1_000)),
        _face(2, "MATCH", score=0.71, customer=ada, alikeness=_alikeness(50_000, is_bound=True)),
        _face(3, "UNKNOWN", score=0.18, can_enrol_until=until),
        _face(4, "UNUSABLE", reason="too_small"),
        _face(5, "MATCH", score=0.66, customer=ada, answer="same_person"),
        _face(6, "MATCH", score=0.48, customer=ada, answer="not_them"),
        _face(7, "UNKNOWN", score=0.12, answer="left"),
        _face(8, "UNKNOWN", score=0.20, answer="enrolled"),
        _face(9, "UNKNOWN"),
        _face(10, "UNUSABLE", reason="blurred"),
        _face(11, "UNUSABLE", reason="turned"),
        _face(12, "REVIEW", alert={"state": "call_manager", "alert_id": None}),
    ]


def _face(number: int, decision: str, **facts: object) -> JsonObject:
    column, row = (number - 1) % 4, (number - 1) // 4
    x, y = 80.0 + 280 * column, 120.0 + 240 * row
    face: JsonObject = {
        "id": str(UUID(int=number)),
        "number": number,
        "box_xyxy_px": [x, y, x + 150, y + 180],
        "decision": decision,
        "score": None,
        "threshold": 0.46 if decision != "UNUSABLE" else None,
        "review_threshold": 0.38 if decision != "UNUSABLE" else None,
        "light_band": "dim",
        "alikeness": None,
        "reason": None,
        "customer": None,
        "alert": None,
        "crop_url": None,
        "answer": None,
        "can_enrol_until": None,
    }
    return face | facts


def _alikeness(one_in: int, *, is_bound: bool = False) -> JsonObject:
    return {
        "one_in": one_in,
        "is_bound": is_bound,
        "source": "measured",
        "set_name": "lfw-dev",
        "people": 1_368,
        "pairs": 977_901,
        "measured_at": "2026-11-25",
        "band": "dim",
        "own_light": True,
        "at_most_one_in": 200_000 if is_bound else None,
    }


def _guest(number: int, name: str) -> JsonObject:
    return {
        "id": str(UUID(int=number)),
        "name": name,
        "last_visit_at": _SINCE.isoformat(),
        "visit_count": 4,
        "care": None,
        "offers": [],
        "portrait_url": None,
    }


def _photo(faces: list[JsonObject]) -> JsonObject:
    return {
        "id": str(UUID(int=0)),
        "width_px": 1200,
        "height_px": 800,
        "created_at": _SINCE.isoformat(),
        "faces": faces,
    }
