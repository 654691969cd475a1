"""Whether thresholds hold on people they were not measured on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.observation import People
from vestibule.evaluation.quantile_tables import measure_quantiles
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.top_scores import rate_at, stranger_rates

GALLERY_SIZES = (10, 50, 100, 200, 400)
FEWEST_PEOPLE = 200
_SPLITS = 5
_DRAWS = 2


@dataclass(frozen=True, slots=True)
class HeldOutRate:
    """The FPIR of one half's people at the other half's threshold, over ``checks`` halves."""

    gallery_size: int
    target_fpir: float
    checks: int
    mean_fpir: float
    lowest_fpir: float
    highest_fpir: float


def held_out_rates(
    scores: Scores, person_of_photo: People, *, target_fpirs: Sequence[float], seed: int
) -> tuple[HeldOutRate, ...]:
    """Split the people in halves five times; calibrate on each half and check on the other.

    ``scores`` (n, n) compares all photos in which a face was found. Empty for fewer than 200
    people: halves would be too small to say anything.
    """
    people = np.unique(person_of_photo)
    if len(people) < FEWEST_PEOPLE:
        return ()
    sizes = [size for size in GALLERY_SIZES if size < len(people) // 2]
    rng = np.random.default_rng(seed)
    rates = []
    for _ in range(_SPLITS):
        shuffled = rng.permutation(people)
        halves = shuffled[: len(people) // 2], shuffled[len(people) // 2 :]
        for known, unseen in (halves, halves[::-1]):
            calibrated_on = _only(scores, person_of_photo, known)
            checked_on = _only(scores, person_of_photo, unseen)
            rates.append(_check(calibrated_on, checked_on, sizes, target_fpirs, rng))
    return _summary(np.array(rates), sizes, target_fpirs)


def _check(
    calibrated_on: tuple[Scores, People],
    checked_on: tuple[Scores, People],
    sizes: Sequence[int],
    target_fpirs: Sequence[float],
    rng: np.random.Generator,
) -> list[list[float]]:
    """FPIR by target and size on ``checked_on``."""
    calibrated = measure_quantiles(*calibrated_on, space_id="half", template_exponent=1.0, rng=rng)
    measured = stranger_rates(*checked_on, gallery_sizes=sizes, draws=_DRAWS, rng=rng)
    return [
        [
            rate_at(row, calibrated.threshold(target_fpir=target, gallery_size=size))
            for size, row in zip(sizes, measured, strict=True)
        ]
        for target in target_fpirs
    ]


def _summary(
    rates: NDArray[np.float64], sizes: Sequence[int], target_fpirs: Sequence[float]
) -> tuple[HeldOutRate, ...]:
    """From rates (checks, targets, sizes)."""
    return tuple(
        HeldOutRate(
            gallery_size=size,
            target_fpir=target,
            checks=len(rates),
            mean_fpir=round(float(rates[:, row, column].mean()), 4),
            lowest_fpir=round(float(rates[:, row, column].min()), 4),
            highest_fpir=round(float(rates[:, row, column].max()), 4),
        )
        for row, target in enumerate(target_fpirs)
        for column, size in enumerate(sizes)
    )


def _only(scores: Scores, person_of_photo: People, people: People) -> tuple[Scores, People]:
    photos = np.nonzero(np.isin(person_of_photo, people))[0]
    return scores[np.ix_(photos, photos)], person_of_photo[photos]
