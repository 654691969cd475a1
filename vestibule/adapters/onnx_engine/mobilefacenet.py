"""MobileFaceNet (Chen et al. 2018, arXiv 1804.07573): 192 numbers a face, compared by cosine."""

from collections.abc import Sequence

import numpy as np

from vestibule.adapters.onnx_engine.embedders import run_with_mirrors
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage


class MobileFaceNet:
    """The embedder of the ``open`` pack."""

    metric = Metric.COSINE
    dimension = 192
    chip_side_px = 112
    preprocessing = "(rgb-127.5)/128; l2(l2(chip)+l2(mirror))"
    template = np.array(
        [
            (38.2946, 51.6963),
            (73.5318, 51.5014),
            (56.0252, 71.7366),
            (41.5493, 92.3655),
            (70.7299, 92.2041),
        ],
        np.float32,
    )
    """ArcFace's (Deng et al. 2019, arXiv 1801.07698; insightface ``face_align.py``)."""

    def __init__(self, run: ModelRun) -> None:
        self._run = run

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """Unit rows: the direction between the chip's embedding and its mirror image's."""
        plain, mirrored = run_with_mirrors(
            self._run, chips, dimension=self.dimension, mean=127.5, scale=128
        )
        return _unit(_unit(plain) + _unit(mirrored))


def _unit(rows: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)
