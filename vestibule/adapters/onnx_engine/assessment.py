"""Measures how usable a face is, from its landmarks and an aligned chip."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.adapters.onnx_engine import alignment
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.quality import FaceQuality

Grey = NDArray[np.float32]

TEMPLATE = MobileFaceNet.template
CHIP_SIDE_PX = MobileFaceNet.chip_side_px
"""Sharpness is measured on the same chip whatever the embedder, so that limits mean the same."""

FACE = slice(18, 94)
"""Rows and columns of that chip that are face rather than hair and background."""

_SECOND_DIFFERENCE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)

_NOISE_IN_FINE_BAND = 0.073
_NOISE_IN_COARSE_BAND = 0.02
"""Share of the estimated noise variance that each band holds.

Measured on lfw-dev faces blurred until nothing but noise was left, at a quarter of the exposure
with sensor noise of sigma 8: above white noise's 0.036 because the warp correlates neighbours.
"""

_LARGEST_TURN = 10.0


def assess_face(region: RgbImage, face: DetectedFace) -> FaceQuality:
    """``face`` in the frame of ``region``; see ``FaceQuality`` for the units."""
    matrix = alignment.similarity_to(TEMPLATE, face.landmarks_xy_px)
    image, matrix = alignment.shrunk_for_warp(region, matrix)
    chip = alignment.warp(image, matrix, side_px=CHIP_SIDE_PX)
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    left_eye, right_eye, nose = face.landmarks_xy_px[:3].astype(np.float64)
    return FaceQuality(
        eye_distance_px=float(np.linalg.norm(right_eye - left_eye)),
        sharpness=_sharpness(grey),
        turn=_turn(left_eye, right_eye, nose),
        brightness=float(grey[FACE, FACE].mean()),
    )


def _sharpness(grey: Grey) -> float:
    """Contrast of details of 1 to 2 chip pixels over that of features of 4 to 8.

    A ratio does not change with exposure, and the part of each band that sensor noise explains is
    taken off first: a dark noisy face scores like the same face in good light. Noise is estimated
    from second differences (Immerkær 1996, "Fast noise variance estimation").
    """
    noise = float(noise_levels(grey).mean()) ** 2
    fine = _variance_between(grey, 1, 2) - _NOISE_IN_FINE_BAND * noise
    coarse = _variance_between(grey, 4, 8) - _NOISE_IN_COARSE_BAND * noise
    return math.sqrt(max(fine, 0.0) / max(coarse, 1.0))


def _variance_between(grey: Grey, fine_sigma: float, coarse_sigma: float) -> float:
    fine = cv2.GaussianBlur(grey, (0, 0), fine_sigma)
    coarse = cv2.GaussianBlur(grey, (0, 0), coarse_sigma)
    return float((fine - coarse)[FACE, FACE].var())


def noise_levels(grey: Grey) -> Grey:
    """A sensor's noise in each pixel of a chip's face, in grey levels (Immerkær 1996)."""
    differences = np.abs(cv2.filter2D(grey, -1, _SECOND_DIFFERENCE)[FACE, FACE])
    return np.asarray(differences * (math.sqrt(math.pi / 2) / 6), np.float32)


def _turn(
    left_eye: NDArray[np.float64], right_eye: NDArray[np.float64], nose: NDArray[np.float64]
) -> float:
    """How far the nose stands from between the eyes, along their line, in half eye distances."""
    eyes = right_eye - left_eye
    squared_distance = float(eyes @ eyes)
    if squared_distance < 1e-6:
        return _LARGEST_TURN
    offset = abs(float((nose - (left_eye + right_eye) / 2) @ eyes))
    return min(2 * offset / squared_distance, _LARGEST_TURN)
