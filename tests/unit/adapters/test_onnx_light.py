"""The low-light step: dark faces are lifted, others are not touched."""

import numpy as np

from vestibule.adapters.onnx_engine.light import (
    LowLight,
    brightened,
    lifted,
    prepared,
    version_of,
)
from vestibule.domain.faces import RgbImage


def face_like(level: float, *, noise: float = 0.0) -> RgbImage:
    """A bright disc with dark spots on a darker ground, ``level`` of full light."""
    rows, columns = np.mgrid[:96, :96]
    image = np.where(np.hypot(rows - 48, columns - 48) < 40, 200.0, 80.0)
    for x in (34, 62):
        image[np.hypot(rows - 40, columns - x) < 5] = 30
    rgb = np.repeat(image[..., None], 3, axis=2) * level
    rgb += np.random.default_rng(0).normal(0, max(noise, 1e-9), rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def test_a_well_lit_face_is_left_as_it_is() -> None:
    image = face_like(1.0)
    assert brightened(image) is image


def test_a_dark_face_comes_out_lit() -> None:
    lifted = brightened(face_like(0.2))
    assert 80 < lifted.mean() < 140
    assert lifted.max() > 180


def test_noise_is_taken_down_against_the_contrast() -> None:
    noisy = face_like(0.25, noise=8)
    lifted = brightened(noisy)
    cheek, eye = np.s_[60:75, 40:56], np.s_[38:43, 32:37]

    def contrast_to_noise(image: RgbImage) -> float:
        return float((image[cheek].mean() - image[eye].mean()) / image[cheek].std())

    assert contrast_to_noise(lifted) > 1.5 * contrast_to_noise(noisy)


def test_black_and_tiny_regions_do_no_harm() -> None:
    assert brightened(np.zeros((40, 30, 3), np.uint8)).max() == 0
    assert brightened(np.full((1, 1, 3), 9, np.uint8)).shape == (1, 1, 3)


def test_lifting_alone_changes_levels_and_leaves_the_noise() -> None:
    noisy = face_like(0.25, noise=8)
    result = lifted(noisy)
    assert 80 < result.mean() < 140
    by_level = {level: np.unique(result[noisy == level]) for level in np.unique(noisy)}
    assert all(len(levels) == 1 for levels in by_level.values())


def test_each_step_has_its_own_name_in_the_space() -> None:
    assert len({version_of(step) for step in LowLight}) == len(LowLight)


def test_the_step_decides_what_the_embedder_sees() -> None:
    dark = face_like(0.25, noise=8)
    assert prepared(dark, LowLight.OFF) is dark
    assert np.array_equal(prepared(dark, LowLight.ON), brightened(dark))
    assert np.array_equal(prepared(dark, LowLight.LIFTED), lifted(dark))
