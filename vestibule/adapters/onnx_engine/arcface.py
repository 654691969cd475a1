"""ArcFace (Deng et al. 2019, arXiv 1801.07698): 512 numbers a face, compared by cosine."""

from collections.abc import Sequence

from vestibule.adapters.onnx_engine.embedders import ARCFACE_TEMPLATE, run_with_mirrors, unit
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage


class ArcFace:
    """The embedder of InsightFace's packs, whatever its backbone."""

    metric = Metric.COSINE
    dimension = 512
    chip_side_px = 112
    preprocessing = "(rgb-127.5)/127.5; l2(l2(chip)+l2(mirror))"
    template = ARCFACE_TEMPLATE
    faces_per_run = 16
    """A first layer of ResNet-100 holds 3.2 MB a row: 32 rows need a few hundred MB."""

    def __init__(self, run: ModelRun | None) -> None:
        """``run`` may be missing where only the space is asked for."""
        self._run = run

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """Unit rows: the direction between the chip's embedding and its mirror image's."""
        assert self._run is not None
        plain, mirrored = run_with_mirrors(
            self._run,
            chips,
            dimension=self.dimension,
            mean=127.5,
            scale=127.5,
            faces_per_run=self.faces_per_run,
        )
        return unit(unit(plain) + unit(mirrored))
