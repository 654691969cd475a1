"""How scores of the same and of different people are spread, in bins that never move."""

from dataclasses import dataclass

import numpy as np

from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores

BIN_EDGES = tuple(round(edge, 2) for edge in np.linspace(-0.5, 1, 31).tolist())
"""0.05 wide, from -0.5 to 1; lower scores, which nothing decides, are counted in the first."""


@dataclass(frozen=True, slots=True)
class ScoreHistogram:
    """Ordered pairs of a degraded photo and another as taken, by score; see ``BIN_EDGES``."""

    degradation: Degradation
    mated: tuple[int, ...]
    non_mated: tuple[int, ...]


def score_histogram(
    degradation: Degradation, scores: Scores, person_of_photo: People
) -> ScoreHistogram:
    """From all scores (n, n); pairs in which a photo has no usable face are left out."""
    bins = np.searchsorted(np.array(BIN_EDGES[1:-1], np.float32), scores, side="right")
    bins[~np.isfinite(scores)] = len(BIN_EDGES) - 1
    np.fill_diagonal(bins, len(BIN_EDGES) - 1)
    same = person_of_photo[:, None] == person_of_photo[None, :]
    mated = np.bincount(bins[same], minlength=len(BIN_EDGES))[:-1]
    both = np.bincount(bins.ravel(), minlength=len(BIN_EDGES))[:-1]
    return ScoreHistogram(
        degradation=degradation,
        mated=tuple(mated.tolist()),
        non_mated=tuple((both - mated).tolist()),
    )
