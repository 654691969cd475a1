"""The whole evaluation of one engine on one set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration
from vestibule.evaluation.datasets import Dataset
from vestibule.evaluation.detection import (
    DetectionRates,
    GroupCount,
    detection_rates,
    failure_to_enrol,
    group_counts,
)
from vestibule.evaluation.generalisation import HeldOutRate, held_out_rates
from vestibule.evaluation.identification import (
    Experiment,
    IdentificationRates,
    Terms,
    identification_rates,
)
from vestibule.evaluation.intervals import Interval, person_weights
from vestibule.evaluation.lighting import LIGHTS, Light
from vestibule.evaluation.observation import Observations, People, Progress, observe
from vestibule.evaluation.scoring import Scores, score_matrix
from vestibule.evaluation.verification import VerificationRates, verification_rates
from vestibule.ports import FaceEngine, PhotoCodec

TARGET_FPIR = 0.01
REVIEW_FPIR = 0.1
"""The defaults of the decision; docs/adr/0003 says what they cost."""

GALLERY_SIZES = (10, 50, 100, 200, 500, 1000)
TEMPLATES_EACH = (2, 3, 5)
REPLICATES = 400
SMALL_SET_PEOPLE = 100
"""Below, the report warns and its document leaves the finer tables out."""

_FEWEST_STRANGERS_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Every figure with what it was measured on. ``dataclasses.asdict`` of it is plain JSON.

    ``several_templates`` has the identification figures of galleries in which people enrol
    several photos; ``held_out`` is empty for small sets.
    """

    dataset: str
    people: int
    people_with_two_photos: int
    photos: int
    unreadable_photos: int
    pack: str
    space_id: str
    target_fpir: float
    review_fpir: float
    seed: int
    replicates: int
    warnings: tuple[str, ...]
    detection: tuple[DetectionRates, ...]
    failure_to_enrol: Interval
    groups: tuple[GroupCount, ...]
    verification: tuple[VerificationRates, ...]
    identification: tuple[IdentificationRates, ...]
    several_templates: tuple[IdentificationRates, ...]
    held_out: tuple[HeldOutRate, ...]


def evaluate(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    calibration: Calibration | None,
    target_fpir: float = TARGET_FPIR,
    review_fpir: float = REVIEW_FPIR,
    seed: int = 0,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Measure detection, verification and identification, as taken and in three poor lights.

    Probes are photos in a light, the gallery is photos as they were taken. The same set (see
    ``read_dataset``), engine and seed give the same report.
    """
    observed = observe(dataset, engine, codec, lights=LIGHTS, seed=seed, progress=progress)
    terms = Terms(
        calibration=calibration,
        match_fpir=target_fpir,
        review_fpir=review_fpir,
        weights=person_weights(
            len(observed.people), replicates=REPLICATES, rng=np.random.default_rng(seed)
        ),
        seed=seed,
    )
    return report_on(dataset.name, observed, terms)


def report_on(dataset_name: str, observed: Observations, terms: Terms) -> EvaluationReport:
    """All figures from what was observed once."""
    persons = observed.person_of_photo
    scores = {light: _scores(observed, light) for light in observed.embeddings}
    photos_each = np.unique(persons, return_counts=True)[1]
    return EvaluationReport(
        dataset=dataset_name,
        people=len(photos_each),
        people_with_two_photos=int((photos_each >= 2).sum()),
        photos=len(persons),
        unreadable_photos=observed.unreadable,
        pack=observed.space.pack,
        space_id=observed.space.id,
        target_fpir=terms.match_fpir,
        review_fpir=terms.review_fpir,
        seed=terms.seed,
        replicates=len(terms.weights) - 1,
        warnings=_warnings(observed, terms),
        detection=detection_rates(observed, weights=terms.weights),
        failure_to_enrol=failure_to_enrol(observed, weights=terms.weights),
        groups=group_counts(observed),
        verification=tuple(
            rates
            for light, matrix in scores.items()
            for rates in verification_rates(light, matrix, persons, weights=terms.weights)
        ),
        identification=_identification(observed, scores, terms, _one_template_each(observed)),
        several_templates=_identification(
            observed, {Light.CLEAN: scores[Light.CLEAN]}, terms, _several_each(observed)
        ),
        held_out=_held_out(observed, scores[Light.CLEAN], terms),
    )


def largest_gallery(person_of_photo: People, enrollable: NDArray[np.bool_]) -> int:
    """Everybody with two photos or more who can enrol, but a fifth of all stay strangers."""
    people, photos_each = np.unique(person_of_photo, return_counts=True)
    can_enrol = np.isin(people, person_of_photo[enrollable])
    return min(
        int((can_enrol & (photos_each >= 2)).sum()), _most_enrolled(person_of_photo, enrollable)
    )


def _most_enrolled(person_of_photo: People, enrollable: NDArray[np.bool_]) -> int:
    people = len(np.unique(person_of_photo))
    strangers = int(np.ceil(people * _FEWEST_STRANGERS_SHARE))
    return min(people - strangers, len(np.unique(person_of_photo[enrollable])))


def _scores(observed: Observations, light: Light) -> Scores:
    embeddings = observed.embeddings
    return score_matrix(observed.space.metric, embeddings[light], embeddings[Light.CLEAN])


def _identification(
    observed: Observations,
    scores: Mapping[Light, Scores],
    terms: Terms,
    experiments: Sequence[Experiment],
) -> tuple[IdentificationRates, ...]:
    return tuple(
        identification_rates(
            light,
            matrix,
            observed.person_of_photo,
            enrollable=observed.enrollable,
            experiment=experiment,
            terms=terms,
        )
        for light, matrix in scores.items()
        for experiment in experiments
    )


def _one_template_each(observed: Observations) -> list[Experiment]:
    """Smaller galleries, the whole one, and larger ones filled up with people of one photo."""
    whole = largest_gallery(observed.person_of_photo, observed.enrollable)
    if whole < 1:
        return []
    most = _most_enrolled(observed.person_of_photo, observed.enrollable)
    sizes = {whole, *(size for size in GALLERY_SIZES if size <= most)}
    return [Experiment(gallery_size=size) for size in sorted(sizes)]


def _several_each(observed: Observations) -> list[Experiment]:
    whole = largest_gallery(observed.person_of_photo, observed.enrollable)
    if whole < 1:
        return []
    return [Experiment(gallery_size=whole, templates_each=count) for count in TEMPLATES_EACH]


def _held_out(observed: Observations, scores: Scores, terms: Terms) -> tuple[HeldOutRate, ...]:
    usable = np.nonzero(observed.usable(Light.CLEAN))[0]
    return held_out_rates(
        scores[np.ix_(usable, usable)],
        observed.person_of_photo[usable],
        target_fpirs=(terms.match_fpir, terms.review_fpir),
        seed=terms.seed,
    )


def _warnings(observed: Observations, terms: Terms) -> tuple[str, ...]:
    people = len(np.unique(observed.person_of_photo))
    found = []
    if people < SMALL_SET_PEOPLE:
        found.append(
            f"Only {people} people: intervals are wide, and low rates cannot be told from none."
        )
    if observed.unreadable:
        found.append(f"{observed.unreadable} photos could not be read and were left out.")
    if terms.calibration is None:
        found.append("Nothing was calibrated in this space: there are no shipped thresholds.")
    return tuple(found)
