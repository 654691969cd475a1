"""The best score that strangers reach, for every gallery size at once and without sampling.

Of M other people a gallery holds N, every choice as likely as any other. The best of the N scores
is the k-th highest of all M (k from 0) with probability C(M-1-k, N-1) / C(M, N). So the
distribution of a probe's best non-mated score follows exactly from its sorted scores.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores

BIN_EDGES = np.linspace(-1, 1, 20_001)
"""Score bins 0.0001 wide; lower scores than -1 (no face) fall below the first."""

_ROWS_AT_ONCE = 512


def stranger_rates(
    scores: Scores,
    person_of_photo: People,
    *,
    gallery_sizes: Sequence[int],
    draws: int,
    rng: np.random.Generator,
    person_of_probe: People | None = None,
) -> NDArray[np.float64]:
    """FPIR by gallery size and threshold: float64 (sizes, bin edges), falling along the edges.

    ``scores`` (probes, n) compares probes with photos: the same photos, unless
    ``person_of_probe`` says whose the probes are, all of whom must have a photo. Each draw takes
    one photo of every person as the gallery to choose from; every probe is held against the other
    people's, and every person counts the same. Sizes must be smaller than the number of people.
    """
    probes = person_of_photo if person_of_probe is None else person_of_probe
    people = np.unique(person_of_photo)
    strangers, of, probes_each = np.unique(probes, return_inverse=True, return_counts=True)
    weights = (1 / probes_each / len(strangers))[of]
    mass = np.zeros((len(gallery_sizes), len(BIN_EDGES)))
    for _ in range(draws):
        chosen = one_photo_each(person_of_photo, people, rng=rng)
        against = _without_own(scores[:, chosen], probes, person_of_photo[chosen])
        for start in range(0, len(against), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            _add_mass(mass, against[rows], weights[rows] / draws, gallery_sizes)
    # A score lies in the bin of the last edge at or under it: summed from above, P(best >= edge).
    return np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]


def threshold_at(rates: NDArray[np.float64], target_fpir: float) -> float:
    """The lowest bin edge at which the rates (bin edges,) do not exceed the target."""
    return float(BIN_EDGES[min(int((rates > target_fpir).sum()), len(BIN_EDGES) - 1)])


def rate_at(rates: NDArray[np.float64], threshold: float) -> float:
    """The rate at the first bin edge that is not under the threshold."""
    edge = int(np.searchsorted(BIN_EDGES, threshold))
    return float(rates[min(edge, len(BIN_EDGES) - 1)])


def one_photo_each(
    person_of_photo: People, people: NDArray[np.int64], *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """For each person, the position of one of their photos, every one as likely."""
    shuffled = rng.permutation(len(person_of_photo))
    order = shuffled[np.argsort(person_of_photo[shuffled], kind="stable")]
    return order[np.searchsorted(person_of_photo[order], people)]


def _without_own(scores: Scores, probes: People, gallery: People) -> Scores:
    """float32 (n, people - 1), each row sorted from the highest: the own person is taken out."""
    against = np.where(probes[:, None] == gallery[None, :], np.float32(np.inf), scores)
    return -np.sort(-against, axis=1)[:, 1:]


def _add_mass(
    mass: NDArray[np.float64],
    against: Scores,
    weights: NDArray[np.float64],
    gallery_sizes: Sequence[int],
) -> None:
    bins = np.searchsorted(BIN_EDGES, against, side="right") - 1
    for row, size in enumerate(gallery_sizes):
        chance = _chance_of_rank(against.shape[1], size)
        at = bins[:, : len(chance)]
        share = weights[:, None] * chance[None, :]
        is_face = at >= 0
        mass[row] += np.bincount(at[is_face], share[is_face], minlength=mass.shape[1])


def _chance_of_rank(others: int, size: int) -> NDArray[np.float64]:
    """float64 (others - size + 1,): the chance that the best of the gallery is the k-th of all.

    It falls with k; where it is no more than rounding it is left out.
    """
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, others + 1)))])
    lower = others - 1 - np.arange(others - size + 1)
    below = log_factorial[lower] - log_factorial[lower - size + 1]
    # Both binomials share (size - 1)!; what is left of size! is the factor size.
    chance = size * np.exp(below - log_factorial[others] + log_factorial[others - size])
    kept: NDArray[np.float64] = chance[: max(1, int((chance > 1e-12).sum()))]
    return kept
