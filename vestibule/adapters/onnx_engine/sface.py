"""SFace (Zhong et al. 2021), the embedder of the OpenCV zoo: 128 numbers a face, by cosine."""

from collections.abc import Sequence

from vestibule.adapters.onnx_engine.embedders import (
    ARCFACE_TEMPLATE,
    FACES_PER_RUN,
    run_with_mirrors,
    unit,
)
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage


class SFace:
    """The embedder of the ``opencv-zoo`` pack.

    Mean and scale are in the graph. OpenCV's ``FaceRecognizerSF`` swaps its BGR chips before the
    network, so the network is fed RGB.
    """

    metric = Metric.COSINE
    dimension = 128
    chip_side_px = 112
    preprocessing = "rgb; l2(l2(chip)+l2(mirror))"
    template = ARCFACE_TEMPLATE
    faces_per_run = FACES_PER_RUN

    def __init__(self, run: ModelRun | None) -> None:
        """``run`` may be missing where only the space is asked for."""
        self._run = run

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """Unit rows: the direction between the chip's embedding and its mirror image's."""
        assert self._run is not None
        plain, mirrored = run_with_mirrors(
            self._run, chips, dimension=self.dimension, mean=0, scale=1
        )
        return unit(unit(plain) + unit(mirrored))
