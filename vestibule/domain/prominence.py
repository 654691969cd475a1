"""Which face an enrolment photo means, when it shows several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.domain.faces import DetectedFace

CLEAR_LEAD = 1.5
"""How many times as prominent as the next one a face must be.

Measured on lfw-dev, where the labelled person stands in the middle: of 2,763 photos 582 show
several faces; one is ambiguous, none gives another face than the labelled one.
"""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two faces could be meant: their indices, the more prominent one first."""

    first: int
    second: int


def prominent_face(
    faces: Sequence[DetectedFace], image_shape: tuple[int, int]
) -> int | Ambiguous | None:
    """Index of the large and central face; None when there is no face.

    ``image_shape`` is (height, width). A face's prominence is its box's area, divided by how far
    from the image's middle it stands.
    """
    if not faces:
        return None
    weights = [_prominence(face, image_shape) for face in faces]
    order = sorted(range(len(faces)), key=weights.__getitem__, reverse=True)
    if len(order) > 1 and weights[order[0]] < CLEAR_LEAD * weights[order[1]]:
        return Ambiguous(order[0], order[1])
    return order[0]


def _prominence(face: DetectedFace, image_shape: tuple[int, int]) -> float:
    """Area in pixels, halved at a quarter of the image's diagonal from the middle."""
    height, width = image_shape
    x1, y1, x2, y2 = face.box_xyxy_px
    away = math.hypot((x1 + x2 - width) / 2, (y1 + y2 - height) / 2)
    quarter_diagonal = math.hypot(width, height) / 4
    return face.width_px * face.height_px / (1 + (away / quarter_diagonal) ** 2)
