"""How many probes score over any threshold, in the sample and in every replicate of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.intervals import Weights
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import LOWEST_SCORE


@dataclass(frozen=True, slots=True)
class Survival:
    """Probes by score, with the share that the first k of them weigh.

    ``falling_scores`` is float32 (n,), ``shares`` float64 (rows of weights, n + 1), NaN in rows
    in which nobody was drawn. ``people`` is how many different people the probes are of.
    """

    falling_scores: NDArray[np.float32]
    shares: NDArray[np.float64]
    people: int

    def share_from(self, threshold: float) -> NDArray[np.float64]:
        """float64 (rows,): the share at or over one threshold."""
        count = np.searchsorted(-self.falling_scores, -np.float32(threshold), side="right")
        return self.shares[:, count]

    def share_over(self, thresholds: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64 (rows,): the share strictly over each row's own threshold (rows,)."""
        counts = np.searchsorted(-self.falling_scores, -thresholds, side="left")
        return self.shares[np.arange(len(self.shares)), counts]

    def share_with_score(self) -> NDArray[np.float64]:
        """float64 (rows,): the share that has a score at all."""
        return self.shares[:, int(np.isfinite(self.falling_scores).sum())]

    def threshold_at(self, share: float) -> NDArray[np.float32]:
        """float32 (rows,): the lowest scores that no more than ``share`` lies strictly over."""
        lowest = np.append(self.falling_scores, np.float32(LOWEST_SCORE))
        lowest = np.maximum(lowest, np.float32(LOWEST_SCORE))
        counts: NDArray[np.int64] = (self.shares[:, 1:] <= share).sum(1)
        return lowest[counts]


def survival_of(scores: NDArray[np.float32], persons: People, weights: Weights) -> Survival:
    """Of probes with these best scores (n,), -inf for none, and persons (n,)."""
    order = np.argsort(-scores, kind="stable")
    drawn = weights[:, persons[order]]
    total = drawn.sum(1, keepdims=True)
    with np.errstate(invalid="ignore"):  # nobody in a replicate: no share, instead of zero
        shares = np.cumsum(drawn, axis=1) / total
    nothing = np.where(total > 0, 0.0, np.nan)
    return Survival(
        falling_scores=scores[order],
        shares=np.hstack([nothing, shares]),
        people=len(np.unique(persons)),
    )
