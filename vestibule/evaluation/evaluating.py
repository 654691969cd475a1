"""The whole evaluation of one engine on one set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration
from vestibule.domain.light_band import LightBand
from vestibule.evaluation.bands import Axis, BandRates, band_rates
from vestibule.evaluation.datasets import Dataset, only_people
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.detection import (
    detection_rates,
    failure_to_enrol,
    group_counts,
    scene_rates,
)
from vestibule.evaluation.generalisation import HeldOutRate, held_out_rates
from vestibule.evaluation.histograms import ScoreHistogram, score_histogram
from vestibule.evaluation.identification import (
    Experiment,
    IdentificationRates,
    Terms,
    draw_galleries,
    identification_rates,
    shipped_thresholds,
)
from vestibule.evaluation.intervals import person_weights
from vestibule.evaluation.observation import Observations, People, Progress, observe
from vestibule.evaluation.report import (
    FORMAT,
    SMALL_SET_PEOPLE,
    Caveat,
    CaveatCode,
    EvaluationReport,
)
from vestibule.evaluation.scenes import SCENES_EACH, SceneSight, observe_scenes
from vestibule.evaluation.scoring import Scores, score_matrix
from vestibule.evaluation.verification import VerificationRates, verification_rates
from vestibule.ports import FaceEngine, PhotoCodec

TARGET_FPIR = 0.01
REVIEW_FPIR = 0.1
"""The defaults of the decision; docs/adr/0003 says what they cost."""

GALLERY_SIZES = (10, 50, 100, 200, 500, 1000)
DEGRADED_GALLERY_SIZES = (100, 1000)
"""Beside the whole gallery: degraded photos are measured at fewer sizes."""

TEMPLATES_EACH = (2, 3, 5)
REPLICATES = 400
QUICK_PEOPLE = 150
QUICK_SCENES_EACH = 3

_FEWEST_STRANGERS_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, the same for every engine. CLEAN is always measured, first.

    ``scenes_each`` 0 makes no group photos. ``of_people`` is how many the whole set has, when
    ``dataset`` is a part of it.
    """

    dataset: Dataset
    degradations: tuple[Degradation, ...] = tuple(Degradation)
    target_fpir: float = TARGET_FPIR
    review_fpir: float = REVIEW_FPIR
    seed: int = 0
    scenes_each: int = SCENES_EACH
    of_people: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """An engine to be measured. ``settings`` are those that differ from the defaults.

    ``bands`` holds the calibrations of lights that have their own.
    """

    engine: FaceEngine
    calibration: Calibration | None
    settings: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[LightBand, Calibration] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine's pass over a plan: the report and what it was made from."""

    report: EvaluationReport
    observed: Observations
    terms: Terms


def quick(plan: Plan) -> Plan:
    """A seeded 150 people of the set and fewer group photos: minutes less, intervals wider."""
    people = np.array(plan.dataset.people)
    if len(people) <= QUICK_PEOPLE:
        return plan
    chosen = np.random.default_rng(plan.seed).permutation(people)[:QUICK_PEOPLE]
    return Plan(
        dataset=only_people(plan.dataset, chosen.tolist()),
        degradations=plan.degradations,
        target_fpir=plan.target_fpir,
        review_fpir=plan.review_fpir,
        seed=plan.seed,
        scenes_each=min(plan.scenes_each, QUICK_SCENES_EACH),
        of_people=len(people),
    )


def evaluate(
    plan: Plan, subject: Subject, codec: PhotoCodec, *, progress: Progress | None = None
) -> Measured:
    """Measure detection, verification and identification, as taken and degraded.

    Probes are degraded photos, the gallery is photos as they were taken. The same set (see
    ``read_dataset``), engine and seed give the same report.
    """
    kinds = tuple(dict.fromkeys((Degradation.CLEAN, *plan.degradations)))
    observed = observe(
        plan.dataset, subject.engine, codec, lights=kinds, seed=plan.seed, progress=progress
    )
    scenes: tuple[SceneSight, ...] = ()
    if plan.scenes_each:
        scenes = observe_scenes(
            plan.dataset,
            subject.engine,
            codec,
            degradations=kinds,
            seed=plan.seed,
            scenes_each=plan.scenes_each,
        )
    terms = Terms(
        calibration=subject.calibration,
        match_fpir=plan.target_fpir,
        review_fpir=plan.review_fpir,
        weights=person_weights(
            len(observed.people), replicates=REPLICATES, rng=np.random.default_rng(plan.seed)
        ),
        seed=plan.seed,
        bands=subject.bands,
    )
    return Measured(report_on(plan, subject, observed, scenes, terms), observed, terms)


def report_on(
    plan: Plan,
    subject: Subject,
    observed: Observations,
    scenes: Sequence[SceneSight],
    terms: Terms,
) -> EvaluationReport:
    """All figures from what was observed once."""
    persons, weights = observed.person_of_photo, terms.weights
    photos_each = np.unique(persons, return_counts=True)[1]
    verification: list[VerificationRates] = []
    histograms: list[ScoreHistogram] = []
    for kind in observed.embeddings:
        scores = scores_of(observed, kind)
        verification += verification_rates(kind, scores, persons, weights=weights)
        histograms.append(score_histogram(kind, scores, persons))
    return EvaluationReport(
        format=FORMAT,
        dataset=plan.dataset.name,
        people=len(photos_each),
        people_with_two_photos=int((photos_each >= 2).sum()),
        photos=len(persons),
        gallery_size=largest_gallery(persons, observed.enrollable),
        pack=observed.space.pack,
        settings=dict(sorted(subject.settings.items())),
        space_id=observed.space.id,
        target_fpir=terms.match_fpir,
        review_fpir=terms.review_fpir,
        seed=terms.seed,
        replicates=len(weights) - 1,
        degradations=tuple(observed.embeddings),
        caveats=_caveats(plan, observed, terms),
        detection=detection_rates(observed, weights=weights),
        failure_to_enrol=failure_to_enrol(observed, weights=weights),
        groups=group_counts(observed),
        scenes=scene_rates(scenes, weights=weights, seed=terms.seed),
        verification=tuple(verification),
        identification=_one_template_each(observed, terms),
        several_templates=_several_each(observed, terms),
        held_out=_held_out(observed, terms),
        bands=_bands(plan, observed, terms),
        histograms=tuple(histograms),
    )


