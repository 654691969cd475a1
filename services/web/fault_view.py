"""A rejected enrolment as the page shows it: what is wrong, drawn on the photo and in words."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from services.web.api_client import JsonObject
from services.web.fault_words import FaultWords, fault_words

Point = tuple[float, float]

DRAWN_SIDE = 224.0
DRAWN_FACE: JsonObject = {
    "box_xyxy_px": [40.0, 28.0, 184.0, 214.0],
    "landmarks_xy_px": [
        [76.6, 103.4],
        [147.1, 103.0],
        [112.0, 143.5],
        [83.1, 184.7],
        [141.5, 184.4],
    ],
}
"""The face that is drawn where no photo is held: the marks mean the same on it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of SVG: a line through ``points``, closed and filled where ``is_area``.

    ``kind`` says how it looks: *fault* is what is wrong, *guide* is where it should be.
    """

    kind: str
    points: tuple[Point, ...]
    is_area: bool = False

    @property
    def path(self) -> str:
        steps = " L ".join(f"{x:.1f} {y:.1f}" for x, y in self.points)
        return f"M {steps}{' Z' if self.is_area else ''}"


@dataclass(frozen=True, slots=True)
class Meter:
    """Where the measure lies, in percent; the limit stands in the middle."""

    measured: float
    is_enough_right: bool


@dataclass(frozen=True, slots=True)
class FindingView:
    code: str
    words: FaultWords
    meter: Meter | None


@dataclass(frozen=True, slots=True)
class FacePosition:
    """A face in the picture, in its pixels, by its number from the left."""

    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class RejectedView:
    """``is_drawn``: no photo is held, so a drawn face carries the marks."""

    findings: list[FindingView]
    passed: list[FaultWords]
    marks: list[Mark]
    faces: list[FacePosition]
    width: float
    height: float
    is_drawn: bool
    has_two: bool
    codes: list[str]


def rejected_view(enrolment: JsonObject) -> RejectedView:
    picture = enrolment["picture"]
    codes = [finding["code"] for finding in enrolment["findings"]]
    width = picture["width_px"] if picture else DRAWN_SIDE
    height = picture["height_px"] if picture else DRAWN_SIDE
    faces = picture["faces"] if picture else ([] if "no_face" in codes else [DRAWN_FACE])
    marks = [
        mark
        for finding in enrolment["findings"]
        for face in faces[:1]
        for mark in marks_of(finding, face, (width, height))
    ]
    return RejectedView(
        findings=[
            FindingView(finding["code"], fault_words(finding["code"]), meter_of(finding))
            for finding in enrolment["findings"]
        ],
        passed=[fault_words(code) for code in enrolment["passed"]],
        marks=marks,
        faces=[_position(number, face) for number, face in enumerate(faces, start=1)],
        width=width,
        height=height,
        is_drawn=picture is None,
        has_two=len(faces) > 1,
        codes=codes,
    )


def meter_of(finding: JsonObject) -> Meter | None:
    """Twice the limit is the whole length."""
    measured, limit = finding["measured"], finding["limit"]
    if measured is None or not limit:
        return None
    percent = min(max(50.0 * measured / limit, 3.0), 97.0)
    return Meter(measured=round(percent, 1), is_enough_right=measured < limit)


def marks_of(finding: JsonObject, face: JsonObject, size: Point) -> list[Mark]:
    """What shows the fault on this face; none where the whole face is meant."""
    draw = _DRAWN.get(finding["code"])
    return draw(_Frame.of(face), finding, size) if draw else []


def _position(number: int, face: JsonObject) -> FacePosition:
    x1, y1, x2, y2 = face["box_xyxy_px"]
    return FacePosition(number, x1, y1, x2 - x1, y2 - y1)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The face's own axes: from the middle of the eyes, one eye distance across and down."""

    eyes: Point
    across: Point
    down: Point
    nose: Point
    mouth: Point
    box: tuple[float, float, float, float]

    @classmethod
    def of(cls, face: JsonObject) -> "_Frame":
        left, right, nose, left_mouth, right_mouth = face["landmarks_xy_px"]
        eyes = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
        mouth = ((left_mouth[0] + right_mouth[0]) / 2, (left_mouth[1] + right_mouth[1]) / 2)
        dx, dy = right[0] - left[0], right[1] - left[1]
        unit = max(math.hypot(dx, dy), 0.87 * math.dist(eyes, mouth), 1.0)
        length = math.hypot(dx, dy)
        across = (dx / length * unit, dy / length * unit) if length else (unit, 0.0)
        x1, y1, x2, y2 = face["box_xyxy_px"]
        return cls(eyes, across, (-across[1], across[0]), tuple(nose), mouth, (x1, y1, x2, y2))

    def at(self, a: float, b: float) -> Point:
        return (
            self.eyes[0] + a * self.across[0] + b * self.down[0],
            self.eyes[1] + a * self.across[1] + b * self.down[1],
        )

    def area(self, *corners: Point) -> Mark:
        return Mark("fault", tuple(self.at(a, b) for a, b in corners), is_area=True)

    def along_axis(self, part: float) -> Point:
        """From the eyes (0) to the mouth (1)."""
        (x1, y1), (x2, y2) = self.eyes, self.mouth
        return (x1 + part * (x2 - x1), y1 + part * (y2 - y1))


