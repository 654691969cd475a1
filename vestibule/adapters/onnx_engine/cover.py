"""Whether mouth and eyes of an aligned face can be seen, without a network of its own.

What covers a face is told by what it lacks: the line of the lips and their redness under the nose,
the contrast of white, iris and lid around an eye, the likeness of the skin above and below. All of
it is measured against the face's own skin, so that it means the same in any light and on any skin.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import RgbImage

Pixels = NDArray[np.float32]

Patch = tuple[slice, slice]
"""Rows and columns of the 112 x 112 chip, whose eyes lie in row 52, columns 38 and 74."""

_EYES: tuple[Patch, ...] = tuple((slice(45, 59), slice(x - 12, x + 13)) for x in (38, 73))
_UPPER_SKIN: tuple[Patch, ...] = (
    (slice(60, 66), slice(32, 46)),
    (slice(60, 66), slice(66, 80)),
    (slice(52, 62), slice(51, 62)),
)
_CHEEKS: tuple[Patch, ...] = ((slice(72, 84), slice(34, 46)), (slice(72, 84), slice(66, 78)))
_NOSE: Patch = (slice(66, 76), slice(50, 62))
_MOUTH: Patch = (slice(80, 106), slice(40, 72))
_LIPS: Patch = (slice(82, 106), slice(43, 69))
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)

_FOREHEAD: tuple[Patch, ...] = ((slice(32, 42), slice(42, 70)),)

_OFFSET = 8.0
"""Grey levels added before ratios are taken, so that a sensor's noise in the dark says nothing."""

_GREY_PHOTO = 0.1
"""Spread of a whole chip's chroma under which it is a photo without colour."""

_MOUTH_LINE, _MOUTH_CONTRAST, _LIP_COLOUR, _SKIN_COLOUR = 0.12, 0.058, 0.03, 0.18
_EYE_CONTRAST, _EYE_LIKENESS, _EYE_LIGHT, _UNDER_EYE_LIGHT = 0.068, 0.28, 0.31, 0.69
"""What bare faces reach (of ``_SKIN_COLOUR``: stay under), each by itself.

The quantiles at three in a thousand of lfw-dev, measured as ``domain/quality/enrolment.py`` says.
"""


def mouth_shown(chip: RgbImage) -> float:
    """How clearly nose and mouth are those of a bare face: the weakest sign over its limit."""
    light, chroma = _planes(chip)
    skin = _skin_light(light)
    signs = [
        float(np.ptp(light[_LIPS].mean(axis=1))) / skin / _MOUTH_LINE,
        float(light[_MOUTH].std()) / skin / _MOUTH_CONTRAST,
        _SKIN_COLOUR / max(_strangeness(chroma), 1e-6),
    ]
    if _spread(chroma) > _GREY_PHOTO:
        signs.append(_spread(chroma[_LIPS]) / _LIP_COLOUR)
    return min(signs)


def eyes_shown(chip: RgbImage) -> float:
    """How clearly both eyes are seen: the weakest sign over its limit."""
    light, _ = _planes(chip)
    skin = _skin_light(light)
    contrasts = [float(light[eye].std()) / skin for eye in _EYES]
    lights = [float(np.quantile(light[eye], 0.8)) / skin for eye in _EYES]
    return min(
        min(contrasts) / _EYE_CONTRAST,
        min(contrasts) / max(*contrasts, 1e-6) / _EYE_LIKENESS,
        min(lights) / _EYE_LIGHT,
        (_median(light, _UPPER_SKIN) + _OFFSET) / skin / _UNDER_EYE_LIGHT,
    )


def _skin_light(light: Pixels) -> float:
    """Of forehead, under-eye and cheeks the middle one: a mask, glasses or a fringe hide one."""
    places = (_FOREHEAD, _UPPER_SKIN, _CHEEKS)
    return sorted(_median(light, place) for place in places)[1] + _OFFSET


def _planes(chip: RgbImage) -> tuple[Pixels, Pixels]:
    """Luminance (112, 112), and chroma (112, 112, 3) with about 1 in each channel of a grey."""
    smooth = cv2.GaussianBlur(chip, (0, 0), 1.0).astype(np.float32)
    chroma = 3 * smooth / (smooth.sum(axis=2, keepdims=True) + 12)
    return smooth @ _LUMINANCE, chroma


def _strangeness(chroma: Pixels) -> float:
    """How far nose and cheeks are in colour from the skin above; the nearest of them counts.

    A beard leaves the nose bare, make-up and light from one side leave a cheek.
    """
    above = [_colour(chroma, _UPPER_SKIN), _colour(chroma, _FOREHEAD)]
    below = [_colour(chroma, (patch,)) for patch in (*_CHEEKS, _NOSE)]
    return min(float(np.linalg.norm(high - low)) for high in above for low in below)


def _colour(chroma: Pixels, patches: Iterable[Patch]) -> Pixels:
    pixels = np.vstack([chroma[patch].reshape(-1, 3) for patch in patches])
    return np.asarray(np.median(pixels, axis=0), np.float32)


def _spread(chroma: Pixels) -> float:
    return float(np.linalg.norm(chroma.reshape(-1, 3).std(axis=0)))


def _median(light: Pixels, patches: Iterable[Patch]) -> float:
    return float(np.median(np.concatenate([light[patch].ravel() for patch in patches])))