def largest_gallery(person_of_photo: People, enrollable: NDArray[np.bool_]) -> int:
    """Everybody with two photos or more who can enrol, but a fifth of all stay strangers."""
    people, photos_each = np.unique(person_of_photo, return_counts=True)
    can_enrol = np.isin(people, person_of_photo[enrollable])
    return min(
        int((can_enrol & (photos_each >= 2)).sum()), _most_enrolled(person_of_photo, enrollable)
    )


def scores_of(observed: Observations, kind: Degradation) -> Scores:
    """float32 (n, n): rows are photos under the degradation, columns the same as taken."""
    embeddings = observed.embeddings
    return score_matrix(observed.space.metric, embeddings[kind], embeddings[Degradation.CLEAN])


def _most_enrolled(person_of_photo: People, enrollable: NDArray[np.bool_]) -> int:
    people = len(np.unique(person_of_photo))
    strangers = int(np.ceil(people * _FEWEST_STRANGERS_SHARE))
    return min(people - strangers, len(np.unique(person_of_photo[enrollable])))


def _one_template_each(observed: Observations, terms: Terms) -> tuple[IdentificationRates, ...]:
    """Smaller galleries, the whole one, and larger ones filled up with people of one photo."""
    whole = largest_gallery(observed.person_of_photo, observed.enrollable)
    if whole < 1:
        return ()
    most = _most_enrolled(observed.person_of_photo, observed.enrollable)
    rates = []
    for kind in observed.embeddings:
        listed = GALLERY_SIZES if kind is Degradation.CLEAN else DEGRADED_GALLERY_SIZES
        sizes = sorted({whole, *(size for size in listed if size <= most)})
        scores = scores_of(observed, kind)
        rates += [_identified(kind, scores, observed, Experiment(size), terms) for size in sizes]
    return tuple(rates)


def _several_each(observed: Observations, terms: Terms) -> tuple[IdentificationRates, ...]:
    whole = largest_gallery(observed.person_of_photo, observed.enrollable)
    if whole < 1:
        return ()
    scores = scores_of(observed, Degradation.CLEAN)
    return tuple(
        _identified(
            Degradation.CLEAN, scores, observed, Experiment(whole, templates_each=count), terms
        )
        for count in TEMPLATES_EACH
    )


def _identified(
    kind: Degradation,
    scores: Scores,
    observed: Observations,
    experiment: Experiment,
    terms: Terms,
) -> IdentificationRates:
    return identification_rates(
        kind,
        scores,
        observed.person_of_photo,
        enrollable=observed.enrollable,
        experiment=experiment,
        terms=terms,
        brightness=observed.brightness[kind],
    )


def _bands(plan: Plan, observed: Observations, terms: Terms) -> tuple[BandRates, ...]:
    """At the shipped match thresholds of the whole gallery; none where nothing is calibrated."""
    whole = largest_gallery(observed.person_of_photo, observed.enrollable)
    if terms.calibration is None or whole < 1:
        return ()
    draws = draw_galleries(
        observed.person_of_photo,
        observed.enrollable,
        experiment=Experiment(whole),
        seed=terms.seed,
    )

    def match_thresholds(kind: Degradation) -> NDArray[np.float64]:
        brightness = observed.brightness[kind]
        return shipped_thresholds(terms, brightness, size=whole, templates=whole)[0].of_photo

    return tuple(
        rates
        for axis in Axis
        for rates in band_rates(
            axis,
            observed,
            partial(scores_of, observed),
            draws,
            thresholds_of=match_thresholds,
            weights=terms.weights,
            group_of_person=plan.dataset.group_of_person,
        )
    )


def _held_out(observed: Observations, terms: Terms) -> tuple[HeldOutRate, ...]:
    usable = np.nonzero(observed.usable(Degradation.CLEAN))[0]
    return held_out_rates(
        scores_of(observed, Degradation.CLEAN)[np.ix_(usable, usable)],
        observed.person_of_photo[usable],
        target_fpirs=(terms.match_fpir, terms.review_fpir),
        seed=terms.seed,
    )


def _caveats(plan: Plan, observed: Observations, terms: Terms) -> tuple[Caveat, ...]:
    people = len(np.unique(observed.person_of_photo))
    found = []
    if people < SMALL_SET_PEOPLE:
        found.append(Caveat(CaveatCode.SMALL_SET, people))
    if plan.of_people is not None:
        found.append(Caveat(CaveatCode.SUBSET, plan.of_people))
    if observed.unreadable:
        found.append(Caveat(CaveatCode.UNREADABLE_PHOTOS, observed.unreadable))
    if terms.calibration is None:
        found.append(Caveat(CaveatCode.NOT_CALIBRATED, 0))
    return tuple(found)
