"""A pack's calibration: what strangers score in its space, measured on labelled photos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.datasets import Dataset
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import Observations, People, Progress, observe
from vestibule.evaluation.scoring import Scores, score_matrix
from vestibule.evaluation.template_exponent import measure_template_exponent
from vestibule.evaluation.top_scores import stranger_rates, threshold_at
from vestibule.ports import FaceEngine, PhotoCodec

TARGET_FPIRS = (0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5)
GALLERY_DRAWS = 4
"""Which photo of a person stands in the gallery is drawn anew this often, and averaged."""

FEWEST_PEOPLE = 20
_FEWEST_PEOPLE_OVER_THRESHOLD = 4
"""A target is measured when at least so many people lie over its threshold."""

_PAIR_RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """The set behind a calibration. ``photos`` counts those with a usable face."""

    name: str
    people: int
    photos: int
    mated_pairs: int
    non_mated_pairs: int


@dataclass(frozen=True, slots=True)
class PackCalibration:
    """The quantiles with where they come from.

    ``pair_quantiles`` is the score that a share (the key) of pairs of different people's photos
    reaches: the false match rate of a one-to-one comparison.
    """

    pack: str
    quantiles: ScoreQuantiles
    measured_on: MeasuredOn
    pair_quantiles: tuple[tuple[float, float], ...]
    seed: int
    command: str


def calibrate(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> PackCalibration:
    """Measure the engine's non-mated scores on a set (see ``read_dataset``).

    The same set, engine and seed give the same numbers. Raises InvalidInputError for fewer than
    20 people with a usable face.
    """
    observed = observe(dataset, engine, codec, lights=(Light.CLEAN,), seed=seed, progress=progress)
    return calibration_from(dataset.name, observed, seed=seed)


def calibration_from(dataset_name: str, observed: Observations, *, seed: int) -> PackCalibration:
    """The calibration out of what was observed once; see ``calibrate``."""
    space = observed.space
    usable = observed.usable(Light.CLEAN)
    embeddings = observed.embeddings[Light.CLEAN][usable]
    persons = observed.person_of_photo[usable]
    if len(np.unique(persons)) < FEWEST_PEOPLE:
        raise InvalidInputError("Too few people to calibrate on.", fewest=FEWEST_PEOPLE)
    scores = score_matrix(space.metric, embeddings, embeddings)
    rng = np.random.default_rng(seed)
    quantiles = measure_quantiles(
        scores,
        persons,
        space_id=space.id,
        template_exponent=measure_template_exponent(scores, persons, rng=rng),
        rng=rng,
    )
    return PackCalibration(
        pack=space.pack,
        quantiles=quantiles,
        measured_on=_measured_on(dataset_name, persons),
        pair_quantiles=_pair_quantiles(scores, persons),
        seed=seed,
        command=f"VESTIBULE_PACK={space.pack} vestibule calibrate {dataset_name}",
    )


def measure_quantiles(
    scores: Scores,
    person_of_photo: People,
    *,
    space_id: str,
    template_exponent: float,
    rng: np.random.Generator,
) -> ScoreQuantiles:
    """The table of ``ScoreQuantiles`` from all photos' scores (n, n) with each other."""
    people = len(np.unique(person_of_photo))
    sizes = gallery_sizes_up_to(people - 1)
    targets = [t for t in TARGET_FPIRS if t * people >= _FEWEST_PEOPLE_OVER_THRESHOLD]
    rates = stranger_rates(
        scores, person_of_photo, gallery_sizes=sizes, draws=GALLERY_DRAWS, rng=rng
    )
    table = np.array([[threshold_at(row, target) for target in targets] for row in rates])
    # Draws differ a little from one size to the next; a threshold never falls with the size.
    table = np.maximum.accumulate(table, axis=0)
    return ScoreQuantiles(
        space_id=space_id,
        gallery_sizes=tuple(sizes),
        target_fpirs=tuple(targets),
        thresholds=tuple(tuple(round(float(score), 4) for score in row) for row in table),
        template_exponent=template_exponent,
    )


def gallery_sizes_up_to(largest: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, ... and the largest itself."""
    steps = [step * 10**power for power in range(8) for step in (1, 2, 5)]
    return [size for size in steps if size < largest] + [largest]


def _measured_on(name: str, persons: People) -> MeasuredOn:
    photos_each = np.unique(persons, return_counts=True)[1]
    mated = int((photos_each * (photos_each - 1) // 2).sum())
    return MeasuredOn(
        name=name,
        people=len(photos_each),
        photos=len(persons),
        mated_pairs=mated,
        non_mated_pairs=len(persons) * (len(persons) - 1) // 2 - mated,
    )


def _pair_quantiles(scores: Scores, persons: People) -> tuple[tuple[float, float], ...]:
    different: NDArray[np.bool_] = np.triu(persons[:, None] != persons[None, :])
    non_mated = scores[different]
    rates = [rate for rate in _PAIR_RATES if rate * len(non_mated) >= 10]
    reached = np.quantile(non_mated, [1 - rate for rate in rates])
    return tuple((rate, round(float(score), 4)) for rate, score in zip(rates, reached, strict=True))
