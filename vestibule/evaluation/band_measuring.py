"""The scores of faces in one light band against templates as taken, and whether they differ."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.light_band import LightBand, light_band
from vestibule.domain.pack_calibration import BandCheck, BandMeasurement
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.intervals import person_weights
from vestibule.evaluation.observation import Observations, People
from vestibule.evaluation.pair_scores import measure_mated, measure_pair_tail
from vestibule.evaluation.quantile_tables import measure_quantiles
from vestibule.evaluation.scoring import Scores, score_matrix
from vestibule.evaluation.top_scores import one_photo_each

FEWEST_PEOPLE = 200
"""Fewer people in a light say nothing about its tail, and the general table is used."""

CHECKED_TARGETS = (0.01, 0.1)
CHECKED_SIZES = (10, 100, 500)
_REPLICATES = 400


@dataclass(frozen=True, slots=True)
class BandProbes:
    """Faces seen in one light, each compared with every photo as taken.

    ``scores`` is float32 (probes, photos), ``persons`` (probes,) says who they are of and
    ``own_photo`` (probes,) which photo each is a rendering of.
    """

    scores: Scores
    persons: People
    own_photo: NDArray[np.int64]


def measure_bands(
    observed: Observations, general: ScoreQuantiles, *, rng: np.random.Generator
) -> Mapping[LightBand, BandMeasurement]:
    """Every band in which faces were seen. Templates are the usable photos as taken."""
    gallery = np.nonzero(observed.usable(Degradation.CLEAN))[0]
    persons = observed.person_of_photo[gallery]
    measured = {}
    for band in LightBand:
        probes = _probes_in(observed, band, gallery)
        if len(probes.persons):
            measured[band] = _measure(probes, persons, observed, general, rng)
    return measured


def _probes_in(observed: Observations, band: LightBand, gallery: NDArray[np.int64]) -> BandProbes:
    """The faces of that band in any light, of people who have a photo in the gallery."""
    metric = observed.space.metric
    templates = observed.embeddings[Degradation.CLEAN][gallery]
    enrolled = np.unique(observed.person_of_photo[gallery])
    rows, own = [], []
    for light, embeddings in observed.embeddings.items():
        seen = [
            index
            for index in np.nonzero(observed.usable(light))[0].tolist()
            if light_band(float(observed.brightness[light][index])) is band
            and observed.person_of_photo[index] in enrolled
        ]
        rows.append(embeddings[seen])
        own += seen
    own_photo = np.array(own, np.int64)
    return BandProbes(
        scores=score_matrix(metric, np.concatenate(rows), templates),
        persons=observed.person_of_photo[own_photo],
        own_photo=own_photo,
    )


def _measure(
    probes: BandProbes,
    gallery_persons: People,
    observed: Observations,
    general: ScoreQuantiles,
    rng: np.random.Generator,
) -> BandMeasurement:
    people = len(np.unique(probes.persons))
    gallery = np.nonzero(observed.usable(Degradation.CLEAN))[0]
    mated = measure_mated(
        probes.scores,
        probes.persons,
        gallery_persons,
        is_template=observed.enrollable[gallery][None, :]
        & (probes.own_photo[:, None] != gallery[None, :]),
    )
    if people < FEWEST_PEOPLE:
        return BandMeasurement(people, len(probes.persons), mated=mated)
    checks = tuple(_checks(probes, gallery_persons, general, rng))
    if not any(check.differs for check in checks):
        return BandMeasurement(people, len(probes.persons), checks, mated=mated)
    return BandMeasurement(
        people,
        len(probes.persons),
        checks,
        quantiles=measure_quantiles(
            probes.scores,
            gallery_persons,
            person_of_probe=probes.persons,
            space_id=general.space_id,
            template_exponent=general.template_exponent,
            rng=rng,
        ),
        pairs=measure_pair_tail(probes.scores, probes.persons, gallery_persons),
        mated=mated,
    )


def _checks(
    probes: BandProbes,
    gallery_persons: People,
    general: ScoreQuantiles,
    rng: np.random.Generator,
) -> list[BandCheck]:
    """Strangers of the band at the general thresholds, with intervals by resampling people."""
    people = np.unique(gallery_persons)
    chosen = one_photo_each(gallery_persons, people, rng=rng)
    others = np.where(probes.persons[:, None] == people[None, :], -np.inf, probes.scores[:, chosen])
    persons, of = np.unique(probes.persons, return_inverse=True)
    weights = person_weights(len(persons), replicates=_REPLICATES, rng=rng)
    photos_each = np.bincount(of)
    checks = []
    for size in (size for size in CHECKED_SIZES if size < len(people)):
        for target in CHECKED_TARGETS:
            threshold = general.threshold(target_fpir=target, gallery_size=size)
            over = (others >= threshold).sum(1)
            chance = _chance_of_any(over, of=len(people) - 1, drawn=size)
            by_person = np.bincount(of, chance) / photos_each
            rates = (weights @ by_person) / weights.sum(1)
            low, high = np.percentile(rates[1:], [2.5, 97.5])
            numbers = (round(float(number), 4) for number in (rates[0], low, high))
            checks.append(BandCheck(target, size, *numbers))
    return checks


def _chance_of_any(over: NDArray[np.int64], *, of: int, drawn: int) -> NDArray[np.float64]:
    """The chance that at least one of ``over`` marked people is among ``drawn`` out of ``of``."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, of + 1)))])
    rest = of - over
    possible = rest >= drawn
    kept = np.where(possible, rest, drawn)
    none = log_factorial[kept] - log_factorial[kept - drawn]
    none -= log_factorial[of] - log_factorial[of - drawn]
    return np.where(possible, 1 - np.exp(none), 1.0)
