"""What the engine needs of an embedder, and how a batch of faces goes through one."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from vestibule.adapters.onnx_engine.alignment import Landmarks
from vestibule.adapters.onnx_engine.model_run import ModelRun, Tensor
from vestibule.domain.embedding_space import Metric
from vestibule.domain.faces import Embeddings, RgbImage

FACES_PER_RUN = 64
"""A face and its mirror image are two rows; 128 rows of MobileFaceNet need about 0.4 GB."""


class Embedder(Protocol):
    """A network that turns aligned chips into embeddings."""

    metric: Metric
    dimension: int
    template: Landmarks
    """(5, 2): where the landmarks lie in the chip."""
    chip_side_px: int
    preprocessing: str
    """Names everything done to a chip before and after the network; part of the space's id."""

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """float32 (n, dimension) for n chips of (side, side, 3), all in one run up to 64."""
        ...


def run_with_mirrors(
    run: ModelRun, chips: Sequence[RgbImage], *, dimension: int, mean: float, scale: float
) -> tuple[Tensor, Tensor]:
    """Outputs for the chips and for their mirror images, each float32 (n, dimension).

    The network is fed ``(pixel - mean) / scale`` as (2n, 3, side, side).
    """
    outputs = [np.zeros((2, 0, dimension), np.float32)]
    for start in range(0, len(chips), FACES_PER_RUN):
        rows = np.stack(chips[start : start + FACES_PER_RUN]).transpose(0, 3, 1, 2)
        batch = np.empty((2, *rows.shape), np.float32)
        np.subtract(rows, mean, out=batch[0], dtype=np.float32)
        batch[0] /= scale
        batch[1] = batch[0, ..., ::-1]
        (output,) = run(batch.reshape(-1, *rows.shape[1:]))
        outputs.append(output.reshape(2, len(rows), dimension))
    plain, mirrored = np.concatenate(outputs, axis=1)
    return plain, mirrored
