"""Brings a dark face up to the light that embedders were trained in."""

from enum import StrEnum

import cv2
import numpy as np

from vestibule.domain.faces import RgbImage

VERSION = "1"
"""Raise it when ``brightened`` changes: embeddings change with it."""


class LowLight(StrEnum):
    """Whether dark faces are brightened before they are embedded; part of the space's id."""

    ON = "on"
    OFF = "off"


def brightened(region: RgbImage) -> RgbImage:
    """A dark region denoised, stretched and lifted; any other as it is."""
    if cv2.mean(region)[0] > 70:
        return region
    smooth = cv2.bilateralFilter(region, 5, 30, 3).astype(np.float32)
    low, high = np.percentile(smooth, 1), np.percentile(smooth.max(2), 99.5)
    x = np.clip((smooth - low) * (235 / max(high, 8)), 0, 255) / 255
    gamma = np.clip(np.log(0.42) / np.log(max(x.mean(), 1e-3)), 0.35, 1)
    lifted: RgbImage = (x**gamma * 255).astype(np.uint8)
    return lifted
