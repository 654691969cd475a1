"""YuNet (Wu et al. 2023), the detector of the OpenCV zoo, in its version of March 2023."""

import numpy as np

from vestibule.adapters.onnx_engine.detectors import Candidates, cells, faces_from, letterboxed
from vestibule.adapters.onnx_engine.model_run import ModelRun, Tensor
from vestibule.domain.faces import DetectedFace, RgbImage

SCORE_THRESHOLD = 0.6
OVERLAP_LIMIT = 0.3
"""As the zoo's ``yunet.py``; OpenCV's own defaults are 0.9 and 0.3."""

_STRIDES = (8, 16, 32)


class YuNet:
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
        bgr = boxed.image[..., ::-1].transpose(2, 0, 1)[None]
        outputs = self._run.by_name(np.ascontiguousarray(bgr, np.float32))
        candidates = _decoded(outputs, boxed.image.shape[:2])
        return faces_from(candidates, boxed.to_source, image, overlap_limit=OVERLAP_LIMIT)


def _decoded(outputs: dict[str, Tensor], size_px: tuple[int, int]) -> Candidates:
    """Boxes and landmarks of the cells over the threshold.

    At each stride: ``cls`` and ``obj``, whose geometric mean is the score; ``bbox`` with the
    centre's offset from the cell's corner and the logarithm of width and height, in strides;
    ``kps`` with the landmarks' offsets from that corner, in strides. The person's right eye
    comes first, which is the one at the left of the image (OpenCV's ``face_detect.cpp``).
    """
    scores, boxes, landmarks = [], [], []
    for stride in _STRIDES:
        cls = outputs[f"cls_{stride}"].reshape(-1).clip(0, 1)
        obj = outputs[f"obj_{stride}"].reshape(-1).clip(0, 1)
        score = np.sqrt(cls * obj)
        kept = score >= SCORE_THRESHOLD
        corner = cells(*size_px, stride=stride, anchors=1)[kept]
        box = outputs[f"bbox_{stride}"].reshape(-1, 4)[kept]
        centre = corner + box[:, :2] * stride
        half = np.exp(box[:, 2:]) * stride / 2
        points = outputs[f"kps_{stride}"].reshape(-1, 5, 2)[kept] * stride
        scores.append(score[kept])
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        landmarks.append(corner[:, None] + points)
    return Candidates(np.concatenate(boxes), np.concatenate(landmarks), np.concatenate(scores))
