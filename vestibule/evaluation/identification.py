"""One to many, with people who are not enrolled: FPIR and FNIR at several gallery sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration, thresholds_for
from vestibule.domain.decision import Thresholds
from vestibule.domain.light_band import LightBand, light_band
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.gallery_draws import GalleryDraw, Outcome, draw_gallery, outcome_of
from vestibule.evaluation.intervals import Interval, Weights, share_interval, weighted_share
from vestibule.evaluation.observation import People
from vestibule.evaluation.scoring import Scores
from vestibule.evaluation.survival import Survival, survival_of

TARGET_FPIRS = (0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Where the DET curve is measured: one stranger in 300 called somebody, up to one in two."""

FEWEST_STRANGERS_OVER = 2
"""A target is left out when fewer strangers than this could lie over its threshold."""

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
    """One gallery size under one degradation, averaged over draws of the gallery.

    ``best_possible`` is the DET curve: its thresholds are set on these very strangers, and rates
    that too few strangers would decide are left out. ``shipped`` has the match and the review
    threshold of the calibration, empty if there is none.
    """

    degradation: Degradation
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
    """What every experiment of an evaluation shares; see ``thresholds_for`` for the targets.

    ``bands`` holds the calibrations of lights that have their own, as decisions use them.
    """

    calibration: Calibration | None
    match_fpir: float
    review_fpir: float
    weights: Weights
    seed: int
    bands: Mapping[LightBand, Calibration] = field(default_factory=dict)


