"""Faces are darkened at random, and the same way in every run."""

import numpy as np

from training.darkening import BROAD, DARK, Darkness, darkened, draw_darkness, jittered

GREY = np.full((80, 80, 3), 128, np.uint8)


def test_the_same_draw_darkens_the_same_way() -> None:
    first = darkened(GREY, np.random.default_rng(7), mix=BROAD)
    assert np.array_equal(first, darkened(GREY, np.random.default_rng(7), mix=BROAD))
    assert not np.array_equal(first, darkened(GREY, np.random.default_rng(8), mix=BROAD))


def test_lights_that_evaluation_measures_in_are_drawn_among_others() -> None:
    drawn = [draw_darkness(np.random.default_rng(seed), BROAD) for seed in range(600)]
    for measured in (Darkness(0.25, 1, 8), Darkness(1.0, 3, 8), Darkness(0.25, 3, 8)):
        assert 40 < drawn.count(measured) < 180
    assert len(set(drawn)) > 200


def test_nothing_is_drawn_brighter_or_far_darker_than_a_club() -> None:
    drawn = [draw_darkness(np.random.default_rng(seed), BROAD) for seed in range(600)]
    assert all(0.12 <= light.gain <= 1 and 1 <= light.power <= 3.3 for light in drawn)
    assert all(0 <= light.noise_levels <= 10 for light in drawn)


def test_darkening_leaves_the_source_as_it_was() -> None:
    source = GREY.copy()
    darkened(source, np.random.default_rng(0), mix=DARK)
    assert np.array_equal(source, GREY)


def test_jitter_grows_with_the_face() -> None:
    face = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
    moved = [
        np.abs(jittered(face * size, np.random.default_rng(3)) - face * size).mean()
        for size in (1, 10)
    ]
    assert 0.2 < moved[0] < 3
    assert np.isclose(moved[1], 10 * moved[0], rtol=1e-3)
