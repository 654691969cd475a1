"""Faults made on purpose in good photos, each with the finding that should name it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.quality import Fault
from vestibule.evaluation import degradations
from vestibule.evaluation.face_covers import (
    BLACK_LENSES,
    BROWN_LENSES,
    HAND_OVER,
    OBJECT_OVER,
    with_hand,
    with_mask,
    with_object,
    with_sunglasses,
)

Draw = Callable[[RgbImage, DetectedFace, np.random.Generator], RgbImage]

NOSE_DEPTH, MOUTH_DEPTH = 0.6, 0.1
"""How far nose tip and mouth corners stand before the eyes, in eye distances of a frontal face.

Of a mean adult head: eyes 63 mm apart, the nose's tip about 38 mm before their plane.
"""


@dataclass(frozen=True, slots=True)
class DrawnFault:
    """``draw`` changes the photo, which is then searched for faces anew."""

    named: Fault
    draw: Draw


@dataclass(frozen=True, slots=True)
class TurnedHead:
    """Landmarks turned in space, on the photo as it is: no photo of it can be drawn."""

    named: Fault
    yaw_degrees: float = 0.0
    pitch_degrees: float = 0.0


def blurred(
    image: RgbImage, face: DetectedFace, _: np.random.Generator, *, sigma: float
) -> RgbImage:
    """Gaussian, ``sigma`` on a face 100 pixels wide."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma * face.width_px / 100), np.uint8)


def brightened(
    image: RgbImage, _: DetectedFace, __: np.random.Generator, *, gain: float, veil: float = 0
) -> RgbImage:
    """``gain`` times as bright, plus the ``veil`` of a flash."""
    lit: RgbImage = np.clip(image * float(gain) + veil, 0, 255).astype(np.uint8)
    return lit


def darkened(
    image: RgbImage, _: DetectedFace, rng: np.random.Generator, *, gain: float, noise: float
) -> RgbImage:
    lit: RgbImage = np.clip(image * float(gain) + rng.normal(0, noise, image.shape), 0, 255).astype(
        np.uint8
    )
    return lit


def compressed(
    image: RgbImage, _: DetectedFace, __: np.random.Generator, *, quality: int
) -> RgbImage:
    written = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(written, cv2.IMREAD_COLOR)
    assert decoded is not None  # it was encoded a line above
    return np.asarray(decoded, np.uint8)


def rolled(
    image: RgbImage, _: DetectedFace, __: np.random.Generator, *, degrees: float
) -> RgbImage:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height)), np.uint8)


def cut(image: RgbImage, face: DetectedFace, rng: np.random.Generator, *, share: float) -> RgbImage:
    """The photo ends ``share`` of the face's box inside it, at a side drawn for each."""
    x1, y1, x2, y2 = face.box_xyxy_px
    dx, dy = share * face.width_px, share * face.height_px
    side = rng.integers(4)
    parts = (
        image[:, int(x1 + dx) :],
        image[:, : int(x2 - dx)],
        image[int(y1 + dy) :],
        image[: int(y2 - dy)],
    )
    return np.ascontiguousarray(parts[side])


