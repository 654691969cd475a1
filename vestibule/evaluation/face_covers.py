"""Things drawn over a face: masks, sunglasses, hands and objects, placed by its landmarks.

Positions are (a, b) in the face's own frame: from the middle of the eyes, a along the eye line and
b downwards, in units of the eye distance (or of what the distance to the mouth says it is, where
the face is turned). The mouth lies near b = 1.1.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import DetectedFace, RgbImage

Points = Sequence[tuple[float, float]]
Colour = tuple[float, float, float]
Outline = NDArray[np.float64]

MASKS_RGB: tuple[Colour, ...] = (
    (225, 228, 232),
    (150, 190, 215),
    (28, 28, 32),
    (150, 40, 45),
    (205, 165, 140),
    (130, 132, 135),
)
BLACK_LENSES, BROWN_LENSES, OBJECT = (20, 20, 24), (60, 40, 30), (35, 35, 40)

_OVER_NOSE: Points = (
    (-1.0, 0.45), (-0.5, 0.42), (0, 0.32), (0.5, 0.42), (1.0, 0.45),
    (0.95, 1.1), (0.55, 1.75), (0, 1.95), (-0.55, 1.75), (-0.95, 1.1),
)  # fmt: skip
_UNDER_NOSE: Points = (
    (-1.0, 0.62), (-0.5, 0.7), (0.5, 0.7), (1.0, 0.62),
    (0.95, 1.1), (0.55, 1.75), (0, 1.95), (-0.55, 1.75), (-0.95, 1.1),
)  # fmt: skip
_BRIDGE: Points = ((-0.12, -0.08), (0.12, -0.08), (0.12, 0), (-0.12, 0))

HAND_OVER: dict[str, Points] = {
    "mouth": ((-0.9, 1.0), (-0.6, 0.75), (0.75, 0.78), (0.85, 1.3), (-0.5, 1.5), (-1.1, 1.35)),
    "eye": ((-1.15, -0.45), (-0.05, -0.4), (0, 0.3), (-0.4, 0.45), (-1.2, 0.35)),
    "half": ((-1.2, -0.5), (-0.25, -0.45), (-0.1, 0.4), (-0.2, 1.3), (-1.1, 1.5)),
}
OBJECT_OVER: dict[str, Points] = {
    "mouth": ((-0.45, 0.75), (0.45, 0.75), (0.45, 1.9), (-0.45, 1.9)),
    "eye": ((-1.2, -0.5), (-0.1, -0.4), (-0.05, 0.3), (-1.2, 0.35)),
    "half": ((-1.3, -0.8), (-0.15, -0.8), (-0.15, 1.6), (-1.3, 1.6)),
}


def with_mask(
    image: RgbImage, face: DetectedFace, rng: np.random.Generator, *, under_nose: bool = False
) -> RgbImage:
    """A mask of a colour drawn from ``MASKS_RGB``, as bright as the photo, with three pleats."""
    light = float(np.clip(image.mean() / 115, 0.4, 1.3))
    colour = np.array(MASKS_RGB[rng.integers(len(MASKS_RGB))]) * light
    outline = _placed(face, _UNDER_NOSE if under_nose else _OVER_NOSE)
    worn = _filled(image, outline, colour, rng)
    for height in (0.85, 1.05, 1.25):
        _line(worn, _placed(face, ((-0.75, height), (0.75, height))), colour * 0.86, thickness=1)
    return worn


def with_sunglasses(
    image: RgbImage, face: DetectedFace, rng: np.random.Generator, *, lenses: Colour
) -> RgbImage:
    """Two opaque lenses, lighter towards their edges, and the bridge between them."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for middle in (-0.5, 0.5):
        across = middle + 0.43 * np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.7
        down = 0.05 + 0.3 * np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** 0.7
        outline = _placed(face, list(zip(across.tolist(), down.tolist(), strict=True)))
        image = _filled(image, outline, np.array(lenses), rng, texture=4, shade=-0.8)
    return _filled(image, _placed(face, _BRIDGE), np.array((15, 15, 15)), rng, texture=2, shade=0)


