"""Held-out rates."""

import numpy as np

from vestibule.evaluation.generalisation import held_out_rates


def test_thresholds_of_like_people_hold_on_the_others() -> None:
    rows = np.random.default_rng(0).standard_normal((400, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rates = held_out_rates(rows @ rows.T, np.arange(400), target_fpirs=(0.1,), seed=0)
    assert [rate.gallery_size for rate in rates] == [10, 50, 100]
    for rate in rates:
        assert rate.lowest_fpir <= rate.mean_fpir <= rate.highest_fpir
        assert 0.05 < rate.mean_fpir < 0.2


def test_a_small_set_is_not_split() -> None:
    assert held_out_rates(np.eye(50), np.arange(50), target_fpirs=(0.1,), seed=0) == ()
