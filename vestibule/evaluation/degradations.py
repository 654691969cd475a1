"""The degradation suite: what a photo looks like in a club, made from a photo as taken.

Every degradation is a pure function of the image, a generator and, where it needs them, the faces
known in the clean image. With x the image over 255, each docstring gives the exact formula and
strength; a result y is clipped and rounded to 255 y. "Noise n" is normal noise with a standard
deviation of n levels, drawn for every pixel and channel. The geometry stays as it is, except under
SMALL_FACES, which says by how much it shrank.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import DetectedFace, RgbImage

NOISE_LEVELS = 8.0
STRONG_NOISE_LEVELS = 24.0
MOTION_OF_FACE = 0.12
FEWEST_MOTION_PX = 3
JPEG_QUALITY = 12
SMALL_FACE_PX = 32.0

LAMPS_RGB = ((1.0, 0.15, 0.15), (0.15, 0.25, 1.0), (1.0, 0.2, 0.85), (0.15, 1.0, 0.3))
"""Red, blue, magenta and green lamps: what they leave of each channel."""

MASKS_RGB = ((150, 195, 215), (235, 235, 235), (28, 28, 32))
"""Surgical blue, white and black."""


class Degradation(StrEnum):
    """Part of the report's format. CLEAN is the photo as taken; BOTH is the only combined one."""

    CLEAN = "clean"
    EXPOSURE = "exposure"
    GAMMA = "gamma"
    BOTH = "both"
    NOISE = "noise"
    MOTION_BLUR = "motion_blur"
    STAGE_LIGHT = "stage_light"
    INFRARED = "infrared"
    BACKLIGHT = "backlight"
    JPEG = "jpeg"
    SMALL_FACES = "small_faces"
    MASKS = "masks"


LIGHTS = (Degradation.CLEAN, Degradation.EXPOSURE, Degradation.GAMMA, Degradation.BOTH)
"""As taken and the three poor lights of the first published tables; calibration knows these."""

SINGLE = tuple(kind for kind in Degradation if kind not in (Degradation.CLEAN, Degradation.BOTH))


@dataclass(frozen=True, slots=True)
class Degraded:
    """``scale`` is what coordinates of the clean image are multiplied by to lie in this one."""

    image: RgbImage
    scale: float = 1.0

    def place_of(self, face: DetectedFace) -> DetectedFace:
        """Where a face of the clean image is here."""
        if self.scale == 1.0:
            return face
        x1, y1, x2, y2 = (side * self.scale for side in face.box_xyxy_px)
        landmarks = (face.landmarks_xy_px * self.scale).astype(np.float32)
        return DetectedFace((x1, y1, x2, y2), landmarks, face.detection_score)


def degrade(
    kind: Degradation,
    image: RgbImage,
    *,
    faces: Sequence[DetectedFace],
    rng: np.random.Generator,
) -> Degraded:
    """The image under one degradation; CLEAN returns it untouched.

    ``faces`` are those known in the clean image: they say how long a motion blur is, how far to
    shrink, and where masks are worn.
    """
    if kind is Degradation.CLEAN:
        return Degraded(image)
    if kind is Degradation.SMALL_FACES:
        return with_small_faces(image, faces)
    if kind is Degradation.MASKS:
        return Degraded(masked(image, faces, rng=rng))
    if kind is Degradation.MOTION_BLUR:
        return Degraded(motion_blurred(image, length_px=_motion_length_px(image, faces), rng=rng))
    return Degraded(_OF_THE_IMAGE[kind](image, rng))


def noise_for(kind: Degradation, key: str, *, seed: int) -> np.random.Generator:
    """A generator that depends on the photo, the degradation and the seed, not on their order."""
    return np.random.default_rng([seed, zlib.crc32(f"{kind.value}:{key}".encode())])