def identification_rates(
    degradation: Degradation,
    scores: Scores,
    person_of_photo: People,
    *,
    enrollable: NDArray[np.bool_],
    experiment: Experiment,
    terms: Terms,
    brightness: NDArray[np.float32] | None = None,
) -> IdentificationRates:
    """From all scores (n, n): rows are degraded photos, columns the same as taken.

    ``brightness`` (n,) is that of the degraded faces; without it all take the general thresholds.
    ``enrollable`` (n,) says which photos as taken are good enough for a template. Draws depend on
    that, the seed and the experiment alone, so degradations are compared on the same galleries.
    """
    drawn = look_up(scores, person_of_photo, enrollable, experiment=experiment, terms=terms)
    if brightness is None:
        brightness = np.full(len(scores), np.nan, np.float32)
    stranger_probes = len(drawn.draws[0].strangers)
    fpirs = [t for t in TARGET_FPIRS if t * stranger_probes >= FEWEST_STRANGERS_OVER]
    return IdentificationRates(
        degradation=degradation,
        gallery_size=experiment.gallery_size,
        templates=round(drawn.templates, 1),
        mated_probes=round(float(np.mean([len(draw.mated) for draw in drawn.draws]))),
        stranger_probes=stranger_probes,
        rank_1=_mean_interval([probes.share_with_score() for probes in drawn.mated], drawn.mated),
        best_possible=tuple(_at_rate(drawn, fpir) for fpir in fpirs or [TARGET_FPIRS[-1]]),
        shipped=_at_shipped_thresholds(
            drawn, terms, size=experiment.gallery_size, brightness=brightness
        ),
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an experiment's draws gave, before any threshold; one item a draw."""

    draws: tuple[GalleryDraw, ...]
    outcomes: tuple[Outcome, ...]
    mated: tuple[Survival, ...]
    strangers: tuple[Survival, ...]

    @property
    def templates(self) -> float:
        return float(np.mean([len(draw.templates) for draw in self.draws]))


def draw_galleries(
    person_of_photo: People,
    enrollable: NDArray[np.bool_],
    *,
    experiment: Experiment,
    seed: int,
) -> tuple[GalleryDraw, ...]:
    """The galleries of an experiment: the same for everything that is measured on them."""
    size, templates_each = experiment.gallery_size, experiment.templates_each
    rng = np.random.default_rng([seed, size, templates_each])
    return tuple(
        draw_gallery(person_of_photo, enrollable, size=size, templates_each=templates_each, rng=rng)
        for _ in range(experiment.draws)
    )


def look_up(
    scores: Scores,
    person_of_photo: People,
    enrollable: NDArray[np.bool_],
    *,
    experiment: Experiment,
    terms: Terms,
) -> Drawn:
    """Every probe of every draw, by its score; see ``identification_rates``."""
    draws = draw_galleries(person_of_photo, enrollable, experiment=experiment, seed=terms.seed)
    outcomes = [outcome_of(draw, scores, person_of_photo) for draw in draws]
    return Drawn(
        draws=draws,
        outcomes=tuple(outcomes),
        mated=tuple(survival_of(o.mated_score, o.mated_person, terms.weights) for o in outcomes),
        strangers=tuple(
            survival_of(o.stranger_score, o.stranger_person, terms.weights) for o in outcomes
        ),
    )


@dataclass(frozen=True, slots=True)
class ShippedThreshold:
    """``general`` is a bright face's; ``of_photo`` is float64 (n,), by the light on each face."""

    target_fpir: float
    general: float
    of_photo: NDArray[np.float64]


def shipped_thresholds(
    terms: Terms, brightness: NDArray[np.float32], *, size: int, templates: float
) -> tuple[ShippedThreshold, ...]:
    """The match and the review threshold for a gallery; empty where nothing was calibrated.

    ``brightness`` (n,) is of the photos' faces, NaN where none was found.
    """
    if terms.calibration is None:
        return ()

    def of(calibration: Calibration) -> Thresholds:
        return thresholds_for(
            calibration,
            target_fpir=terms.match_fpir,
            review_fpir=terms.review_fpir,
            gallery_size=size,
            templates=round(templates),
        )

    general = of(terms.calibration)
    own = {band: of(calibration) for band, calibration in terms.bands.items()}
    here = [own.get(light_band(value), general) for value in brightness.tolist()]
    return (
        ShippedThreshold(
            terms.match_fpir, general.match, np.array([at.match for at in here], np.float64)
        ),
        ShippedThreshold(
            terms.review_fpir, general.review, np.array([at.review for at in here], np.float64)
        ),
    )


def shares_at_rate(
    drawn: Drawn, target_fpir: float
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The mean threshold, and FPIR and FNIR (rows of weights,) at a rate of false positives.

    The threshold is set anew in every draw and replicate, so an interval contains it.
    """
    over = [probes.threshold_at(target_fpir) for probes in drawn.strangers]
    fpir = [s.share_over(scores) for s, scores in zip(drawn.strangers, over, strict=True)]
    fnir = [1 - m.share_over(scores) for m, scores in zip(drawn.mated, over, strict=True)]
    threshold = round(float(np.mean([scores[0] for scores in over])), 4)
    return threshold, np.mean(fpir, axis=0), np.mean(fnir, axis=0)


def shares_at_thresholds(
    drawn: Drawn, of_photo: NDArray[np.float64], *, weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """FPIR and FNIR (rows of weights,), each probe at its own threshold."""
    fpir, fnir = [], []
    for draw, outcome in zip(drawn.draws, drawn.outcomes, strict=True):
        taken = outcome.stranger_score >= of_photo[draw.strangers].astype(np.float32)
        missed = outcome.mated_score < of_photo[draw.mated].astype(np.float32)
        fpir.append(weighted_share(taken, weights[:, outcome.stranger_person]))
        fnir.append(weighted_share(missed, weights[:, outcome.mated_person]))
    return np.mean(fpir, axis=0), np.mean(fnir, axis=0)


def _at_shipped_thresholds(
    drawn: Drawn, terms: Terms, *, size: int, brightness: NDArray[np.float32]
) -> tuple[OperatingPoint, ...]:
    asked = shipped_thresholds(terms, brightness, size=size, templates=drawn.templates)
    return tuple(
        _point(
            drawn,
            at.target_fpir,
            at.general,
            *shares_at_thresholds(drawn, at.of_photo, weights=terms.weights),
        )
        for at in asked
    )


def _at_rate(drawn: Drawn, target_fpir: float) -> OperatingPoint:
    return _point(drawn, target_fpir, *shares_at_rate(drawn, target_fpir))


def _point(
    drawn: Drawn,
    target_fpir: float,
    threshold: float,
    fpir: NDArray[np.float64],
    fnir: NDArray[np.float64],
) -> OperatingPoint:
    return OperatingPoint(
        target_fpir=target_fpir,
        threshold=round(threshold, 4),
        fpir=share_interval(fpir, people=min(s.people for s in drawn.strangers)),
        fnir=share_interval(fnir, people=min(m.people for m in drawn.mated)),
    )


def _mean_interval(shares: Sequence[NDArray[np.float64]], probes: Sequence[Survival]) -> Interval:
    """Averaged over draws, which the same replicates run through."""
    return share_interval(
        np.mean(shares, axis=0), people=min(survival.people for survival in probes)
    )