def _mouth(frame: _Frame, _finding: JsonObject, _size: Point) -> list[Mark]:
    return [frame.area((-0.95, 0.5), (0, 0.36), (0.95, 0.5), (0.75, 1.5), (0, 1.8), (-0.75, 1.5))]


def _eyes(frame: _Frame, _finding: JsonObject, _size: Point) -> list[Mark]:
    return [frame.area((-1.05, -0.36), (1.05, -0.36), (1.05, 0.34), (-1.05, 0.34))]


def _turn(frame: _Frame, _finding: JsonObject, _size: Point) -> list[Mark]:
    """The middle of the face, and how far from it the nose stands."""
    (nx, ny), (ax, ay) = frame.nose, frame.across
    squared = ax * ax + ay * ay
    off = ((nx - frame.eyes[0]) * ax + (ny - frame.eyes[1]) * ay) / squared
    foot = (nx - off * ax, ny - off * ay)
    return [
        Mark("guide", (frame.at(0, -0.5), frame.at(0, 1.6))),
        Mark("fault", (foot, frame.nose)),
    ]


def _tilt(frame: _Frame, finding: JsonObject, _size: Point) -> list[Mark]:
    """The way from the eyes to the mouth, where the nose is on it, and where it should be."""
    marks = [Mark("guide", (frame.eyes, frame.mouth))]
    for kind, part in (("fault", finding["measured"]), ("guide", finding["limit"])):
        x, y = frame.along_axis(part)
        dx, dy = 0.45 * frame.across[0], 0.45 * frame.across[1]
        marks.append(Mark(kind, ((x - dx, y - dy), (x + dx, y + dy))))
    return marks


def _roll(frame: _Frame, _finding: JsonObject, _size: Point) -> list[Mark]:
    (x, y), reach = frame.eyes, 1.2 * math.hypot(*frame.across)
    return [
        Mark("guide", ((x - reach, y), (x + reach, y))),
        Mark("fault", (frame.at(-1.2, 0), frame.at(1.2, 0))),
    ]


def _edge(frame: _Frame, _finding: JsonObject, size: Point) -> list[Mark]:
    """The edges that the box touches, or the nearest if it touches none."""
    (x1, y1, x2, y2), (width, height) = frame.box, size
    gaps = {
        ((0.0, 0.0), (0.0, height)): x1,
        ((width, 0.0), (width, height)): width - x2,
        ((0.0, 0.0), (width, 0.0)): y1,
        ((0.0, height), (width, height)): height - y2,
    }
    least = max(min(gaps.values()), 0.02 * max(size))
    return [Mark("edge", ends) for ends, gap in gaps.items() if gap <= least]


def _small(frame: _Frame, finding: JsonObject, _size: Point) -> list[Mark]:
    """The box, and how large it would have to be."""
    x1, y1, x2, y2 = frame.box
    scale = finding["limit"] / max(finding["measured"], 1e-6)
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    dx, dy = scale * (x2 - x1) / 2, scale * (y2 - y1) / 2
    corners = ((cx - dx, cy - dy), (cx + dx, cy - dy), (cx + dx, cy + dy), (cx - dx, cy + dy))
    return [Mark("guide", (*corners, corners[0]))]


def _whole_face(frame: _Frame, _finding: JsonObject, _size: Point) -> list[Mark]:
    angles = [step * math.pi / 12 for step in range(24)]
    return [frame.area(*((1.05 * math.cos(a), 0.5 + 1.35 * math.sin(a)) for a in angles))]


_DRAWN: dict[str, Callable[[_Frame, JsonObject, Point], list[Mark]]] = {
    "mouth_covered": _mouth,
    "eyes_covered": _eyes,
    "turned": _turn,
    "tilted": _tilt,
    "rolled": _roll,
    "cut_off": _edge,
    "too_small": _small,
    "too_dark": _whole_face,
    "overexposed": _whole_face,
    "blurred": _whole_face,
    "noisy": _whole_face,
    "compressed": _whole_face,
    "uncertain_face": _whole_face,
}
