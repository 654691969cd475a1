"""The light that photos are measured in: as taken, and darkened with sensor noise.

With x the image over 255: EXPOSURE 0.25 x, GAMMA x^3, BOTH 0.25 x^3, each times 255, plus normal
noise with a standard deviation of 8 levels, clipped. EXPOSURE is a quarter of the light, GAMMA
crushes the shadows as a club's contrast does.
"""

import zlib
from enum import StrEnum

import numpy as np

from vestibule.domain.faces import RgbImage

NOISE_LEVELS = 8.0


class Light(StrEnum):
    CLEAN = "clean"
    EXPOSURE = "exposure"
    GAMMA = "gamma"
    BOTH = "both"


_GAIN_AND_POWER = {Light.EXPOSURE: (0.25, 1), Light.GAMMA: (1.0, 3), Light.BOTH: (0.25, 3)}


def under(light: Light, image: RgbImage, *, rng: np.random.Generator) -> RgbImage:
    """The image in that light; CLEAN returns it untouched."""
    if light is Light.CLEAN:
        return image
    gain, power = _GAIN_AND_POWER[light]
    levels = np.arange(256, dtype=np.float32) / 255
    darkened = (255 * gain * levels**power)[image]
    darkened += NOISE_LEVELS * rng.standard_normal(image.shape, dtype=np.float32)
    return np.clip(np.rint(darkened), 0, 255).astype(np.uint8)


def noise_for(light: Light, key: str, *, seed: int) -> np.random.Generator:
    """A generator that depends on the photo, the light and the seed, not on their order."""
    return np.random.default_rng([seed, zlib.crc32(f"{light.value}:{key}".encode())])
