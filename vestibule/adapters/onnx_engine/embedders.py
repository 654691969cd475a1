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
    faces_per_run: int
    """How many faces, with their mirror images, go through the network together."""

    def __call__(self, chips: Sequence[RgbImage]) -> Embeddings:
        """float32 (n, dimension) for n chips of (side, side, 3), in as few runs as fit."""
        ...


ARCFACE_TEMPLATE: Landmarks = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float32,
)
"""In a chip of 112 pixels (Deng et al. 2019, arXiv 1801.07698; insightface ``face_align.py``)."""


def run_with_mirrors(
    run: ModelRun,
    chips: Sequence[RgbImage],
    *,
    dimension: int,
    mean: float,
    scale: float,
    faces_per_run: int = FACES_PER_RUN,
) -> tuple[Tensor, Tensor]:
    """Outputs for the chips and for their mirror images, each float32 (n, dimension).

    The network is fed ``(pixel - mean) / scale`` as (2n, 3, side, side), RGB; a network whose
    batch is fixed gets as many rows at a time as it takes.
    """
    outputs = [np.zeros((2, 0, dimension), np.float32)]
    for start in range(0, len(chips), faces_per_run):
        rows = np.stack(chips[start : start + faces_per_run]).transpose(0, 3, 1, 2)
        batch = np.empty((2, *rows.shape), np.float32)
        np.subtract(rows, mean, out=batch[0], dtype=np.float32)
        batch[0] /= scale
        batch[1] = batch[0, ..., ::-1]
        output = _run_all(run, batch.reshape(-1, *rows.shape[1:]))
        outputs.append(output.reshape(2, len(rows), dimension))
    plain, mirrored = np.concatenate(outputs, axis=1)
    return plain, mirrored


def run_alone(
    run: ModelRun, chips: Sequence[RgbImage], *, dimension: int, mean: float, scale: float
) -> Tensor:
    """As ``run_with_mirrors`` without the mirror images: float32 (n, dimension)."""
    outputs = [np.zeros((0, dimension), np.float32)]
    for start in range(0, len(chips), FACES_PER_RUN):
        rows = np.stack(chips[start : start + FACES_PER_RUN]).transpose(0, 3, 1, 2)
        outputs.append(_run_all(run, (rows.astype(np.float32) - mean) / np.float32(scale)))
    return np.concatenate(outputs)


def unit(rows: Embeddings) -> Embeddings:
    """Each row at length one; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _run_all(run: ModelRun, batch: Tensor) -> Tensor:
    """One run, or several where the network's batch is fixed; the last is filled up with zeros."""
    limit = run.fixed_batch
    if limit is None:
        (output,) = run(batch)
        return output
    missing = -len(batch) % limit
    filled = np.concatenate([batch, np.zeros((missing, *batch.shape[1:]), np.float32)])
    parts = [run(filled[start : start + limit])[0] for start in range(0, len(filled), limit)]
    return np.concatenate(parts)[: len(batch)]
