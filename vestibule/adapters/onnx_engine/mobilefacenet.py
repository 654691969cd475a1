"""MobileFaceNet (Chen et al. 2018, arXiv 1804.07573): 192 numbers a face, compared by cosine."""

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


class MobileFaceNet:
    """The embedder of the ``open`` pack."""

    metric = Metric.COSINE
    dimension = 192
    chip_side_px = 112
    preprocessing = "(rgb-127.5)/128; l2(l2(chip)+l2(mirror))"
    template = ARCFACE_TEMPLATE
    faces_per_run = FACES_PER_RUN

    def __init__(self, run: ModelRun | None) -> None:
        """``run`` may be missing where only the space is asked for."""
        self._run = run

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """Unit rows: the direction between the chip's embedding and its mirror image's."""
        assert self._run is not None
        plain, mirrored = run_with_mirrors(
            self._run, chips, dimension=self.dimension, mean=127.5, scale=128
        )
        return unit(unit(plain) + unit(mirrored))
