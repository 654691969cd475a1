"""Two engines on the same photos: is the difference more than chance?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Measured, largest_gallery, scores_of
from vestibule.evaluation.identification import (
    FEWEST_STRANGERS_OVER,
    Drawn,
    Experiment,
    look_up,
    shares_at_rate,
    shares_at_thresholds,
    shipped_thresholds,
)
from vestibule.evaluation.intervals import weighted_share

FORMAT = 1

Shares = NDArray[np.float64]
"""float64 (rows of weights,): a rate in the sample and in every replicate of it."""


class Measure(StrEnum):
    """Part of the format. FNIR and FPIR as in ``identification``, at the whole gallery."""

    FNIR_AT_FPIR_1_PERCENT = "fnir_at_fpir_1_percent"
    FNIR_AT_MATCH_THRESHOLD = "fnir_at_match_threshold"
    FPIR_AT_MATCH_THRESHOLD = "fpir_at_match_threshold"
    NOT_RANK_1 = "not_rank_1"
    FAILURE_TO_ACQUIRE = "failure_to_acquire"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Difference:
    """``second`` minus ``first`` with its 95 % interval: the same people are drawn for both.

    Every measure counts errors, so a negative difference speaks for the second. ``is_clear`` is
    whether the interval leaves out zero.
    """

    degradation: Degradation
    measure: Measure
    first: float
    second: float
    difference: float
    low: float
    high: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """``first`` and ``second`` are the labels of two reports on ``dataset``."""

    format: int
    dataset: str
    people: int
    photos: int
    gallery_size: int
    replicates: int
    first: str
    first_space_id: str
    second: str
    second_space_id: str
    differences: tuple[Difference, ...]


def compare(first: Measured, second: Measured) -> Comparison:
    """Paired by photo and person: the same galleries are drawn, of photos that both would enrol.

    Raises InvalidInputError when the two did not see the same photos.
    """
    one, other = first.observed, second.observed
    if one.people != other.people or not np.array_equal(one.person_of_photo, other.person_of_photo):
        raise InvalidInputError("The two did not see the same photos.")
    enrollable = one.enrollable & other.enrollable
    both = [
        replace(side, observed=replace(side.observed, enrollable=enrollable))
        for side in (first, second)
    ]
    size = largest_gallery(one.person_of_photo, enrollable)
    return Comparison(
        format=FORMAT,
        dataset=first.report.dataset,
        people=first.report.people,
        photos=first.report.photos,
        gallery_size=size,
        replicates=first.report.replicates,
        first=first.report.label,
        first_space_id=first.report.space_id,
        second=second.report.label,
        second_space_id=second.report.space_id,
        differences=tuple(_differences(*both, size=size)),
    )


def _differences(first: Measured, second: Measured, *, size: int) -> Iterator[Difference]:
    for kind in first.observed.embeddings:
        one, other = _rates(first, kind, size), _rates(second, kind, size)
        for measure in Measure:
            if measure in one and measure in other:
                difference = _difference(kind, measure, one[measure], other[measure])
                if difference is not None:
                    yield difference


def _rates(side: Measured, kind: Degradation, size: int) -> Mapping[Measure, Shares]:
    observed, weights = side.observed, side.terms.weights
    per_photo = weights[:, observed.person_of_photo]
    places = observed.places[kind]
    known = places.is_known
    rates: dict[Measure, Shares] = {
        Measure.FAILURE_TO_ACQUIRE: weighted_share(~observed.usable(kind), per_photo),
        Measure.NOT_FOUND: weighted_share(~places.was_found[known], per_photo[:, known]),
    }
    if size < 1:
        return rates
    drawn = look_up(
        scores_of(observed, kind),
        observed.person_of_photo,
        observed.enrollable,
        experiment=Experiment(size),
        terms=side.terms,
    )
    return {**_identification(side, drawn, kind, size), **rates}


def _identification(
    side: Measured, drawn: Drawn, kind: Degradation, size: int
) -> Mapping[Measure, Shares]:
    rates: dict[Measure, Shares] = {
        Measure.NOT_RANK_1: 1 - np.mean([m.share_with_score() for m in drawn.mated], axis=0),
    }
    if 0.01 * len(drawn.draws[0].strangers) >= FEWEST_STRANGERS_OVER:
        rates[Measure.FNIR_AT_FPIR_1_PERCENT] = shares_at_rate(drawn, 0.01)[2]
    brightness = side.observed.brightness[kind]
    asked = shipped_thresholds(side.terms, brightness, size=size, templates=drawn.templates)
    if asked:
        fpir, fnir = shares_at_thresholds(drawn, asked[0].of_photo, weights=side.terms.weights)
        rates[Measure.FPIR_AT_MATCH_THRESHOLD] = fpir
        rates[Measure.FNIR_AT_MATCH_THRESHOLD] = fnir
    return rates


def _difference(
    kind: Degradation, measure: Measure, first: Shares, second: Shares
) -> Difference | None:
    """None where the sample has no value."""
    apart = second - first
    if np.isnan(apart[0]):
        return None
    resampled = apart[1:][~np.isnan(apart[1:])]
    low, high = np.percentile(resampled, [2.5, 97.5]) if len(resampled) else (-1.0, 1.0)
    numbers = (first[0], second[0], apart[0], low, high)
    one, other, difference, lowest, highest = (round(float(number), 4) for number in numbers)
    return Difference(
        degradation=kind,
        measure=measure,
        first=one,
        second=other,
        difference=difference,
        low=lowest,
        high=highest,
        is_clear=bool(low > 0 or high < 0),
    )
