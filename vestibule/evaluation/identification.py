"""One to many, with people who are not enrolled: FPIR and FNIR at several gallery sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration, thresholds_for
from vestibule.evaluation.gallery_draws import Outcome, draw_gallery, outcome_of
from vestibule.evaluation.intervals import Interval, Weights, share_interval, weighted_share
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import LOWEST_SCORE, Scores

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
    templates = float(np.mean([len(draw.templates) for draw in draws]))
    return IdentificationRates(
        light=light,
        gallery_size=size,
        templates=round(templates, 1),
        mated_probes=round(float(np.mean([len(draw.mated) for draw in draws]))),
        stranger_probes=len(draws[0].strangers),
        rank_1=_mean_interval(
            [_recognised(outcome, terms.weights, -np.inf) for outcome in outcomes],
            [outcome.mated_person for outcome in outcomes],
        ),
        best_possible=tuple(_at_rate(outcomes, terms.weights, fpir) for fpir in TARGET_FPIRS),
        shipped=_at_shipped_thresholds(outcomes, terms, size=size, templates=round(templates)),
    )


def _at_shipped_thresholds(
    outcomes: Sequence[Outcome], terms: Terms, *, size: int, templates: int
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
    return (
        _at_threshold(outcomes, terms.weights, asked.match, target_fpir=terms.match_fpir),
        _at_threshold(outcomes, terms.weights, asked.review, target_fpir=terms.review_fpir),
    )


def _at_threshold(
    outcomes: Sequence[Outcome], weights: Weights, threshold: float, *, target_fpir: float
) -> OperatingPoint:
    just_under = float(np.nextafter(np.float32(threshold), np.float32(-2)))
    fpir = [
        weighted_share(o.stranger_score >= threshold, weights[:, o.stranger_person])
        for o in outcomes
    ]
    fnir = [1 - _recognised(o, weights, just_under) for o in outcomes]
    return OperatingPoint(
        target_fpir=target_fpir,
        threshold=round(threshold, 4),
        fpir=_mean_interval(fpir, [outcome.stranger_person for outcome in outcomes]),
        fnir=_mean_interval(fnir, [outcome.mated_person for outcome in outcomes]),
    )


def _at_rate(outcomes: Sequence[Outcome], weights: Weights, target_fpir: float) -> OperatingPoint:
    """The threshold is set anew in every draw and replicate, so the interval contains it."""
    thresholds, fpir, fnir = [], [], []
    for outcome in outcomes:
        stranger_weights = weights[:, outcome.stranger_person]
        over = _threshold_at_rate(outcome.stranger_score, stranger_weights, target_fpir)
        thresholds.append(over[0])
        fpir.append(
            weighted_share(outcome.stranger_score[None, :] > over[:, None], stranger_weights)
        )
        fnir.append(1 - _recognised(outcome, weights, over[:, None]))
    return OperatingPoint(
        target_fpir=target_fpir,
        threshold=round(float(np.mean(thresholds)), 4),
        fpir=_mean_interval(fpir, [outcome.stranger_person for outcome in outcomes]),
        fnir=_mean_interval(fnir, [outcome.mated_person for outcome in outcomes]),
    )


def _threshold_at_rate(
    scores: NDArray[np.float32], weights: Weights, target_fpir: float
) -> NDArray[np.float64]:
    """float64 (rows,): scores strictly over it weigh at most the target's share."""
    order = np.argsort(-scores, kind="stable")
    with np.errstate(invalid="ignore"):  # no stranger in a replicate: the FPIR has no value then
        share = np.cumsum(weights[:, order], axis=1) / weights.sum(1)[:, None]
    lowest = np.append(np.maximum(scores[order], LOWEST_SCORE), LOWEST_SCORE).astype(np.float64)
    return np.asarray(lowest[(share <= target_fpir).sum(1)])


def _recognised(
    outcome: Outcome, weights: Weights, over: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share of mated probes that are found first and strictly over a score, a row each."""
    return weighted_share(
        np.broadcast_to(outcome.mated_score > over, (len(weights), len(outcome.mated_score))),
        weights[:, outcome.mated_person],
    )


def _mean_interval(shares: Sequence[NDArray[np.float64]], people: Sequence[People]) -> Interval:
    """Averaged over draws; ``people`` has, for each draw, the person of each probe."""
    fewest = min(len(np.unique(persons)) for persons in people)
    return share_interval(np.mean(shares, axis=0), people=fewest)
