"""How much more easily a customer with several templates is mistaken for a stranger."""

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.top_scores import one_photo_each

TEMPLATE_COUNTS = (2, 3, 5)
_AT_FPIR = 0.01
_DRAWS = 10
_FEWEST_CUSTOMERS = 30
_FEWEST_FALSE_MATCHES = 3


def measure_template_exponent(
    scores: Scores, person_of_photo: People, *, rng: np.random.Generator
) -> float:
    """The exponent a such that k templates a customer count as k**a customers, in 0..1.

    For k of 2, 3 and 5: the threshold is set for an FPIR of 1 % with one template a customer;
    the exponent is what explains the FPIR that k templates of the same customers give at it,
    with FPIR(N) = 1 - (1 - FMR)^N. The mean over k, to two digits. 1 (each template counts in
    full, the safe side) where too few people have several photos.
    """
    people, photos_each = np.unique(person_of_photo, return_counts=True)
    exponents = []
    for count in TEMPLATE_COUNTS:
        customers = people[photos_each >= count]
        strangers = np.setdiff1d(people, customers)
        if len(customers) < _FEWEST_CUSTOMERS:
            continue
        if len(strangers) * _AT_FPIR < _FEWEST_FALSE_MATCHES:
            continue
        rate = _fpir_of_several(scores, person_of_photo, customers, strangers, count, rng)
        exponents.append(np.log(np.log1p(-rate) / np.log1p(-_AT_FPIR)) / np.log(count))
    if not exponents:
        return 1.0
    return round(float(np.clip(np.mean(exponents), 0, 1)), 2)


def _fpir_of_several(
    scores: Scores,
    person_of_photo: People,
    customers: NDArray[np.int64],
    strangers: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> float:
    """FPIR with ``count`` templates a customer where one template would give 1 %."""
    best_of_one, best_of_several = [], []
    for _ in range(_DRAWS):
        probes = one_photo_each(person_of_photo, strangers, rng=rng)
        templates = photos_each_of(person_of_photo, customers, count=count, rng=rng)
        against = scores[np.ix_(probes, templates.ravel())].reshape(len(probes), -1, count)
        best_of_one.append(against[:, :, 0].max(1))
        best_of_several.append(against.max((1, 2)))
    threshold = np.quantile(np.concatenate(best_of_one), 1 - _AT_FPIR)
    return float((np.concatenate(best_of_several) >= threshold).mean())


def photos_each_of(
    person_of_photo: People,
    people: NDArray[np.int64],
    *,
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """int64 (people, count): positions of different photos of each, who must have so many."""
    shuffled = rng.permutation(len(person_of_photo))
    order = shuffled[np.argsort(person_of_photo[shuffled], kind="stable")]
    first = np.searchsorted(person_of_photo[order], people)
    positions: NDArray[np.int64] = order[first[:, None] + np.arange(count)[None, :]]
    return positions
