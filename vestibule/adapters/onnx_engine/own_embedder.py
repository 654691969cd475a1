"""An embedder that an operator trained or bought: the pack's manifest says how it is fed."""

from collections.abc import Mapping, Sequence

import numpy as np

from vestibule.adapters.model_packs import EmbedderOptions, Mirroring
from vestibule.adapters.onnx_engine.alignment import Landmarks
from vestibule.adapters.onnx_engine.dlib_resnet import DLIB_TEMPLATE
from vestibule.adapters.onnx_engine.embedders import (
    ARCFACE_TEMPLATE,
    FACES_PER_RUN,
    run_alone,
    run_with_mirrors,
    unit,
)
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.domain.faces import Embeddings, RgbImage

_TEMPLATES: Mapping[str, tuple[int, Landmarks]] = {
    "arcface-112": (112, ARCFACE_TEMPLATE),
    "dlib-150": (150, DLIB_TEMPLATE),
}


class OwnEmbedder:
    """One network from aligned chips to embeddings, as ``EmbedderOptions`` describes."""

    faces_per_run = FACES_PER_RUN

    def __init__(self, run: ModelRun | None, options: EmbedderOptions) -> None:
        """``run`` may be missing where only the space is asked for."""
        self._run = run
        self._options = options
        self.metric = options.metric
        self.dimension = options.dimension
        self.chip_side_px, self.template = _TEMPLATES[options.template]
        self.preprocessing = (
            f"(rgb-{options.mean:g})/{options.scale:g}; mirroring {options.mirroring}"
        )

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """(n, dimension); whether rows are unit length is the mirroring's affair."""
        assert self._run is not None
        options = self._options
        if options.mirroring is Mirroring.NONE:
            return run_alone(
                self._run,
                chips,
                dimension=self.dimension,
                mean=options.mean,
                scale=options.scale,
            )
        plain, mirrored = run_with_mirrors(
            self._run, chips, dimension=self.dimension, mean=options.mean, scale=options.scale
        )
        if options.mirroring is Mirroring.UNIT_SUM:
            return unit(unit(plain) + unit(mirrored))
        return np.asarray((plain + mirrored) / 2, np.float32)
