"""Darkening does what its definition says, the same each time."""

import numpy as np
import pytest

from vestibule.evaluation.lighting import Light, noise_for, under

GREY = np.full((200, 200, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("light", "mean"),
    [
        (Light.EXPOSURE, 128 * 0.25),
        (Light.GAMMA, 255 * (128 / 255) ** 3),
    ],
)
def test_mean_and_noise_are_those_of_the_definition(light: Light, mean: float) -> None:
    seen = under(light, GREY, rng=np.random.default_rng(0)).astype(float)
    assert seen.mean() == pytest.approx(mean, abs=0.1)
    assert seen.std() == pytest.approx(8, abs=0.1)


def test_values_under_black_are_clipped() -> None:
    seen = under(Light.BOTH, GREY, rng=np.random.default_rng(0)).astype(float)
    mean = 255 * 0.25 * (128 / 255) ** 3
    clipped = np.clip(mean + 8 * np.random.default_rng(1).standard_normal(100_000), 0, 255)
    assert seen.mean() == pytest.approx(clipped.mean(), abs=0.1)


def test_as_taken_is_untouched() -> None:
    assert under(Light.CLEAN, GREY, rng=np.random.default_rng(0)) is GREY


def test_noise_depends_on_photo_light_and_seed_alone() -> None:
    def noise(light: Light, key: str, seed: int) -> float:
        return float(noise_for(light, key, seed=seed).standard_normal())

    first = noise(Light.GAMMA, "ann/1.jpg", 0)
    assert noise(Light.GAMMA, "ann/1.jpg", 0) == first
    others = [noise(Light.BOTH, "ann/1.jpg", 0), noise(Light.GAMMA, "ann/2.jpg", 0)]
    assert first not in [*others, noise(Light.GAMMA, "ann/1.jpg", 1)]
