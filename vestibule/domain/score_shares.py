"""What share of comparisons reaches a score: of different people, and of one person."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

STEPS = (1, 2, 5)
"""Counts are told in these steps: a measured rate is not known to more digits."""


@dataclass(frozen=True, slots=True)
class PairTail:
    """How often two different people's faces are so much alike, one compared with one.

    A share of ``rates[i]`` of the pairs reaches ``scores[i]``; rates fall, scores do not. Between
    them the rate is interpolated in its logarithm. Raises ValueError for a table that is not so.
    """

    rates: tuple[float, ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.rates or len(self.rates) != len(self.scores):
            raise ValueError("a tail needs one score a rate")
        if not all(math.isfinite(score) for score in self.scores):
            raise ValueError("scores must be finite")
        if not 0 < self.rates[-1] <= self.rates[0] <= 1:
            raise ValueError("rates lie between 0 and 1")
        if any(after >= before for before, after in pairwise(self.rates)):
            raise ValueError("rates must fall")
        if any(after < before for before, after in pairwise(self.scores)):
            raise ValueError("scores must not fall")

    @property
    def smallest_rate(self) -> float:
        """The rarest that was measured; nothing is said beyond it."""
        return self.rates[-1]

    def rate(self, score: float) -> float | None:
        """The share of pairs that reach the score; None where fewer do than were measured.

        A score under the lowest measured one has the largest rate: at least so many reach it.
        """
        if score > self.scores[-1]:
            return None
        logs = np.interp(score, self.scores, np.log(self.rates))
        return float(np.exp(logs))


@dataclass(frozen=True, slots=True)
class MatedScores:
    """How a customer's own face scores against their template, as quantiles.

    A share of ``shares[i]`` of mated comparisons stays under ``scores[i]``; both rise. Raises
    ValueError for a table that is not so.
    """

    shares: tuple[float, ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.shares or len(self.shares) != len(self.scores):
            raise ValueError("quantiles need one score a share")
        if not 0 < self.shares[0] <= self.shares[-1] < 1:
            raise ValueError("shares lie between 0 and 1")
        if any(after <= before for before, after in pairwise(self.shares)):
            raise ValueError("shares must rise")
        if any(after < before for before, after in pairwise(self.scores)):
            raise ValueError("scores must not fall")

    def missed(self, threshold: float) -> float:
        """The share of a customer's own faces under a threshold, with one template.

        Beyond the outermost quantiles it is the outermost share.
        """
        return float(np.interp(threshold, self.scores, self.shares))


def in_steps(count: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, ... that is not over the count; at least 1."""
    if count < 1:
        return 1
    power = 10 ** math.floor(math.log10(count) + 1e-12)
    fitting = [step * power for step in STEPS if step * power <= count * (1 + 1e-9)]
    return int(max(fitting))
