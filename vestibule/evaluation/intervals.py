"""Intervals by resampling people: photos of one person are not independent of each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]
"""float64, shape (1 + replicates, people): how often each person counts. Row 0 is all ones."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % bootstrap interval; None where the set cannot give one."""

    value: float | None
    low: float | None
    high: float | None


def person_weights(people: int, *, replicates: int, rng: np.random.Generator) -> Weights:
    """Draw people with replacement, ``replicates`` times; row 0 is the sample as it is."""
    drawn = rng.multinomial(people, np.full(people, 1 / people), size=replicates)
    return np.vstack([np.ones((1, people)), drawn]).astype(np.float64)


def share_interval(shares: NDArray[np.float64], *, people: int) -> Interval:
    """From one share a row of ``Weights``; ``people`` is how many people decide it.

    Resampling cannot leave none or all: there, the other end is the exact bound for so many
    people (Clopper and Pearson 1934). Replicates without a value (NaN) are left out.
    """
    share = float(shares[0])
    if np.isnan(share) or people < 1:
        return Interval(None, None, None)
    resampled = shares[1:][~np.isnan(shares[1:])]
    low, high = np.percentile(resampled, [2.5, 97.5]) if len(resampled) else (0.0, 1.0)
    exact = 0.025 ** (1 / people)
    if share == 0:
        high = max(float(high), 1 - exact)
    if share == 1:
        low = min(float(low), exact)
    return Interval(*(round(float(number), 4) for number in (share, low, high)))


def weighted_share(hits: NDArray[np.bool_], weights: Weights) -> NDArray[np.float64]:
    """The weighted share of hits (n,) or (rows, n) for each row of weights (rows, n)."""
    with np.errstate(invalid="ignore"):  # nobody of this kind in a replicate: no value, not zero
        return np.asarray((weights * hits).sum(1) / weights.sum(1))
