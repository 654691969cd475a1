"""CenterFace (Xu et al. 2019, arXiv 1911.03599): every face of an image in one pass."""

import numpy as np

from vestibule.adapters.onnx_engine.detectors import Candidates, faces_from, letterboxed
from vestibule.adapters.onnx_engine.model_run import ModelRun, Tensor
from vestibule.domain.faces import DetectedFace, RgbImage

SCORE_THRESHOLD = 0.35
OVERLAP_LIMIT = 0.3
"""Intersection over union from which two boxes are one face."""

_STRIDE = 4


class CenterFace:
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
        rgb = np.ascontiguousarray(boxed.image.transpose(2, 0, 1)[None], np.float32)
        candidates = _decoded(self._run(rgb))
        return faces_from(candidates, boxed.to_source, image, overlap_limit=OVERLAP_LIMIT)


def _decoded(outputs: list[Tensor]) -> Candidates:
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
    return Candidates(
        boxes_xyxy=boxes.astype(np.float32),
        landmarks_xy=points_yx[:, ::-1].transpose(2, 0, 1).astype(np.float32),
        scores=heat[0, rows, columns],
    )
