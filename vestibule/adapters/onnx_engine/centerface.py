"""CenterFace (Xu et al. 2019, arXiv 1911.03599): every face of an image in one pass."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vestibule.adapters.onnx_engine.model_run import ModelRun, Tensor
from vestibule.domain.faces import DetectedFace, RgbImage

SCORE_THRESHOLD = 0.35
OVERLAP_LIMIT = 0.3
"""Intersection over union from which two boxes are one face."""

_STRIDE = 4
_SIDE_MULTIPLE = 32


class _Candidates(NamedTuple):
    """Cells of the heat map over the threshold, in pixels of the network's input."""

    boxes_xyxy: Tensor  # (n, 4)
    landmarks_xy: Tensor  # (n, 5, 2)
    scores: Tensor  # (n,)


class CenterFace:
    """The detector. Safe to call from several threads at once."""

    def __init__(self, run: ModelRun, *, long_side_px: int) -> None:
        """``long_side_px``: larger images are shrunk to it before faces are looked for."""
        self._run = run
        self._long_side_px = long_side_px

    def __call__(self, image: RgbImage) -> list[DetectedFace]:
        """Faces left to right by box centre, boxes clipped to the image.

        The image is shrunk, never enlarged, in its own proportions, and filled up with black at
        the right and at the bottom to multiples of 32, so that no face is distorted.
        """
        height, width = image.shape[:2]
        network_input, scale_x, scale_y = self._network_input(image)
        candidates = _decoded(self._run(network_input))
        faces = []
        to_source = np.array([scale_x, scale_y], np.float32)
        for index in _suppressed(candidates):
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

    def _network_input(self, image: RgbImage) -> tuple[Tensor, float, float]:
        """float32 (1, 3, H, W), 0..255, and the source pixels per input pixel in x and y."""
        height, width = image.shape[:2]
        shrink = min(1.0, self._long_side_px / max(height, width))
        inner_width, inner_height = max(1, round(width * shrink)), max(1, round(height * shrink))
        if shrink < 1:
            size = (inner_width, inner_height)
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(
                np.uint8, copy=False
            )
        filled = np.zeros((1, 3, _filled_up(inner_height), _filled_up(inner_width)), np.float32)
        filled[0, :, :inner_height, :inner_width] = image.transpose(2, 0, 1)
        return filled, width / inner_width, height / inner_height


def _filled_up(side_px: int) -> int:
    return -(-side_px // _SIDE_MULTIPLE) * _SIDE_MULTIPLE


def _decoded(outputs: list[Tensor]) -> _Candidates:
    """Boxes and landmarks of the cells over the threshold.

    A cell (row, column) holds log width and height over the stride, the centre's offset from the
    cell's middle, and landmarks in units of the box from its corner. In each pair, y comes first.
    """
    heat, log_size, offset, landmarks = (output[0] for output in outputs)
    rows, columns = np.nonzero(heat[0] > SCORE_THRESHOLD)
    size_yx = np.exp(log_size[:, rows, columns]) * _STRIDE
    centre_yx = (np.stack([rows, columns]) + offset[:, rows, columns] + 0.5) * _STRIDE
    corner_yx = centre_yx - size_yx / 2
    boxes = np.concatenate([corner_yx[::-1], (corner_yx + size_yx)[::-1]]).T
    points_yx = landmarks[:, rows, columns].reshape(5, 2, -1) * size_yx + corner_yx
    return _Candidates(
        boxes_xyxy=boxes.astype(np.float32),
        landmarks_xy=points_yx[:, ::-1].transpose(2, 0, 1).astype(np.float32),
        scores=heat[0, rows, columns],
    )


def _suppressed(candidates: _Candidates) -> list[int]:
    """Indices of the faces to keep, best first: greedy non-maximum suppression."""
    boxes = candidates.boxes_xyxy
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-candidates.scores, kind="stable")
    kept = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        order = order[_overlaps(boxes, areas, best, order) <= OVERLAP_LIMIT]
    return kept


def _overlaps(boxes: Tensor, areas: Tensor, one: int, others: NDArray[np.intp]) -> Tensor:
    """Intersection over union of box ``one`` with each of ``others``."""
    low = np.maximum(boxes[one, :2], boxes[others, :2])
    high = np.minimum(boxes[one, 2:], boxes[others, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    union = areas[one] + areas[others] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)
