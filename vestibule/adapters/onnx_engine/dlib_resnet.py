"""dlib's face recognition ResNet v1: 128 numbers a face, compared by Euclidean distance."""

from collections.abc import Sequence

import numpy as np

from vestibule.adapters.onnx_engine.alignment import Landmarks
from vestibule.adapters.onnx_engine.embedders import FACES_PER_RUN, run_with_mirrors
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage

DLIB_TEMPLATE: Landmarks = np.array(
    [(46.217, 47.854), (102.783, 47.854), (74.5, 78.102), (50.298, 101.064), (98.702, 101.064)],
    np.float32,
)
"""In a chip of 150 pixels, as ``get_face_chip_details(side=150, padding=0.25)`` of dlib cuts it."""


class DlibResnet:
    """The embedder of the ``dlib`` pack."""

    metric = Metric.EUCLIDEAN
    dimension = 128
    chip_side_px = 150
    preprocessing = "rgb; mean(chip, mirror)"
    template = DLIB_TEMPLATE
    faces_per_run = FACES_PER_RUN

    def __init__(self, run: ModelRun | None) -> None:
        """``run`` may be missing where only the space is asked for."""
        self._run = run

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """The mean of the chip's embedding and its mirror image's; rows are not unit length."""
        assert self._run is not None
        plain, mirrored = run_with_mirrors(
            self._run, chips, dimension=self.dimension, mean=0, scale=1
        )
        return np.asarray((plain + mirrored) / 2, np.float32)
