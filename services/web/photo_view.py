"""The API's photo as the page shows it: boxes in percent, cards in their order, scales."""

from dataclasses import dataclass
from typing import Any

from services.web.api_client import JsonObject

# Who needs a manager first, then what needs a person, then what is known, then the rest.
CARD_ORDER = ("manager", "check", "known", "unknown", "unusable")


@dataclass(frozen=True, slots=True)
class BoxPercent:
    """A face's box in percent of the upright photo, so that SVG scales it without style."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a score lies; every value in percent of the scale's length."""

    review: float
    threshold: float
    score: float


@dataclass(frozen=True, slots=True)
class FaceCard:
    face: JsonObject
    box: BoxPercent
    scale: Scale | None
    found: str
    """manager, known, check, unknown or unusable: what the comparison says."""
    state: str
    """The same, by what a person said of it since: how the face looks on the page."""
    alert: JsonObject | None = None
    """That a manager is to be called; never why."""

    @property
    def number(self) -> int:
        return int(self.face["number"])


@dataclass(frozen=True, slots=True)
class PhotoView:
    photo: JsonObject
    cards: list[FaceCard]
    boxes: list[FaceCard]
    counts: dict[str, int]
    hidden: int
    """How many faces were hidden by an answer: each makes another picture of the photo."""


_SAID = {"same_person": "known", "not_them": "unknown"}
_STATES = {"MATCH": "known", "REVIEW": "check", "UNKNOWN": "unknown", "UNUSABLE": "unusable"}


def photo_view(photo: JsonObject) -> PhotoView:
    boxes = sorted(
        (face_card(face, photo["width_px"], photo["height_px"]) for face in photo["faces"]),
        key=lambda card: card.number,
    )
    cards = sorted(boxes, key=lambda card: CARD_ORDER.index(card.found))
    counts = {state: sum(card.state == state for card in cards) for state in CARD_ORDER}
    hidden = sum(card.face["answer"] == "not_them" for card in cards)
    return PhotoView(photo=photo, cards=cards, boxes=boxes, counts=counts, hidden=hidden)


def face_card(face: JsonObject, width_px: int, height_px: int) -> FaceCard:
    alert = face.get("alert")
    found = "manager" if alert else _STATES[face["decision"]]
    return FaceCard(
        face=face,
        alert=alert,
        box=box_percent(face["box_xyxy_px"], width_px, height_px),
        scale=score_scale(face),
        found=found,
        state=found if alert else _SAID.get(face["answer"] or "", found),
    )


def box_percent(box_xyxy_px: list[float], width_px: int, height_px: int) -> BoxPercent:
    """Cut to the photo: a face may reach over its edge."""
    x1, x2 = (min(max(x, 0.0), width_px) for x in (box_xyxy_px[0], box_xyxy_px[2]))
    y1, y2 = (min(max(y, 0.0), height_px) for y in (box_xyxy_px[1], box_xyxy_px[3]))
    return BoxPercent(
        x=round(100 * x1 / max(width_px, 1), 3),
        y=round(100 * y1 / max(height_px, 1), 3),
        width=round(100 * (x2 - x1) / max(width_px, 1), 3),
        height=round(100 * (y2 - y1) / max(height_px, 1), 3),
    )


def score_scale(face: JsonObject) -> Scale | None:
    """A scale from 0 (or the score, if lower) to 1, the highest score of every space."""
    score, threshold = face["score"], face["threshold"]
    if score is None or threshold is None:
        return None
    review = face["review_threshold"] if face["review_threshold"] is not None else threshold
    low, high = min(0.0, score, review), max(1.0, score, threshold)

    def percent(value: float) -> float:
        return round(100.0 * float(value - low) / float(high - low), 2)

    return Scale(review=percent(review), threshold=percent(threshold), score=percent(score))


def find_face(photo: JsonObject, face_id: str) -> JsonObject | None:
    faces: list[dict[str, Any]] = photo["faces"]
    return next((face for face in faces if face["id"] == face_id), None)
