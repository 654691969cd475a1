"""Cuts a face out of an image so that its landmarks lie where an embedder learned them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import RgbImage

Affine = NDArray[np.float64]
"""(2, 3): maps a source pixel (x, y, 1) to a pixel of the chip."""

Landmarks = NDArray[np.float32]
"""(5, 2) x, y in pixels; the order is that of ``DetectedFace.landmarks_xy_px``."""

_SMALLEST_WARP_SCALE = 0.5
"""Bilinear sampling looks at 2x2 source pixels: below this it would skip some."""


def similarity_to(template: Landmarks, landmarks: Landmarks) -> Affine:
    """The rotation, scale and shift that bring ``landmarks`` nearest to ``template``.

    Least squares over all similarities without reflection (Umeyama 1991). In the plane, with
    points as complex numbers, such a map is ``z -> a z + b`` and the best ``a`` is a quotient of
    two sums.
    """
    source = landmarks.astype(np.float64) @ (1, 1j)
    target = template.astype(np.float64) @ (1, 1j)
    source_mean, target_mean = source.mean(), target.mean()
    centred = source - source_mean
    spread = max(float(np.vdot(centred, centred).real), 1e-9)
    a = np.vdot(centred, target - target_mean) / spread
    b = target_mean - a * source_mean
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def scale_of(matrix: Affine) -> float:
    """Chip pixels per source pixel."""
    return float(np.hypot(matrix[0, 0], matrix[1, 0]))


def shrunk_for_warp(image: RgbImage, matrix: Affine) -> tuple[RgbImage, Affine]:
    """Halve by area until the warp shrinks at most by two; the matrix follows the pixels."""
    while scale_of(matrix) < _SMALLEST_WARP_SCALE and min(image.shape[:2]) > 1:
        height, width = image.shape[:2]
        smaller = (width // 2, height // 2)
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
        back = np.diag([width / smaller[0], height / smaller[1], 1.0])
        back[:2, 2] = (back[[0, 1], [0, 1]] - 1) / 2  # pixel centres, not corners, are mapped
        matrix = matrix @ back
    return image, matrix


def warp(image: RgbImage, matrix: Affine, *, side_px: int) -> RgbImage:
    """The square chip; what lies outside the image is black."""
    chip = cv2.warpAffine(image, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR)
    return chip.astype(np.uint8, copy=False)
