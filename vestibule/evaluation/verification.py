"""One to one: how often two photos of one person agree at a rate of false matches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.intervals import Interval, Weights, share_interval, weighted_share
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import LOWEST_SCORE, Scores

FALSE_MATCH_RATES = (1e-2, 1e-3, 1e-4)
FEWEST_PAIRS_OVER_THRESHOLD = 10
_KEPT_OVER_RATE = 3
"""So many times the largest rate's share of the highest scores is kept: replicates differ."""
_ROWS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class VerificationRates:
    """At ``fmr`` (in-sample ``threshold``), the share of mated pairs that is not recognised.

    Pairs are a photo under this degradation against another photo as it was taken, in both orders.
    """

    degradation: Degradation
    fmr: float
    threshold: float
    fnmr: Interval
    mated_pairs: int
    non_mated_pairs: int


def verification_rates(
    degradation: Degradation, scores: Scores, person_of_photo: People, *, weights: Weights
) -> tuple[VerificationRates, ...]:
    """From all scores (n, n): rows are degraded photos, columns the same as taken.

    A rate that fewer than ten non-mated pairs would decide is left out, and so is everything
    where no person has two photos.
    """
    same = person_of_photo[:, None] == person_of_photo[None, :]
    mated_row, mated_column = np.nonzero(same & ~np.eye(len(same), dtype=bool))
    non_mated = int((~same).sum())
    rates = [r for r in FALSE_MATCH_RATES if r * non_mated >= FEWEST_PAIRS_OVER_THRESHOLD]
    if not len(mated_row) or not rates:
        return ()
    thresholds = _thresholds(scores, same, person_of_photo, rates, weights)
    mated = scores[mated_row, mated_column]
    pair_weights = weights[:, person_of_photo[mated_row]]
    return tuple(
        VerificationRates(
            degradation=degradation,
            fmr=rate,
            threshold=round(float(column[0]), 4),
            fnmr=share_interval(
                weighted_share(mated[None, :] <= column[:, None], pair_weights),
                people=len(np.unique(person_of_photo[mated_row])),
            ),
            mated_pairs=len(mated),
            non_mated_pairs=non_mated,
        )
        for rate, column in zip(rates, thresholds.T, strict=True)
    )


def _thresholds(
    scores: Scores,
    same: NDArray[np.bool_],
    person_of_photo: People,
    rates: list[float],
    weights: Weights,
) -> NDArray[np.float64]:
    """float64 (rows of weights, rates): pairs strictly over it are at most the rate's share."""
    kept = min(int(_KEPT_OVER_RATE * max(rates) * (~same).sum()) + 1, int((~same).sum()))
    non_mated = np.where(same, np.float32(-np.inf), scores).ravel()
    top = np.argpartition(-non_mated, kept - 1)[:kept]
    top = top[np.argsort(-non_mated[top], kind="stable")]
    one, other = (person_of_photo[index] for index in np.divmod(top, len(person_of_photo)))
    photos_each = np.bincount(person_of_photo, minlength=weights.shape[1])
    mass = weights * photos_each
    total = mass.sum(1) ** 2 - (mass**2).sum(1)
    thresholds = np.empty((len(weights), len(rates)))
    for start in range(0, len(weights), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        share = np.cumsum(weights[rows, one] * weights[rows, other], axis=1) / total[rows, None]
        for column, rate in enumerate(rates):
            first_over = np.minimum((share <= rate).sum(1), kept - 1)
            thresholds[rows, column] = np.maximum(non_mated[top[first_over]], LOWEST_SCORE)
    return thresholds
