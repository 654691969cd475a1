"""SCRFD with five landmarks (Guo et al. 2021, arXiv 2105.04714): the detector of InsightFace."""

import numpy as np

from vestibule.adapters.onnx_engine.detectors import Candidates, cells, faces_from, letterboxed
from vestibule.adapters.onnx_engine.model_run import ModelRun, Tensor
from vestibule.domain.faces import DetectedFace, RgbImage

SCORE_THRESHOLD = 0.5
OVERLAP_LIMIT = 0.4
"""Both as insightface's ``scrfd.py`` has them by default."""

_STRIDES = (8, 16, 32)
_ANCHORS = 2
_MEAN, _SCALE = 127.5, 128.0


class Scrfd:
    """The detector. Safe to call from several threads at once."""

    def __init__(self, run: ModelRun, *, long_side_px: int) -> None:
        """``long_side_px``: larger images are shrunk to it before faces are looked for."""
        self._run = run
        self._long_side_px = long_side_px

    def __call__(self, image: RgbImage) -> list[DetectedFace]:
        """Faces left to right by box centre, boxes clipped to the image."""
        boxed = letterboxed(
            image, long_side_px=self._long_side_px, fixed_size_px=self._run.fixed_size_px
        )
        rgb = (boxed.image.astype(np.float32) - _MEAN) / _SCALE
        outputs = self._run(np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]))
        candidates = _decoded(outputs, boxed.image.shape[:2])
        return faces_from(candidates, boxed.to_source, image, overlap_limit=OVERLAP_LIMIT)


def _decoded(outputs: list[Tensor], size_px: tuple[int, int]) -> Candidates:
    """Boxes and landmarks of the anchors over the threshold.

    Nine outputs, for each stride the scores, then the distances from the anchor to the box's
    left, top, right and bottom, then x and y of the landmarks from the anchor, all in strides.
    Some exports have a batch dimension in front. Two anchors sit at each cell's upper left pixel.
    """
    scores, boxes, landmarks = [], [], []
    for level, stride in enumerate(_STRIDES):
        score = outputs[level].reshape(-1)
        kept = score >= SCORE_THRESHOLD
        anchor = cells(*size_px, stride=stride, anchors=_ANCHORS)[kept]
        distance = outputs[level + 3].reshape(-1, 4)[kept] * stride
        offset = outputs[level + 6].reshape(-1, 5, 2)[kept] * stride
        scores.append(score[kept])
        boxes.append(np.concatenate([anchor - distance[:, :2], anchor + distance[:, 2:]], axis=1))
        landmarks.append(anchor[:, None] + offset)
    return Candidates(np.concatenate(boxes), np.concatenate(landmarks), np.concatenate(scores))
