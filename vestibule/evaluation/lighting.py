"""The four lights of the first tables, under their earlier names; see ``degradations``."""

import numpy as np

from vestibule.domain.faces import RgbImage
from vestibule.evaluation.degradations import NOISE_LEVELS, degrade, noise_for
from vestibule.evaluation.degradations import Degradation as Light

LIGHTS = (Light.CLEAN, Light.EXPOSURE, Light.GAMMA, Light.BOTH)

__all__ = ["LIGHTS", "NOISE_LEVELS", "Light", "noise_for", "under"]


def under(light: Light, image: RgbImage, *, rng: np.random.Generator) -> RgbImage:
    """The image in one of ``LIGHTS``; CLEAN returns it untouched."""
    return degrade(light, image, faces=(), rng=rng).image
