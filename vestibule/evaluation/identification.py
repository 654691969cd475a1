"""One to many, with people who are not enrolled: FPIR and FNIR at several gallery sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration, thresholds_for
from vestibule.evaluation.gallery_draws import draw_gallery, outcome_of
from vestibule.evaluation.intervals import Interval, Weights, share_interval
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.survival import Survival, survival_of

TARGET_FPIRS = (0.01, 0.02, 0.05, 0.1, 0.2)
DRAWS = 10


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """FPIR and FNIR at one threshold. A probe without a usable face counts as not recognised.

    FNIR is the share of mated probes whose own person is not both best candidate and at or over
    the threshold. ``fpir`` is what was measured, next to the ``target_fpir`` that was asked for.
    """

    target_fpir: float
    threshold: float
    fpir: Interval
    fnir: Interval


@dataclass(frozen=True, slots=True)
class IdentificationRates:
    """One gallery size in one light, averaged over draws of the gallery.

    ``best_possible`` has its thresholds set on these very strangers; ``shipped`` has the match
    and the review threshold of the calibration, empty if there is none.
    """

    light: Light
    gallery_size: int
    templates: float
    mated_probes: int
    stranger_probes: int
    rank_1: Interval
    best_possible: tuple[OperatingPoint, ...]
    shipped: tuple[OperatingPoint, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A gallery to measure, ``draws`` times over."""

    gallery_size: int
    templates_each: int = 1
    draws: int = DRAWS


@dataclass(frozen=True, slots=True)
class Terms:
    """What every experiment of an evaluation shares; see ``thresholds_for`` for the targets."""

    calibration: Calibration | None
    match_fpir: float
    review_fpir: float
    weights: Weights
    seed: int


def identification_rates(
    light: Light,
    scores: Scores,
    person_of_photo: People,
    *,
    enrollable: NDArray[np.bool_],
    experiment: Experiment,
    terms: Terms,
) -> IdentificationRates:
    """From all scores (n, n): rows are photos in ``light``, columns the same as they were taken.

    ``enrollable`` (n,) says which photos as taken are good enough for a template. Draws depend on
    that, the seed and the experiment alone, so lights are compared on the same galleries.
    """
    size, templates_each = experiment.gallery_size, experiment.templates_each
    rng = np.random.default_rng([terms.seed, size, templates_each])
    draws = [
        draw_gallery(person_of_photo, enrollable, size=size, templates_each=templates_each, rng=rng)
        for _ in range(experiment.draws)
    ]
    outcomes = [outcome_of(draw, scores, person_of_photo) for draw in draws]
    mated = [survival_of(o.mated_score, o.mated_person, terms.weights) for o in outcomes]
    strangers = [survival_of(o.stranger_score, o.stranger_person, terms.weights) for o in outcomes]
    templates = float(np.mean([len(draw.templates) for draw in draws]))
    return IdentificationRates(
        light=light,
        gallery_size=size,
        templates=round(templates, 1),
        mated_probes=round(float(np.mean([len(draw.mated) for draw in draws]))),
        stranger_probes=len(draws[0].strangers),
        rank_1=_mean_interval([probes.share_with_score() for probes in mated], mated),
        best_possible=tuple(_at_rate(mated, strangers, fpir) for fpir in TARGET_FPIRS),
        shipped=_at_shipped_thresholds(
            mated, strangers, terms, size=size, templates=round(templates)
        ),
    )


def _at_shipped_thresholds(
    mated: Sequence[Survival],
    strangers: Sequence[Survival],
    terms: Terms,
    *,
    size: int,
    templates: int,
) -> tuple[OperatingPoint, ...]:
    if terms.calibration is None:
        return ()
    asked = thresholds_for(
        terms.calibration,
        target_fpir=terms.match_fpir,
        review_fpir=terms.review_fpir,
        gallery_size=size,
        templates=templates,
    )
    pairs = ((terms.match_fpir, asked.match), (terms.review_fpir, asked.review))
    return tuple(
        OperatingPoint(
            target_fpir=target,
            threshold=round(threshold, 4),
            fpir=_mean_interval([s.share_from(threshold) for s in strangers], strangers),
            fnir=_mean_interval([1 - m.share_from(threshold) for m in mated], mated),
        )
        for target, threshold in pairs
    )


def _at_rate(
    mated: Sequence[Survival], strangers: Sequence[Survival], target_fpir: float
) -> OperatingPoint:
    """The threshold is set anew in every draw and replicate, so the interval contains it."""
    over = [probes.threshold_at(target_fpir) for probes in strangers]
    fpir = [s.share_over(scores) for s, scores in zip(strangers, over, strict=True)]
    fnir = [1 - m.share_over(scores) for m, scores in zip(mated, over, strict=True)]
    return OperatingPoint(
        target_fpir=target_fpir,
        threshold=round(float(np.mean([scores[0] for scores in over])), 4),
        fpir=_mean_interval(fpir, strangers),
        fnir=_mean_interval(fnir, mated),
    )


def _mean_interval(shares: Sequence[NDArray[np.float64]], probes: Sequence[Survival]) -> Interval:
    """Averaged over draws, which the same replicates run through."""
    return share_interval(
        np.mean(shares, axis=0), people=min(survival.people for survival in probes)
    )