def shrunk(
    image: RgbImage, face: DetectedFace, _: np.random.Generator, *, face_width_px: float
) -> RgbImage:
    scale = min(1.0, face_width_px / face.width_px)
    return np.asarray(
        cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def side_by_side(image: RgbImage, _: DetectedFace, __: np.random.Generator) -> RgbImage:
    return np.ascontiguousarray(np.hstack([image, image]))


def hidden(image: RgbImage, face: DetectedFace, _: np.random.Generator) -> RgbImage:
    """The face and what is around it in one colour: a photo of nobody."""
    x1, y1, x2, y2 = (int(side) for side in face.box_xyxy_px)
    empty = image.copy()
    empty[max(y1 - 20, 0) : y2 + 20, max(x1 - 20, 0) : x2 + 20] = (90, 92, 96)
    return empty


def turned_in_space(face: DetectedFace, head: TurnedHead) -> DetectedFace:
    """The landmarks of the head turned by so much more, seen from far away."""
    points = face.landmarks_xy_px.astype(np.float64)
    eyes, across = points[:2].mean(axis=0), points[1] - points[0]
    unit = max(float(np.hypot(*across)), 1.0)
    right = across / unit
    down = np.array([-right[1], right[0]])
    depth = np.array([0, 0, NOSE_DEPTH, MOUTH_DEPTH, MOUTH_DEPTH]) * unit
    x, y = (points - eyes) @ right, (points - eyes) @ down
    yaw, pitch = np.radians(head.yaw_degrees), np.radians(head.pitch_degrees)
    x, depth = x * np.cos(yaw) + depth * np.sin(yaw), depth * np.cos(yaw) - x * np.sin(yaw)
    y = y * np.cos(pitch) + depth * np.sin(pitch)
    placed = eyes + x[:, None] * right + y[:, None] * down
    return replace(face, landmarks_xy_px=placed.astype(np.float32))


def _clubs(draw: Callable[[RgbImage, np.random.Generator], RgbImage]) -> Draw:
    return lambda image, _face, rng: draw(image, rng)


FAULTS: Mapping[str, DrawnFault | TurnedHead] = {
    "a photo of nobody": DrawnFault(Fault.NO_FACE, hidden),
    "two equal faces": DrawnFault(Fault.SEVERAL_FACES, side_by_side),
    "cut off at 10 % of the face": DrawnFault(Fault.CUT_OFF, partial(cut, share=0.1)),
    "cut off at 25 %": DrawnFault(Fault.CUT_OFF, partial(cut, share=0.25)),
    "mask over nose and mouth": DrawnFault(Fault.MOUTH_COVERED, with_mask),
    "mask under the nose": DrawnFault(Fault.MOUTH_COVERED, partial(with_mask, under_nose=True)),
    "hand over the mouth": DrawnFault(
        Fault.MOUTH_COVERED, partial(with_hand, over=HAND_OVER["mouth"])
    ),
    "glass or microphone at the mouth": DrawnFault(
        Fault.MOUTH_COVERED, partial(with_object, over=OBJECT_OVER["mouth"])
    ),
    "black sunglasses": DrawnFault(
        Fault.EYES_COVERED, partial(with_sunglasses, lenses=BLACK_LENSES)
    ),
    "brown sunglasses": DrawnFault(
        Fault.EYES_COVERED, partial(with_sunglasses, lenses=BROWN_LENSES)
    ),
    "hand over an eye": DrawnFault(Fault.EYES_COVERED, partial(with_hand, over=HAND_OVER["eye"])),
    "cap or hair over an eye": DrawnFault(
        Fault.EYES_COVERED, partial(with_object, over=OBJECT_OVER["eye"])
    ),
    "hand over half the face": DrawnFault(
        Fault.EYES_COVERED, partial(with_hand, over=HAND_OVER["half"])
    ),
    "telephone over half the face": DrawnFault(
        Fault.EYES_COVERED, partial(with_object, over=OBJECT_OVER["half"])
    ),
    "turned by 30° (landmarks)": TurnedHead(Fault.TURNED, yaw_degrees=30),
    "turned by 45° (landmarks)": TurnedHead(Fault.TURNED, yaw_degrees=45),
    "raised by 30° (landmarks)": TurnedHead(Fault.TILTED, pitch_degrees=-30),
    "lowered by 30° (landmarks)": TurnedHead(Fault.TILTED, pitch_degrees=30),
    "rolled by 30°": DrawnFault(Fault.ROLLED, partial(rolled, degrees=30)),
    "rolled by 60°": DrawnFault(Fault.ROLLED, partial(rolled, degrees=60)),
    "a quarter of the light, noise 8": DrawnFault(
        Fault.TOO_DARK, _clubs(degradations.underexposed)
    ),
    "an eighth of the light, noise 4": DrawnFault(
        Fault.TOO_DARK, partial(darkened, gain=0.125, noise=4)
    ),
    "gamma 3, noise 8": DrawnFault(Fault.TOO_DARK, _clubs(degradations.crushed)),
    "1.8 times the light": DrawnFault(Fault.OVEREXPOSED, partial(brightened, gain=1.8)),
    "2.5 times the light": DrawnFault(Fault.OVEREXPOSED, partial(brightened, gain=2.5)),
    "flash, twice the light and a veil": DrawnFault(
        Fault.OVEREXPOSED, partial(brightened, gain=2, veil=40)
    ),
    "blur 2 on a face 100 px wide": DrawnFault(Fault.BLURRED, partial(blurred, sigma=2)),
    "blur 3": DrawnFault(Fault.BLURRED, partial(blurred, sigma=3)),
    "blur 4": DrawnFault(Fault.BLURRED, partial(blurred, sigma=4)),
    "face 40 px wide": DrawnFault(Fault.TOO_SMALL, partial(shrunk, face_width_px=40)),
    "face 30 px wide": DrawnFault(Fault.TOO_SMALL, partial(shrunk, face_width_px=30)),
    "noise 15": DrawnFault(Fault.NOISY, partial(darkened, gain=1, noise=15)),
    "noise 24": DrawnFault(Fault.NOISY, _clubs(degradations.noisy)),
    "JPEG quality 25": DrawnFault(Fault.COMPRESSED, partial(compressed, quality=25)),
    "JPEG quality 12": DrawnFault(Fault.COMPRESSED, partial(compressed, quality=12)),
    "JPEG quality 5": DrawnFault(Fault.COMPRESSED, partial(compressed, quality=5)),
}