def with_hand(
    image: RgbImage, face: DetectedFace, rng: np.random.Generator, *, over: Points
) -> RgbImage:
    """In the colour of the face's own skin, a little darker or lighter, with three finger lines."""
    colour = _skin(image, face) * rng.uniform(0.75, 1.1)
    held = _filled(image, _placed(face, over), colour, rng, texture=3, shade=0.2)
    corners = np.array(over)
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    thickness = max(1, round(0.04 * _unit_px(face)))
    for part in (0.25, 0.5, 0.75):
        height = top + part * (bottom - top)
        finger = ((left + 0.1, height), (right - 0.1, height - 0.04))
        _line(held, _placed(face, finger), colour * 0.62, thickness=thickness)
    return held


def with_object(
    image: RgbImage, face: DetectedFace, rng: np.random.Generator, *, over: Points
) -> RgbImage:
    """Something dark: a glass or microphone, a cap's peak or hair, a telephone."""
    return _filled(image, _placed(face, over), np.array(OBJECT), rng, shade=0.2)


def _axes(face: DetectedFace) -> tuple[Outline, Outline, Outline]:
    left, right, _, left_mouth, right_mouth = face.landmarks_xy_px.astype(np.float64)
    eyes, down = (left + right) / 2, (left_mouth + right_mouth) / 2 - (left + right) / 2
    across = right - left
    unit = max(float(np.hypot(*across)), 0.87 * float(np.hypot(*down)), 1.0)
    direction = across / max(float(np.hypot(*across)), 1e-6)
    return eyes, direction * unit, np.array([-direction[1], direction[0]]) * unit


def _unit_px(face: DetectedFace) -> float:
    return float(np.hypot(*_axes(face)[1]))


def _placed(face: DetectedFace, points: Points) -> Outline:
    eyes, across, down = _axes(face)
    places = np.array(points, np.float64)
    return np.asarray(eyes + places[:, :1] * across + places[:, 1:] * down)


def _filled(
    image: RgbImage,
    outline: Outline,
    colour: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    texture: float = 6,
    shade: float = 0.25,
) -> RgbImage:
    """The outline filled: darker towards its sides by ``shade``, with a weave of ``texture``."""
    height, width = image.shape[:2]
    fine = np.zeros((height * 4, width * 4), np.uint8)
    cv2.fillPoly(fine, [np.rint(outline * 4).astype(np.int32)], 255)
    cover = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)[..., None] / 255.0
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    rows, columns = np.mgrid[:height, :width]
    sideways = 2 * (columns - left) / max(right - left, 1) - 1
    along = (rows - top) / max(bottom - top, 1) - 0.3
    weave = cv2.GaussianBlur(rng.normal(0, 2 * texture, (height, width)), (0, 0), 1.0)
    lit = (1 - shade * sideways**2 - 0.5 * shade * along)[..., None] * colour + weave[..., None]
    mixed: RgbImage = np.clip(image * (1 - cover) + lit * cover, 0, 255).astype(np.uint8)
    return mixed


def _skin(image: RgbImage, face: DetectedFace) -> NDArray[np.float64]:
    height, width = image.shape[:2]
    places = _placed(face, ((-0.45, 0.5), (0.45, 0.5), (0, 0.3))).astype(int)
    rows, columns = places[:, 1].clip(0, height - 1), places[:, 0].clip(0, width - 1)
    return np.asarray(np.median(image[rows, columns].astype(np.float64), axis=0))


def _line(image: RgbImage, ends: Outline, colour: NDArray[np.float64], *, thickness: int) -> None:
    (x1, y1), (x2, y2) = np.rint(ends).astype(int).tolist()
    cv2.line(image, (x1, y1), (x2, y2), colour.tolist(), thickness, cv2.LINE_AA)
