"""Whether a face can be used, and in words why not."""

from dataclasses import dataclass
from enum import StrEnum


class UnusableReason(StrEnum):
    """Why a face is not compared with anyone. Part of the public contract."""

    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    TURNED = "turned"


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What was measured on one face; see the engine's docstrings for how.

    ``eye_distance_px`` in source pixels. ``sharpness`` has no unit and grows with detail.
    ``turn`` is 0 for a frontal face and about 1 when the nose stands over an eye.
    ``brightness`` is the face's mean luminance, 0..255.
    """

    eye_distance_px: float
    sharpness: float
    turn: float
    brightness: float
