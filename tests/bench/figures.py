"""The arithmetic of the benchmark: percentiles, ratios, recall."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Latency:
    """Of single measurements in the order of a sorted list; milliseconds."""

    count: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed.

    A measured value, never an interpolated one. Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values")
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def latency(seconds: Sequence[float]) -> Latency:
    """Raises ValueError for no measurements."""
    milliseconds = [value * 1000 for value in seconds]
    return Latency(
        count=len(milliseconds),
        mean_ms=round(sum(milliseconds) / len(milliseconds), 3),
        p50_ms=round(percentile(milliseconds, 0.50), 3),
        p95_ms=round(percentile(milliseconds, 0.95), 3),
        p99_ms=round(percentile(milliseconds, 0.99), 3),
        max_ms=round(max(milliseconds), 3),
    )


def ratio(numerator: float, denominator: float) -> float | None:
    """Rounded to three places; None where there is nothing to divide by."""
    return round(numerator / denominator, 3) if denominator > 0 else None


def recall(found: Sequence[Sequence[object]], true: Sequence[Sequence[object]]) -> float:
    """Share of the true neighbours, over all probes, that were found. Rows are paired."""
    wanted = sum(len(row) for row in true)
    if wanted == 0:
        raise ValueError("no true neighbours")
    hits = sum(len(set(row) & set(right)) for row, right in zip(found, true, strict=True))
    return round(hits / wanted, 4)


def exact_neighbours(
    gallery: npt.NDArray[np.float32], probes: npt.NDArray[np.float32], *, limit: int
) -> npt.NDArray[np.intp]:
    """Rows of the gallery with the highest dot product, best first: (probes, limit)."""
    best_rows = np.zeros((len(probes), 0), np.intp)
    best_scores = np.zeros((len(probes), 0), np.float32)
    for start in range(0, len(gallery), _CHUNK):  # never all scores of a million at once
        scores = probes @ gallery[start : start + _CHUNK].T
        rows = np.broadcast_to(np.arange(start, start + scores.shape[1]), scores.shape)
        scores = np.concatenate([best_scores, scores], axis=1)
        rows = np.concatenate([best_rows, rows], axis=1)
        most = min(limit, scores.shape[1])
        top = np.argpartition(scores, -most, axis=1)[:, -most:]
        best_scores = np.take_along_axis(scores, top, axis=1)
        best_rows = np.take_along_axis(rows, top, axis=1)
    order = np.argsort(-best_scores, axis=1, kind="stable")
    return np.take_along_axis(best_rows, order, axis=1)


def as_json(figure: Latency) -> dict[str, float]:
    return asdict(figure)