# ── light ───────────────────────────────────────────────────────────────────────────────────
def underexposed(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """EXPOSURE, a quarter of the light: y = 0.25 x, noise 8."""
    return _darkened(image, rng, gain=0.25, power=1)


def crushed(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """GAMMA, the crushed shadows of a club's contrast: y = x^3, noise 8."""
    return _darkened(image, rng, gain=1.0, power=3)


def underexposed_and_crushed(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """BOTH, the combined one: y = 0.25 x^3, noise 8."""
    return _darkened(image, rng, gain=0.25, power=3)


def stage_lit(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """STAGE_LIGHT: two coloured lamps, one from each side; y = 0.8 x ((1 - t) A + t B), noise 8.

    A and B are two different ones of ``LAMPS_RGB``, drawn; t runs from 0 at the left edge to 1 at
    the right one.
    """
    left, right = rng.choice(len(LAMPS_RGB), size=2, replace=False)
    across = np.linspace(0, 1, image.shape[1], dtype=np.float32)[:, None]
    lamps = np.array(LAMPS_RGB, np.float32)
    tint = (1 - across) * lamps[left] + across * lamps[right]
    return _exposed(0.8 * _levels(image) * tint[None], rng, noise_levels=NOISE_LEVELS)


def infrared(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """INFRARED-like grey: y = (0.8 R + 0.2 G)^0.7 (1 - 0.6 r^2) in all three channels, noise 8.

    Near infrared lies beyond red and flattens skin; the lamp sits on the camera, so light falls
    with r, the distance from the middle over half the diagonal. The noise is one for all channels.
    It stands in for an infrared camera: no infrared photo was at hand to check it against.
    """
    x = _levels(image)
    grey = (0.8 * x[..., 0] + 0.2 * x[..., 1]) ** 0.7
    lit = _exposed((grey * (1 - 0.6 * _away(image) ** 2))[..., None], rng, noise_levels=8.0)
    return np.repeat(lit, 3, axis=2)


def backlit(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """BACKLIGHT: a lamp behind the people; y = 0.3 x + 0.6 exp(-d^2 / 0.18), noise 8.

    d is the distance from the lamp over the image's diagonal. The lamp hangs at the upper edge,
    between a fifth and four fifths of the width (drawn), and veils what is near it.
    """
    height, width = image.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :] - rng.uniform(0.2, 0.8) * width
    squared = (rows**2 + columns**2) / (height**2 + width**2)
    veil = 0.6 * np.exp(-squared / 0.18)
    return _exposed(0.3 * _levels(image) + veil[..., None], rng, noise_levels=NOISE_LEVELS)


# ── camera ──────────────────────────────────────────────────────────────────────────────────
def noisy(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """NOISE: y = x, noise 24, as of a sensor at its highest gain."""
    return _exposed(_levels(image), rng, noise_levels=STRONG_NOISE_LEVELS)


def motion_blurred(image: RgbImage, *, length_px: float, rng: np.random.Generator) -> RgbImage:
    """MOTION_BLUR: the mean along a straight line through each pixel, in a direction drawn anew.

    The suite sets ``length_px`` to 12 % of the mean width of the known faces (1.5 % of the longer
    side where none is known), and never under 3: a hand that shakes, or a guest who walks.
    """
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (length_px - 1) / 2
    radius = int(np.ceil(length_px / 2))
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.float32)
    for step in np.linspace(-1, 1, 4 * radius + 1):
        x, y = np.rint(radius + step * reach).astype(int)
        kernel[y, x] += 1
    blurred = cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.uint8)


def jpeg_compressed(image: RgbImage, _rng: np.random.Generator) -> RgbImage:
    """JPEG: encoded with quality 12 and halved colour (4:2:0), and decoded again."""
    how = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), how)
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None  # it was encoded a line above
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def with_small_faces(image: RgbImage, faces: Sequence[DetectedFace]) -> Degraded:
    """SMALL_FACES: shrunk (area) so that the known faces are 32 px wide in the mean.

    A photo whose faces are as small already, or in which none is known, stays as it is.
    """
    if not faces:
        return Degraded(image)
    scale = SMALL_FACE_PX / float(np.mean([face.width_px for face in faces]))
    if scale >= 1:
        return Degraded(image)
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Degraded(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), scale)


# ── people ──────────────────────────────────────────────────────────────────────────────────
def masked(image: RgbImage, faces: Sequence[DetectedFace], *, rng: np.random.Generator) -> RgbImage:
    """MASKS: a mask over nose, mouth and chin of every known face, in a colour drawn for each.

    Drawn on the landmarks: with e the middle of the eyes, m that of the mouth, d from eye to eye
    and h from e to m, its corners are e + a d + b h for (a, b) of (0, .4) (±.55, .45) (±1, .65)
    (±.9, 1.2) (±.45, 1.75) (0, 1.85); d is at least 0.6 |h| long, so that a turned face wears a
    whole one. A fold in the middle and darker edges keep it from being flat.
    """
    worn = image.copy()
    for face in faces:
        colour = np.array(MASKS_RGB[rng.integers(len(MASKS_RGB))], np.float32)
        _put_on(worn, face.landmarks_xy_px.astype(np.float64), colour)
    return worn


_MASK_SIDE = ((0.55, 0.45), (1.0, 0.65), (0.9, 1.2), (0.45, 1.75))
_MASK_CORNERS = np.array(
    [(0.0, 0.4), *_MASK_SIDE, (0.0, 1.85), *((-a, b) for a, b in reversed(_MASK_SIDE))]
)


def _put_on(image: RgbImage, landmarks: NDArray[np.float64], colour: NDArray[np.float32]) -> None:
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    down, across = mouth - eyes, landmarks[1] - landmarks[0]
    shortest = 0.6 * np.hypot(*down)
    if np.hypot(*across) < shortest or not shortest:
        across = np.array([down[1], -down[0]]) * 0.6
    corners = eyes + _MASK_CORNERS[:, :1] * across + _MASK_CORNERS[:, 1:] * down
    cover = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(cover, [np.rint(corners).astype(np.int32)], 255, lineType=cv2.LINE_AA)
    rows, columns = np.nonzero(cover)
    if not len(rows):
        return
    from_middle = np.stack([columns, rows], 1) - (eyes + 1.1 * down)
    sideways = from_middle @ across / max(float(across @ across), 1e-9)
    along = from_middle @ down / max(float(down @ down), 1e-9)
    shade = 1 - 0.3 * np.clip(sideways, -1, 1) ** 2 - 0.12 * np.exp(-((along / 0.05) ** 2))
    opaque = cover[rows, columns, None] / 255
    mixed = opaque * shade[:, None] * colour + (1 - opaque) * image[rows, columns]
    image[rows, columns] = np.rint(mixed).astype(np.uint8)


# ── parts of the formulas ───────────────────────────────────────────────────────────────────
def _darkened(image: RgbImage, rng: np.random.Generator, *, gain: float, power: int) -> RgbImage:
    levels = np.arange(256, dtype=np.float32) / 255
    darkened = (255 * gain * levels**power)[image]
    darkened += NOISE_LEVELS * rng.standard_normal(image.shape, dtype=np.float32)
    return np.clip(np.rint(darkened), 0, 255).astype(np.uint8)


def _levels(image: RgbImage) -> NDArray[np.float32]:
    return image.astype(np.float32) / np.float32(255)


def _exposed(y: NDArray[np.float32], rng: np.random.Generator, *, noise_levels: float) -> RgbImage:
    noise = np.float32(noise_levels) * rng.standard_normal(y.shape, dtype=np.float32)
    return np.clip(np.rint(255 * y + noise), 0, 255).astype(np.uint8)


def _away(image: RgbImage) -> NDArray[np.float32]:
    """float32 (H, W): each pixel's distance from the middle, over half the diagonal."""
    height, width = image.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    columns = np.arange(width, dtype=np.float32)[None, :] - (width - 1) / 2
    distance: NDArray[np.float32] = np.hypot(rows, columns) / (np.hypot(height, width) / 2)
    return distance.astype(np.float32)


def _motion_length_px(image: RgbImage, faces: Sequence[DetectedFace]) -> float:
    if not faces:
        return max(FEWEST_MOTION_PX, 0.015 * float(max(image.shape[:2])))
    return max(FEWEST_MOTION_PX, MOTION_OF_FACE * float(np.mean([f.width_px for f in faces])))


_OF_THE_IMAGE: Mapping[Degradation, Callable[[RgbImage, np.random.Generator], RgbImage]] = {
    Degradation.EXPOSURE: underexposed,
    Degradation.GAMMA: crushed,
    Degradation.BOTH: underexposed_and_crushed,
    Degradation.NOISE: noisy,
    Degradation.STAGE_LIGHT: stage_lit,
    Degradation.INFRARED: infrared,
    Degradation.BACKLIGHT: backlit,
    Degradation.JPEG: jpeg_compressed,
}
