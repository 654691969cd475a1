"""Scores by light: a table of its own only where strangers fare differently there."""

from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.light_band import LightBand
from vestibule.evaluation.calibrating import calibration_from
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import LIGHTS, Degradation
from vestibule.evaluation.observation import Observations
from vestibule.evaluation.observation_files import fingerprint, load_observations, observe_once
from vestibule.evaluation.pair_scores import measure_mated, measure_pair_tail

SPACE = EmbeddingSpace("s", "open", Metric.COSINE, 24)
BRIGHTNESS = {
    Degradation.CLEAN: 120.0,
    Degradation.EXPOSURE: 32.0,
    Degradation.GAMMA: 45.0,
    Degradation.BOTH: 12.0,
}


def _observed(*, people: int, alike_in_the_dark: float) -> Observations:
    """Two photos a person; in the dark, everybody drifts towards one face by so much."""
    rng = np.random.default_rng(5)
    persons = np.repeat(np.arange(people), 2)
    own = rng.standard_normal((people, 24))[persons]
    shift = np.zeros(24)
    shift[0] = alike_in_the_dark
    embeddings = {}
    for light in LIGHTS:
        rows = own + 0.4 * rng.standard_normal(own.shape)
        rows += shift if light is Degradation.BOTH else 0
        embeddings[light] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    count = len(persons)
    return Observations(
        space=SPACE,
        people=tuple(str(n) for n in range(people)),
        person_of_photo=persons,
        embeddings=embeddings,
        refusals=dict.fromkeys(LIGHTS, (None,) * count),
        brightness={light: np.full(count, BRIGHTNESS[light], np.float32) for light in LIGHTS},
        enrollable=np.ones(count, np.bool_),
        groups=(),
        faces_in_groups=dict.fromkeys(LIGHTS, ()),
        unreadable=0,
    )


def test_light_in_which_strangers_fare_as_elsewhere_has_no_table_of_its_own():
    calibration = calibration_from("set", _observed(people=240, alike_in_the_dark=0), seed=0)

    assert set(calibration.bands) == set(LightBand)
    assert calibration.bands[LightBand.DIM].photos == 2 * 480
    assert not any(calibration.has_own_table(band) for band in LightBand)
    assert all(band.mated is not None for band in calibration.bands.values())


def test_light_in_which_strangers_look_more_alike_has_higher_thresholds():
    observed = _observed(people=240, alike_in_the_dark=2.5)
    # Templates lie towards that face too, for half of the people.
    observed.embeddings[Degradation.CLEAN][::4, 0] += 0.4
    calibration = calibration_from("set", observed, seed=0)

    assert calibration.has_own_table(LightBand.DARK)
    dark = calibration.quantiles_in(LightBand.DARK).threshold(target_fpir=0.1, gallery_size=100)
    assert dark > calibration.quantiles.threshold(target_fpir=0.1, gallery_size=100)


def test_too_few_people_in_a_light_have_no_table_of_their_own():
    calibration = calibration_from("set", _observed(people=100, alike_in_the_dark=2.5), seed=0)

    assert not any(calibration.has_own_table(band) for band in LightBand)
    assert calibration.bands[LightBand.DARK].checks == ()


def test_every_pair_of_people_weighs_the_same_in_the_tail():
    """One person with a hundred photos, all near to one other person, is one pair of people."""
    rng = np.random.default_rng(0)
    persons = np.concatenate([np.arange(60), np.full(100, 60)])
    scores = rng.uniform(0, 0.4, (160, 160))
    scores[60:, 0] = scores[0, 60:] = 0.9

    tail = measure_pair_tail(scores.astype(np.float32), persons, persons)

    assert tail is not None
    assert tail.scores[-1] < 0.5
    assert tail.smallest_rate * 61 * 60 / 2 >= 10


def test_mated_quantiles_leave_out_a_probes_own_photo():
    persons = np.repeat(np.arange(30), 2)
    scores = np.where(np.eye(60, dtype=bool), 1.0, 0.6).astype(np.float32)

    mated = measure_mated(scores, persons, persons, is_template=~np.eye(60, dtype=bool))

    assert mated is not None
    assert set(mated.scores) == {0.6}


def test_observations_come_back_from_their_file_and_only_for_the_same_photos(
    write_set, engine, codec, tmp_path: Path
):
    path = tmp_path / "seen.npz"
    dataset = read_dataset(write_set(6, 2))
    first = observe_once(path, dataset, engine, codec, seed=0)

    class Blind:
        space = engine.space

    again = observe_once(path, dataset, Blind(), codec, seed=0)  # nothing is looked at again

    assert again.people == first.people
    assert again.refusals == first.refusals
    for light in LIGHTS:
        np.testing.assert_array_equal(again.embeddings[light], first.embeddings[light])
        np.testing.assert_array_equal(again.brightness[light], first.brightness[light])
    assert load_observations(path, key=fingerprint(dataset, engine.space, seed=1)) is None


def test_a_file_that_holds_no_observations_is_refused(tmp_path: Path):
    path = tmp_path / "seen.npz"
    path.write_text("letter")

    with pytest.raises(InvalidInputError):
        load_observations(path, key="any")
