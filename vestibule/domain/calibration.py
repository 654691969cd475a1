"""From measured non-mated scores to the threshold for a gallery's size."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from vestibule.domain.decision import Thresholds

HIGHEST_SCORE = 1.0
"""No score of any metric is higher, so no threshold needs to be."""


class Calibration(Protocol):
    """What a pack knows of the scores that different people reach in its space."""

    @property
    def space_id(self) -> str: ...

    def threshold(self, *, target_fpir: float, gallery_size: int) -> float:
        """The score at which a face of an unknown person matches anyone with ``target_fpir``.

        ``gallery_size`` counts customers with one template each (see
        ``effective_gallery_size``), 0 treated as 1. Never falls when the gallery grows, never
        rises when ``target_fpir`` does.
        """
        ...

    def effective_gallery_size(self, *, customers: int, templates: int) -> int:
        """How many customers with one template each are as easily mistaken as this gallery.

        Never under ``customers``, never over ``templates`` where that is the larger.
        """
        ...


@dataclass(frozen=True, slots=True)
class ScoreQuantiles:
    """The best score that strangers reach in galleries of several sizes, as quantiles.

    ``thresholds[i][j]`` is the score that the best non-mated candidate of a probe reaches with
    probability ``target_fpirs[j]`` in a gallery of ``gallery_sizes[i]`` people, one template
    each. Sizes and targets ascend; thresholds never fall with the size and never rise with the
    target. Between sizes and targets they are interpolated in the logarithm of both. Raises
    ValueError for a table that is not so.

    ``template_exponent`` says how several templates a customer count: a customer with k
    templates is as easily mistaken as k to that power customers with one.
    """

    space_id: str
    gallery_sizes: tuple[int, ...]
    target_fpirs: tuple[float, ...]
    thresholds: tuple[tuple[float, ...], ...]
    template_exponent: float = 1.0

    def __post_init__(self) -> None:
        table = np.array(self.thresholds)
        if table.shape != (len(self.gallery_sizes), len(self.target_fpirs)):
            raise ValueError("the table needs one row a gallery size and one column a target")
        if table.size == 0 or self.gallery_sizes[0] != 1 or not np.isfinite(table).all():
            raise ValueError("the table must be finite and begin with a gallery of one")
        if not _ascends(self.gallery_sizes) or not _ascends(self.target_fpirs):
            raise ValueError("gallery sizes and targets must ascend")
        if self.target_fpirs[0] <= 0 or self.target_fpirs[-1] >= 1:
            raise ValueError("targets lie between 0 and 1")
        if (np.diff(table, axis=0) < 0).any() or (np.diff(table, axis=1) > 0).any():
            raise ValueError("thresholds must not fall with the size nor rise with the target")
        if not 0 <= self.template_exponent <= 1:
            raise ValueError("the template exponent lies between 0 and 1")

    @property
    def largest_measured_gallery(self) -> int:
        return self.gallery_sizes[-1]

    def is_extrapolated(self, *, target_fpir: float, gallery_size: int) -> bool:
        """Whether the threshold lies beyond what was measured, as ``threshold`` describes."""
        return gallery_size > self.gallery_sizes[-1] or target_fpir < self.target_fpirs[0]

    def threshold(self, *, target_fpir: float, gallery_size: int) -> float:
        """The score to ask for; see ``Calibration.threshold``.

        Beyond the largest measured gallery the score rises in a straight line over the logarithm
        of the size, as steeply as over the last measured decade. The measured curve flattens, so
        this asks for more than is needed rather than less. A target under the smallest measured
        one is met as if the gallery were larger by the same factor, because
        FPIR ~ gallery size x FMR where both are small. A target over the largest measured one is
        treated as that one. Raises ValueError unless ``0 < target_fpir < 1``.
        """
        if not 0 < target_fpir < 1:
            raise ValueError("target_fpir lies between 0 and 1")
        size = float(max(gallery_size, 1))
        if target_fpir < self.target_fpirs[0]:
            size *= self.target_fpirs[0] / target_fpir
        # np.interp takes a target outside the measured ones as the nearest of them.
        score = np.interp(math.log(target_fpir), np.log(self.target_fpirs), self._row(size))
        return min(float(score), HIGHEST_SCORE)

    def fpir(self, *, score: float, gallery_size: int) -> float:
        """The target whose threshold this score is at that size: the inverse of ``threshold``.

        Never rises with the score, never falls when the gallery grows. Scores over every
        threshold have 1e-9, scores under every one the largest measured target.
        """
        row = self._row(float(max(gallery_size, 1)))
        if score <= row[-1]:
            return self.target_fpirs[-1]
        if score <= row[0]:
            logs = np.log(self.target_fpirs)
            return math.exp(float(np.interp(score, row[::-1], logs[::-1])))
        return self._fpir_beyond(score, gallery_size)

    def _fpir_beyond(self, score: float, gallery_size: int) -> float:
        """Of a score over the strictest measured target, by halving."""
        least, most = math.log(1e-9), math.log(self.target_fpirs[0])
        for _ in range(40):
            middle = (least + most) / 2
            asked = self.threshold(target_fpir=math.exp(middle), gallery_size=gallery_size)
            least, most = (least, middle) if asked < score else (middle, most)
        return math.exp(most)

    def effective_gallery_size(self, *, customers: int, templates: int) -> int:
        """``customers x (templates / customers) ** template_exponent``, rounded up.

        Several templates of one customer are alike, so they count for less than as many
        customers. Using the mean number of templates is on the safe side: an uneven spread of
        the same number is less easily mistaken.
        """
        if customers <= 0 or templates <= customers:
            return max(customers, 0)
        size: float = customers * (templates / customers) ** self.template_exponent
        # Without the rounding, 99.99999999 and 100.00000001 would count one apart.
        return math.ceil(round(size, 6))

    def _row(self, size: float) -> list[float]:
        """The thresholds of all targets at one size, in the order of ``target_fpirs``."""
        logs = np.log(self.gallery_sizes)
        columns = list(zip(*self.thresholds, strict=True))
        row = [float(np.interp(math.log(size), logs, column)) for column in columns]
        beyond = math.log(size) - float(logs[-1])
        if beyond > 0:
            row = [
                score + beyond * _slope_of_last_decade(logs, column)
                for score, column in zip(row, columns, strict=True)
            ]
            # Columns of different steepness may cross far out: a stricter target keeps the upper.
            row = [max(row[index:]) for index in range(len(row))]
        return row


def thresholds_for(
    calibration: Calibration,
    *,
    target_fpir: float,
    review_fpir: float,
    gallery_size: int,
    templates: int | None = None,
) -> Thresholds:
    """The two thresholds at one gallery size.

    A stranger's face comes out as a match with ``target_fpir`` and at least in the review band
    with ``review_fpir``, which must not be the smaller. ``gallery_size`` counts searchable
    customers, ``templates`` their templates (one each if not given). Raises ValueError.
    """
    if review_fpir < target_fpir:
        raise ValueError("review_fpir must not be smaller than target_fpir")
    size = gallery_size
    if templates is not None:
        size = calibration.effective_gallery_size(customers=gallery_size, templates=templates)
    return Thresholds(
        match=calibration.threshold(target_fpir=target_fpir, gallery_size=size),
        review=calibration.threshold(target_fpir=review_fpir, gallery_size=size),
        target_fpir=target_fpir,
        gallery_size=gallery_size,
        space_id=calibration.space_id,
    )


def _ascends(values: tuple[int, ...] | tuple[float, ...]) -> bool:
    return all(before < after for before, after in pairwise(values))


def _slope_of_last_decade(logs: np.ndarray, column: tuple[float, ...]) -> float:
    """The rise per unit of the natural logarithm, over at most the last factor of ten."""
    start = max(float(logs[-1]) - math.log(10), float(logs[0]))
    if start == float(logs[-1]):
        return 0.0
    rise = column[-1] - float(np.interp(start, logs, column))
    return rise / (float(logs[-1]) - start)
