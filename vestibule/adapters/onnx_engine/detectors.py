"""What detectors have in common: how a photo goes in, and how candidates become faces."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.adapters.onnx_engine.model_run import Tensor
from vestibule.domain.faces import DetectedFace, RgbImage

Detector = Callable[[RgbImage], list[DetectedFace]]
"""Every face of one upright image, left to right by box centre, boxes clipped to the image."""

_SIDE_MULTIPLE = 32


class Candidates(NamedTuple):
    """What a network takes for faces, in pixels of its input."""

    boxes_xyxy: Tensor  # (n, 4)
    landmarks_xy: Tensor  # (n, 5, 2), in the order of DetectedFace.landmarks_xy_px
    scores: Tensor  # (n,)


class Letterboxed(NamedTuple):
    """A photo as a network sees it, and the way back."""

    image: NDArray[np.uint8]  # (H, W, 3)
    to_source: Tensor  # (2,): source pixels per input pixel in x and y


def letterboxed(
    image: RgbImage, *, long_side_px: int, fixed_size_px: tuple[int, int] | None
) -> Letterboxed:
    """The image in its own proportions, filled up with black at the right and at the bottom.

    It is shrunk to ``long_side_px`` where it is larger, never enlarged, and filled up to
    multiples of 32; or, for a network that takes one size (height, width) alone, shrunk to fit
    and filled up to that.
    """
    height, width = image.shape[:2]
    limit_height, limit_width = fixed_size_px or (long_side_px, long_side_px)
    shrink = min(1.0, limit_height / height, limit_width / width)
    inner_width, inner_height = max(1, round(width * shrink)), max(1, round(height * shrink))
    if shrink < 1:
        image = cv2.resize(image, (inner_width, inner_height), interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
    outer = fixed_size_px or (_filled_up(inner_height), _filled_up(inner_width))
    filled = np.zeros((*outer, 3), np.uint8)
    filled[:inner_height, :inner_width] = image
    to_source = np.array([width / inner_width, height / inner_height], np.float32)
    return Letterboxed(filled, to_source)


def faces_from(
    candidates: Candidates, to_source: Tensor, image: RgbImage, *, overlap_limit: float
) -> list[DetectedFace]:
    """The faces that suppression leaves, in pixels of ``image``, left to right.

    ``overlap_limit``: intersection over union from which two boxes are one face. What lies
    outside the image altogether is no face.
    """
    height, width = image.shape[:2]
    faces = []
    for index in _suppressed(candidates, overlap_limit):
        box = candidates.boxes_xyxy[index].reshape(2, 2) * to_source
        x1, y1, x2, y2 = box.clip(0, (width, height)).ravel().tolist()
        if x2 - x1 < 1 or y2 - y1 < 1:
            continue
        faces.append(
            DetectedFace(
                box_xyxy_px=(x1, y1, x2, y2),
                landmarks_xy_px=candidates.landmarks_xy[index] * to_source,
                detection_score=float(candidates.scores[index]),
            )
        )
    return sorted(faces, key=lambda face: face.box_xyxy_px[0] + face.box_xyxy_px[2])


def cells(height: int, width: int, *, stride: int, anchors: int) -> Tensor:
    """x and y of the upper left pixel of every cell, (rows * columns * anchors, 2), row by row."""
    rows, columns = np.mgrid[: height // stride, : width // stride]
    points = np.stack([columns, rows], axis=-1).reshape(-1, 2) * stride
    return points.repeat(anchors, axis=0).astype(np.float32)


def _filled_up(side_px: int) -> int:
    return -(-side_px // _SIDE_MULTIPLE) * _SIDE_MULTIPLE


def _suppressed(candidates: Candidates, overlap_limit: float) -> list[int]:
    """Indices of the faces to keep, best first: greedy non-maximum suppression."""
    boxes = candidates.boxes_xyxy
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-candidates.scores, kind="stable")
    kept = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        order = order[_overlaps(boxes, areas, best, order) <= overlap_limit]
    return kept


def _overlaps(boxes: Tensor, areas: Tensor, one: int, others: NDArray[np.intp]) -> Tensor:
    """Intersection over union of box ``one`` with each of ``others``."""
    low = np.maximum(boxes[one, :2], boxes[others, :2])
    high = np.minimum(boxes[one, 2:], boxes[others, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    union = areas[one] + areas[others] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)
