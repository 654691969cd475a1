"""A calibration from photos: honest about what it was measured on, the same each time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.calibrating import calibrate
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.quantile_tables import gallery_sizes_up_to, measure_quantiles
from vestibule.evaluation.top_scores import rate_at, stranger_rates
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]


def test_the_same_photos_and_seed_give_the_same_calibration(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    dataset = read_dataset(write_set(40, 3))
    first = calibrate(dataset, engine, codec, seed=3)
    assert calibrate(dataset, engine, codec, seed=3) == first
    assert first.quantiles.space_id == engine.space.id
    assert (first.measured_on.people, first.measured_on.photos) == (40, 80)
    assert first.measured_on.mated_pairs == 20 * 3
    assert first.measured_on.non_mated_pairs == 80 * 79 // 2 - 60
    assert (first.seed, first.command) == (3, "VESTIBULE_PACK=pattern vestibule calibrate venue")


def test_only_targets_that_several_people_decide_are_measured(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    quantiles = calibrate(read_dataset(write_set(40, 2)), engine, codec).quantiles
    assert quantiles.target_fpirs == (0.1, 0.2, 0.3, 0.5)
    assert quantiles.gallery_sizes == (1, 2, 5, 10, 20, 39)


def test_too_few_people_are_refused(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    with pytest.raises(InvalidInputError):
        calibrate(read_dataset(write_set(19, 2)), engine, codec)


def test_thresholds_give_their_target_on_other_people() -> None:
    """Embeddings of independent people: what is measured on some must hold for the others."""

    def scores_of(seed: int) -> np.ndarray:
        rows = np.random.default_rng(seed).standard_normal((400, 16)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows @ rows.T

    persons = np.arange(400)
    quantiles = measure_quantiles(
        scores_of(1), persons, space_id="s", template_exponent=1.0, rng=np.random.default_rng(0)
    )
    unseen = stranger_rates(
        scores_of(2), persons, gallery_sizes=[50], draws=1, rng=np.random.default_rng(0)
    )[0]
    threshold = quantiles.threshold(target_fpir=0.05, gallery_size=50)
    assert 0.025 < rate_at(unseen, threshold) < 0.1


def test_gallery_sizes_go_up_to_all_other_people() -> None:
    assert gallery_sizes_up_to(1401) == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1401]
    assert gallery_sizes_up_to(1) == [1]
