"""Measures everything that an enrolment asks of one face; what a probe is asked is a part of it."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.adapters.onnx_engine import alignment
from vestibule.adapters.onnx_engine.assessment import (
    CHIP_SIDE_PX,
    FACE,
    TEMPLATE,
    Grey,
    assess_face,
    noise_levels,
)
from vestibule.adapters.onnx_engine.cover import eyes_shown, mouth_shown
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.quality import FaceInspection

_CLIPPED_FROM = 250
_BLOCK_PX = 8
_LARGEST_PITCH = 10.0


def inspect_face(region: RgbImage, face: DetectedFace) -> FaceInspection:
    """``face`` in the frame of ``region``; see ``FaceInspection`` for the units."""
    landmarks = face.landmarks_xy_px.astype(np.float64)
    matrix = alignment.similarity_to(TEMPLATE, face.landmarks_xy_px)
    image, shrunk = alignment.shrunk_for_warp(region, matrix)
    chip = alignment.warp(image, shrunk, side_px=CHIP_SIDE_PX)
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return FaceInspection(
        quality=assess_face(region, face),
        detection_score=face.detection_score,
        pitch=_pitch(landmarks),
        roll_degrees=_roll_degrees(landmarks),
        visible_share=_visible_share(matrix, region.shape[:2]),
        clipped_share=float((grey[FACE, FACE] >= _CLIPPED_FROM).mean()),
        noise=_noise(grey),
        blockiness=_blockiness(region, face),
        mouth_shown=mouth_shown(chip),
        eyes_shown=eyes_shown(chip),
    )


def _pitch(landmarks: NDArray[np.float64]) -> float:
    """Where the nose stands on the way from the eyes (0) to the mouth (1)."""
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    down = mouth - eyes
    squared = float(down @ down)
    if squared < 1e-6:
        return _LARGEST_PITCH
    return float((nose - eyes) @ down) / squared


def _roll_degrees(landmarks: NDArray[np.float64]) -> float:
    right, down = landmarks[1] - landmarks[0]
    return abs(math.degrees(math.atan2(down, right)))


def _visible_share(matrix: alignment.Affine, shape: tuple[int, int]) -> float:
    """Share of the face's square, from over the brows to the chin, that lies in the photo."""
    steps = np.linspace(FACE.start, CHIP_SIDE_PX - 6, 24)
    chip_xy = np.stack(np.meshgrid(np.linspace(FACE.start, FACE.stop, 24), steps), axis=-1)
    back = cv2.invertAffineTransform(matrix)
    source = chip_xy.reshape(-1, 2) @ back[:, :2].T + back[:, 2]
    height, width = shape
    inside = (source >= -1).all(axis=1) & (source[:, 0] <= width) & (source[:, 1] <= height)
    return float(inside.mean())


def _noise(grey: Grey) -> float:
    """Noise of the smoothest quarter of the face's 8 x 8 blocks, over the contrast of its features.

    Over the whole face, pores and hair of a sharp portrait would pass for noise.
    """
    size = (FACE.stop - FACE.start) // _BLOCK_PX
    levels = noise_levels(grey)[: size * _BLOCK_PX, : size * _BLOCK_PX]
    blocks = levels.reshape(size, _BLOCK_PX, size, _BLOCK_PX).mean(axis=(1, 3))
    fine = cv2.GaussianBlur(grey, (0, 0), 4)
    coarse = cv2.GaussianBlur(grey, (0, 0), 12)
    contrast = float((fine - coarse)[FACE, FACE].std())
    return float(np.quantile(blocks, 0.25)) / max(contrast, 1.0)


def _blockiness(region: RgbImage, face: DetectedFace) -> float:
    """How much steeper light changes at the borders of 8 x 8 blocks than elsewhere, at most.

    1 without blocks. The grid's offset is not known, so all of them are tried.
    """
    x1, y1, x2, y2 = (round(side) for side in face.box_xyxy_px)
    grey = cv2.cvtColor(region, cv2.COLOR_RGB2GRAY).astype(np.float32)
    part = grey[max(y1, 0) : y2, max(x1, 0) : x2]
    if min(part.shape) < 4 * _BLOCK_PX:
        return 1.0
    return max(_steepness_at_borders(part), _steepness_at_borders(part.T))


def _steepness_at_borders(grey: Grey) -> float:
    steps = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    by_offset = np.array([steps[offset::_BLOCK_PX].mean() for offset in range(_BLOCK_PX)])
    at = int(by_offset.argmax())
    return float(by_offset[at] / max(np.delete(by_offset, at).mean(), 0.1))
