"""One photo against one other: how alike different people are, and how alike one person stays."""

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.score_shares import MatedScores, PairTail
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.top_scores import BIN_EDGES

PAIR_RATES = tuple(step * 10.0**power for power in range(-1, -8, -1) for step in (5, 2, 1))
"""0.5, 0.2, 0.1, 0.05 and so on."""

FEWEST_PAIRS = 10
FEWEST_PEOPLE_OVER = 12
"""A rate is measured when at least so many pairs of people reach its score, by so many people."""

MATED_SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_FEWEST_MATED_PEOPLE = 20
_ROWS_AT_ONCE = 512


def measure_pair_tail(
    scores: Scores, person_of_probe: People, person_of_photo: People
) -> PairTail | None:
    """From scores (probes, photos). Every pair of people weighs the same.

    Only rates that ten pairs of people decide are measured, and only where at least twelve people
    are among them: a few people who are mistaken for everybody would decide a rarer one. None
    for a set too small for any.
    """
    pairs = _pairs_of_people(person_of_probe, person_of_photo)
    reached = _share_from(scores, person_of_probe, person_of_photo)
    rates, edges = [], []
    for rate in PAIR_RATES:
        edge = float(BIN_EDGES[min(int((reached > rate).sum()), len(BIN_EDGES) - 1)])
        is_few = rate * pairs < FEWEST_PAIRS
        if is_few or _people_over(scores, person_of_probe, person_of_photo, edge) < (
            FEWEST_PEOPLE_OVER
        ):
            break
        rates.append(round(rate, 10))
        edges.append(round(edge, 4))
    return PairTail(tuple(rates), tuple(edges)) if rates else None


def measure_mated(
    scores: Scores,
    person_of_probe: People,
    person_of_photo: People,
    *,
    is_template: NDArray[np.bool_],
) -> MatedScores | None:
    """Quantiles of the scores of a person's probes with their own templates.

    ``is_template`` (probes, photos) leaves out what could not be enrolled and a probe's own
    photo. Every person weighs the same. None for fewer than twenty people.
    """
    own = (person_of_probe[:, None] == person_of_photo[None, :]) & is_template
    row, column = np.nonzero(own)
    persons = person_of_probe[row]
    people, of, each = np.unique(persons, return_inverse=True, return_counts=True)
    if len(people) < _FEWEST_MATED_PEOPLE:
        return None
    mated = scores[row, column]
    order = np.argsort(mated, kind="stable")
    under = np.cumsum((1 / each / len(people))[of][order])
    at = np.minimum(np.searchsorted(under, MATED_SHARES), len(order) - 1)
    quantiles = np.maximum.accumulate(mated[order][at])
    return MatedScores(MATED_SHARES, tuple(round(float(score), 4) for score in quantiles))


def _pairs_of_people(person_of_probe: People, person_of_photo: People) -> int:
    """Unordered pairs of different people of whom one is a probe and one in the gallery."""
    probes, photos = np.unique(person_of_probe), np.unique(person_of_photo)
    both = len(np.intersect1d(probes, photos))
    return len(probes) * len(photos) - both - both * (both - 1) // 2


def _share_from(
    scores: Scores, person_of_probe: People, person_of_photo: People
) -> NDArray[np.float64]:
    """The weighted share of non-mated pairs at or over every bin edge: float64 (edges,)."""
    probe_weight, photo_weight = _one_over_count(person_of_probe), _one_over_count(person_of_photo)
    mass = np.zeros(len(BIN_EDGES) + 1)
    for start in range(0, len(scores), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        weights = probe_weight[rows, None] * photo_weight[None, :]
        weights[person_of_probe[rows, None] == person_of_photo[None, :]] = 0
        bins = np.searchsorted(BIN_EDGES, scores[rows], side="right")
        mass += np.bincount(bins.ravel(), weights.ravel(), minlength=len(mass))
    # Bin k holds scores from edge k - 1 on; the first holds what is under every edge.
    from_edge: NDArray[np.float64] = np.cumsum(mass[::-1])[::-1]
    return np.asarray(from_edge[1:] / from_edge[0])


def _one_over_count(persons: People) -> NDArray[np.float64]:
    _, of, each = np.unique(persons, return_inverse=True, return_counts=True)
    return np.asarray((1 / each)[of])


def _people_over(
    scores: Scores, person_of_probe: People, person_of_photo: People, edge: float
) -> int:
    row, column = np.nonzero(scores >= edge)
    one, other = person_of_probe[row], person_of_photo[column]
    different = one != other
    return len(np.unique(np.concatenate([one[different], other[different]])))
