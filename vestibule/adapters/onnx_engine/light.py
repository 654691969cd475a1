"""Brings a dark face up to the light that embedders were trained in."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import RgbImage

VERSION = "1"
"""Raise it when ``brightened`` changes: embeddings change with it."""

_DARK_BELOW = 70
"""Mean of the red channel, the strongest on skin, from which a region is left as it is."""

_WHITE_TO = 235
_MEAN_TO = 0.42
_STRONGEST_GAMMA = 0.35


_NOISE_LEFT_OUT_SIGMA_PX = 1.5
"""Blur under which the light of a region is measured, so that its noise is not taken for light."""


class LowLight(StrEnum):
    """What is done to dark faces before they are embedded; part of the space's id.

    ON denoises and brightens them. LIFTED only brightens them, for an embedder that was trained
    to take the noise off itself.
    """

    ON = "on"
    OFF = "off"
    LIFTED = "lifted"


def version_of(step: LowLight) -> str:
    """What the step is called in a space's recipe."""
    if step is LowLight.ON:
        return VERSION
    return "none" if step is LowLight.OFF else f"{step.value} {VERSION}"


def prepared(region: RgbImage, step: LowLight) -> RgbImage:
    """The region as the embedder is to see it; one that is not dark stays as it is."""
    if step is LowLight.ON:
        return brightened(region)
    return lifted(region) if step is LowLight.LIFTED else region


def brightened(region: RgbImage) -> RgbImage:
    """A dark region denoised, stretched and lifted; any other as it is.

    A bilateral filter takes the sensor's noise off and leaves edges; then the 1st percentile
    becomes black, the 99.5th of each pixel's brightest channel 235, and a gamma lifts the mean
    towards 0.42. About a millisecond a face; ADR 2 holds the measurements.
    """
    if not is_dark(region):
        return region
    smooth = cv2.bilateralFilter(region, 5, 30, 3)
    return _curve_applied(smooth, light_of=smooth)


def lifted(region: RgbImage) -> RgbImage:
    """As ``brightened``, with the noise left in: only levels change, no pixel meets another."""
    if not is_dark(region):
        return region
    return _curve_applied(
        region, light_of=cv2.GaussianBlur(region, (0, 0), _NOISE_LEFT_OUT_SIGMA_PX)
    )


def is_dark(region: RgbImage) -> bool:
    """Whether the region is one that the step is for."""
    return cv2.mean(region)[0] <= _DARK_BELOW


def _curve_applied(image: cv2.typing.MatLike, *, light_of: cv2.typing.MatLike) -> RgbImage:
    """One curve for all pixels and channels, from the light of ``light_of``."""
    red, green, blue = cv2.split(light_of)
    histogram = _histogram(light_of)
    black = _percentile(histogram, 1)
    white = _percentile(_histogram(cv2.max(cv2.max(red, green), blue)), 99.5)
    levels = np.arange(256, dtype=np.float64)
    stretched = np.clip((levels - black) * (_WHITE_TO / max(white, 8)), 0, 255) / 255
    mean = float(stretched @ histogram) / light_of.size
    towards_mean = np.log(_MEAN_TO) / np.log(max(mean, 1e-3))
    curve = stretched ** np.clip(towards_mean, _STRONGEST_GAMMA, 1) * 255
    return cv2.LUT(image, curve.astype(np.uint8)).astype(np.uint8, copy=False)


def _histogram(values: cv2.typing.MatLike) -> NDArray[np.intp]:
    return np.bincount(values.ravel(), minlength=256)


def _percentile(histogram: NDArray[np.intp], percent: float) -> float:
    """As ``np.percentile`` of the values counted, which has to sort them."""
    cumulated = np.cumsum(histogram)
    rank = (cumulated[-1] - 1) * percent / 100
    low, high = np.searchsorted(cumulated, [np.floor(rank), np.ceil(rank)], side="right")
    return float(low + (high - low) * (rank % 1))
