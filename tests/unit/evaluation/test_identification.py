"""Open-set rates on scores whose rates are known."""

import numpy as np
import pytest

from vestibule.domain.calibration import Calibration, ScoreQuantiles
from vestibule.domain.light_band import LightBand
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.identification import (
    Experiment,
    IdentificationRates,
    Terms,
    identification_rates,
)
from vestibule.evaluation.intervals import person_weights

ENROLLED, STRANGERS = 50, 200
PERSONS = np.concatenate([np.repeat(np.arange(ENROLLED), 2), ENROLLED + np.arange(STRANGERS)])
CALIBRATION = ScoreQuantiles("s", (1, 100), (0.01, 0.1), ((0.3, 0.2), (0.5, 0.4)))


def rates_for(
    scores: np.ndarray, calibration: Calibration | None = CALIBRATION
) -> IdentificationRates:
    people = ENROLLED + STRANGERS
    weights = person_weights(people, replicates=50, rng=np.random.default_rng(0))
    return identification_rates(
        Degradation.CLEAN,
        scores.astype(np.float32),
        PERSONS,
        enrollable=np.ones(len(PERSONS), bool),
        experiment=Experiment(gallery_size=ENROLLED, draws=3),
        terms=Terms(calibration, 0.01, 0.1, weights, seed=0),
    )


def same_person() -> np.ndarray:
    return PERSONS[:, None] == PERSONS[None, :]


def test_people_who_differ_clearly_are_never_missed() -> None:
    rates = rates_for(np.where(same_person(), 0.9, 0.1))
    assert rates.rank_1.value == 1
    assert all(point.fnir.value == 0 for point in (*rates.best_possible, *rates.shipped))
    assert all(point.fpir.value == 0 for point in rates.shipped)
    assert (rates.mated_probes, rates.stranger_probes) == (ENROLLED, STRANGERS)


def test_the_best_possible_threshold_keeps_to_its_rate_and_wastes_little() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (len(PERSONS), len(PERSONS)))
    for point in rates_for(noise + 0.3 * same_person()).best_possible:
        assert point.fpir.value is not None
        assert point.target_fpir - 1.01 / STRANGERS <= point.fpir.value <= point.target_fpir


def test_shipped_thresholds_are_those_of_the_gallery_and_measured_as_they_are() -> None:
    scores = np.where(same_person(), 0.42, 0.1)
    match, review = rates_for(scores).shipped
    assert match.threshold == pytest.approx(
        CALIBRATION.threshold(target_fpir=0.01, gallery_size=ENROLLED), abs=1e-4
    )
    assert match.fnir.value == 1
    assert review.fnir.value == 0


def test_a_score_at_the_threshold_counts_as_a_match() -> None:
    threshold = CALIBRATION.threshold(target_fpir=0.01, gallery_size=ENROLLED)
    exactly = np.nextafter(np.float32(threshold), np.float32(1))
    match = rates_for(np.where(same_person(), exactly, exactly - 0.01)).shipped[0]
    assert (match.fpir.value, match.fnir.value) == (0, 0)


def test_without_a_calibration_there_are_no_shipped_thresholds() -> None:
    assert rates_for(np.where(same_person(), 0.9, 0.1), calibration=None).shipped == ()


def test_a_probe_without_a_face_is_missed_at_every_threshold() -> None:
    scores = np.full((len(PERSONS), len(PERSONS)), -np.inf)
    rates = rates_for(scores)
    assert rates.rank_1.value == 0
    assert all(point.fnir.value == 1 for point in (*rates.best_possible, *rates.shipped))


def test_a_dark_face_is_held_to_the_threshold_of_its_light() -> None:
    scores = np.where(same_person(), 0.3, 0.1)
    brightness = np.where(PERSONS % 2 == 0, 10.0, 120.0).astype(np.float32)
    people = ENROLLED + STRANGERS
    dark = ScoreQuantiles("s", (1, 100), (0.01, 0.1), ((0.1, 0.05), (0.25, 0.2)))
    terms = Terms(
        CALIBRATION,
        0.01,
        0.1,
        person_weights(people, replicates=20, rng=np.random.default_rng(0)),
        seed=0,
        bands={LightBand.DARK: dark},
    )
    rates = identification_rates(
        Degradation.BOTH,
        scores.astype(np.float32),
        PERSONS,
        enrollable=np.ones(len(PERSONS), bool),
        experiment=Experiment(gallery_size=ENROLLED, draws=3),
        terms=terms,
        brightness=brightness,
    )
    assert rates.shipped[0].fnir.value == 0.5
    assert rates.shipped[0].fpir.value == 0
