"""What training does to a well-lit face so that the network learns to see through it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import RgbImage

Landmarks = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Darkness:
    """``255 * gain * (level / 255) ** power`` and normal noise of ``noise_levels``, in levels."""

    gain: float
    power: float
    noise_levels: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Which share of faces is left nearly clean, and which is put into a light of its own.

    The lights are those of ``vestibule/evaluation/degradations.py``; what is left over gets
    anything between and around them.
    """

    clean: float
    exposure: float
    gamma: float
    both: float

    @property
    def measured(self) -> tuple[tuple[float, Darkness], ...]:
        return (
            (self.exposure, Darkness(0.25, 1, 8)),
            (self.gamma, Darkness(1.0, 3, 8)),
            (self.both, Darkness(0.25, 3, 8)),
        )


BROAD = Mix(clean=0.15, exposure=0.15, gamma=0.12, both=0.20)
DARK = Mix(clean=0.02, exposure=0.20, gamma=0.16, both=0.24)

_BLUR_SHARE, _TINT_SHARE, _JPEG_SHARE = 0.08, 0.08, 0.1

_LANDMARK_JITTER, _FACE_JITTER = 0.02, 0.01
"""Standard deviations over the eye distance: of each landmark, and of all of them together."""


def draw_darkness(rng: np.random.Generator, mix: Mix) -> Darkness:
    """Nearly clean, one of the measured lights, or anything between and around them."""
    where = rng.random()
    if where < mix.clean:
        return Darkness(1.0, 1.0, rng.uniform(0, 4))
    where -= mix.clean
    for share, darkness in mix.measured:
        if where < share:
            return darkness
        where -= share
    gain = float(np.exp(rng.uniform(np.log(0.12), 0)))
    power = 1.0 if rng.random() < 0.3 else rng.uniform(1, 3.3)
    return Darkness(gain, power, rng.uniform(2, 10))


def darkened(image: RgbImage, rng: np.random.Generator, *, mix: Mix) -> RgbImage:
    """A copy in a light drawn at random; now and then blurred, tinted or compressed as well."""
    light = draw_darkness(rng, mix)
    if rng.random() < _BLUR_SHARE:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.6)).astype(np.uint8, copy=False)
    levels = np.arange(256, dtype=np.float32) / 255
    values = (255 * light.gain * levels**light.power).astype(np.float32)[image]
    if rng.random() < _TINT_SHARE:
        values *= rng.uniform(0.35, 1, 3).astype(np.float32)
    values += light.noise_levels * rng.standard_normal(values.shape, dtype=np.float32)
    result = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    if rng.random() < _JPEG_SHARE:
        quality = int(rng.uniform(50, 95))
        _, encoded = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, quality])
        result = cv2.imdecode(encoded, cv2.IMREAD_COLOR).astype(np.uint8, copy=False)
    return result


def jittered(landmarks: Landmarks, rng: np.random.Generator) -> Landmarks:
    """Landmarks as a detector might have put them in worse light; (5, 2), pixels."""
    eye_distance = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    each = rng.normal(0, _LANDMARK_JITTER * eye_distance, (5, 2))
    together = rng.normal(0, _FACE_JITTER * eye_distance, (1, 2))
    return (landmarks + each + together).astype(np.float32)
