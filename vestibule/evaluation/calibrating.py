"""A pack's calibration: what strangers score in its space, measured on labelled photos."""

from datetime import date

import numpy as np

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.pack_calibration import MeasuredOn, PackCalibration
from vestibule.evaluation.band_measuring import measure_bands
from vestibule.evaluation.datasets import Dataset
from vestibule.evaluation.degradations import LIGHTS, Degradation
from vestibule.evaluation.observation import Observations, People, Progress, observe
from vestibule.evaluation.pair_scores import measure_mated, measure_pair_tail
from vestibule.evaluation.quantile_tables import measure_quantiles
from vestibule.evaluation.scoring import score_matrix
from vestibule.evaluation.template_exponent import measure_template_exponent
from vestibule.ports import FaceEngine, PhotoCodec

FEWEST_PEOPLE = 20


def calibrate(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    seed: int = 0,
    measured_at: date | None = None,
    progress: Progress | None = None,
) -> PackCalibration:
    """Measure the engine's scores on a set (see ``read_dataset``), as taken and in poor light.

    The same set, engine and seed give the same numbers. Raises InvalidInputError for fewer than
    20 people with a usable face.
    """
    observed = observe(dataset, engine, codec, lights=LIGHTS, seed=seed, progress=progress)
    return calibration_from(dataset.name, observed, seed=seed, measured_at=measured_at)


def calibration_from(
    dataset_name: str, observed: Observations, *, seed: int, measured_at: date | None = None
) -> PackCalibration:
    """The calibration out of what was observed once; see ``calibrate``."""
    space = observed.space
    usable = observed.usable(Degradation.CLEAN)
    embeddings = observed.embeddings[Degradation.CLEAN][usable]
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
    tail = measure_pair_tail(scores, persons, persons)
    is_template = observed.enrollable[usable][None, :] & ~np.eye(len(persons), dtype=bool)
    return PackCalibration(
        pack=space.pack,
        quantiles=quantiles,
        measured_on=_measured_on(dataset_name, persons),
        pair_quantiles=tuple(zip(tail.rates, tail.scores, strict=True)) if tail else (),
        seed=seed,
        command=f"VESTIBULE_PACK={space.pack} vestibule calibrate {dataset_name}",
        mated=measure_mated(scores, persons, persons, is_template=is_template),
        bands=measure_bands(observed, quantiles, rng=rng),
        measured_at=measured_at,
    )


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
