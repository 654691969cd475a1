"""Each degradation does what its formula says, the same each time."""

import hashlib

import numpy as np
import pytest

from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.evaluation.degradations import (
    LAMPS_RGB,
    SINGLE,
    Degradation,
    Degraded,
    degrade,
    motion_blurred,
    noise_for,
)

GREY = np.full((200, 300, 3), 128, np.uint8)
SCENE = np.random.default_rng(7).integers(0, 256, (200, 300, 3)).astype(np.uint8)
LANDMARKS = np.array([[130, 80], [170, 80], [150, 100], [135, 120], [165, 120]], np.float32)
FACE = DetectedFace((110.0, 50.0, 190.0, 150.0), LANDMARKS, 0.9)


def seen(kind: Degradation, image: RgbImage = SCENE, *, seed: int = 0) -> RgbImage:
    rng = noise_for(kind, "ann/1.jpg", seed=seed)
    return degrade(kind, image, faces=[FACE], rng=rng).image


@pytest.mark.parametrize(
    ("kind", "mean"),
    [
        (Degradation.EXPOSURE, 128 * 0.25),
        (Degradation.GAMMA, 255 * (128 / 255) ** 3),
    ],
)
def test_mean_and_noise_are_those_of_the_definition(kind: Degradation, mean: float) -> None:
    darkened = seen(kind, GREY).astype(float)
    assert darkened.mean() == pytest.approx(mean, abs=0.1)
    assert darkened.std() == pytest.approx(8, abs=0.1)


def test_values_under_black_are_clipped() -> None:
    mean = 255 * 0.25 * (128 / 255) ** 3
    clipped = np.clip(mean + 8 * np.random.default_rng(1).standard_normal(100_000), 0, 255)
    assert seen(Degradation.BOTH, GREY).mean() == pytest.approx(clipped.mean(), abs=0.1)


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        (Degradation.EXPOSURE, "3ef614c4ef7a206f"),
        (Degradation.GAMMA, "fb0e877bd71f6551"),
        (Degradation.BOTH, "f74a78c24c647013"),
    ],
)
def test_pixels_of_the_published_lights_do_not_change(kind: Degradation, digest: str) -> None:
    assert hashlib.sha256(seen(kind).tobytes()).hexdigest()[:16] == digest


def test_as_taken_is_untouched() -> None:
    assert seen(Degradation.CLEAN) is SCENE


@pytest.mark.parametrize("kind", [*SINGLE, Degradation.BOTH])
def test_same_photo_and_seed_give_the_same_pixels_and_leave_the_source(kind: Degradation) -> None:
    before = SCENE.copy()
    once = seen(kind)
    assert once.dtype == np.uint8
    assert np.array_equal(once, seen(kind))
    assert np.array_equal(SCENE, before)
    assert once.shape != SCENE.shape or not np.array_equal(once, SCENE)


@pytest.mark.parametrize("kind", [kind for kind in SINGLE if kind not in ("jpeg", "small_faces")])
def test_another_seed_gives_other_pixels(kind: Degradation) -> None:
    # What is drawn from few choices may fall alike once; not five times.
    assert any(not np.array_equal(seen(kind), seen(kind, seed=seed)) for seed in range(1, 6))


@pytest.mark.parametrize("kind", [kind for kind in Degradation if kind != "small_faces"])
def test_geometry_stays(kind: Degradation) -> None:
    rng = noise_for(kind, "ann/1.jpg", seed=0)
    degraded = degrade(kind, SCENE, faces=[FACE], rng=rng)
    assert degraded.image.shape == SCENE.shape
    assert degraded.place_of(FACE) == FACE


def test_draws_depend_on_photo_kind_and_seed_alone() -> None:
    def noise(kind: Degradation, key: str, seed: int) -> float:
        return float(noise_for(kind, key, seed=seed).standard_normal())

    first = noise(Degradation.GAMMA, "ann/1.jpg", 0)
    assert noise(Degradation.GAMMA, "ann/1.jpg", 0) == first
    others = [noise(Degradation.BOTH, "ann/1.jpg", 0), noise(Degradation.GAMMA, "ann/2.jpg", 0)]
    assert first not in [*others, noise(Degradation.GAMMA, "ann/1.jpg", 1)]


def test_noise_has_its_strength_and_keeps_the_mean() -> None:
    noisy = seen(Degradation.NOISE, GREY).astype(float)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
    assert noisy.std() == pytest.approx(24, abs=0.3)


def test_motion_blur_spreads_a_point_along_a_line_of_its_length() -> None:
    image = np.zeros((101, 101, 3), np.uint8)
    image[50, 50] = 255
    blurred = motion_blurred(image, length_px=21, rng=np.random.default_rng(3))[..., 0]
    rows, columns = np.nonzero(blurred)
    assert np.hypot(np.ptp(rows), np.ptp(columns)) == pytest.approx(20, abs=1.5)
    assert len(rows) < 45
    assert blurred.astype(float).sum() == pytest.approx(255, rel=0.1)


def test_stage_light_has_two_colours_and_leaves_no_white() -> None:
    white = np.full((60, 300, 3), 255, np.uint8)
    lit = seen(Degradation.STAGE_LIGHT, white).astype(float) / 255
    left, right = lit[:, :3].mean((0, 1)), lit[:, -3:].mean((0, 1))
    lamps = 0.8 * np.array(LAMPS_RGB)
    nearest = [int(np.abs(lamps - edge).sum(1).argmin()) for edge in (left, right)]
    assert nearest[0] != nearest[1]
    assert np.abs(lamps[nearest] - [left, right]).max() < 0.03


def test_infrared_is_grey_and_falls_from_the_middle() -> None:
    image = seen(Degradation.INFRARED, GREY)
    assert np.array_equal(image[..., 0], image[..., 1])
    assert np.array_equal(image[..., 0], image[..., 2])
    middle, corner = image[90:110, 140:160].mean(), image[:6, :6].mean()
    assert middle == pytest.approx(255 * (128 / 255) ** 0.7, abs=2)
    assert corner == pytest.approx(middle * 0.4, rel=0.1)


def test_backlight_darkens_below_and_veils_above() -> None:
    image = seen(Degradation.BACKLIGHT, GREY).astype(float)
    across = np.convolve(image[:8].mean((0, 2)), np.ones(21) / 21, mode="valid")
    assert across.max() == pytest.approx(255 * 0.6 + 0.3 * 128, abs=3)
    assert 0.2 * 300 - 25 < across.argmax() + 10 < 0.8 * 300 + 25
    assert image[-5:].mean() < image[:5].mean()


def test_jpeg_leaves_blocks() -> None:
    smooth = np.repeat(np.linspace(0, 255, 320, dtype=np.uint8)[None, :, None], 160, 0)
    ramp = np.repeat(smooth, 3, axis=2)
    steps = np.abs(np.diff(seen(Degradation.JPEG, ramp)[80, :, 1].astype(int)))
    assert steps[7::8].mean() > 2 * np.delete(steps, np.s_[7::8]).mean()


def test_small_faces_are_32_pixels_wide_and_say_where_they_are() -> None:
    degraded = degrade(Degradation.SMALL_FACES, SCENE, faces=[FACE], rng=np.random.default_rng(0))
    there = degraded.place_of(FACE)
    assert degraded.image.shape == (80, 120, 3)
    assert there.width_px == pytest.approx(32)
    assert there.landmarks_xy_px[2].tolist() == pytest.approx([60, 40])


def test_faces_that_are_small_already_are_not_enlarged() -> None:
    tiny = DetectedFace((10.0, 10.0, 30.0, 35.0), LANDMARKS, 0.9)
    for faces in ([tiny], []):
        degraded = degrade(
            Degradation.SMALL_FACES, SCENE, faces=faces, rng=np.random.default_rng(0)
        )
        assert degraded == Degraded(SCENE, 1.0)


def test_a_mask_covers_mouth_and_nose_and_leaves_eyes_and_hair() -> None:
    worn = seen(Degradation.MASKS)
    changed = (worn != SCENE).any(2)
    for x, y in LANDMARKS[2:].astype(int):
        assert changed[y - 3 : y + 4, x - 3 : x + 4].mean() > 0.9
    for x, y in LANDMARKS[:2].astype(int):
        assert not changed[y - 5 : y + 6, x - 5 : x + 6].any()
    assert not changed[:75].any()


def test_everybody_known_wears_a_mask_also_at_the_edge() -> None:
    other = FACE.shifted(-140, 90)
    worn = degrade(
        Degradation.MASKS, SCENE, faces=[FACE, other], rng=np.random.default_rng(0)
    ).image
    changed = (worn != SCENE).any(2)
    assert changed[100, 150]
    assert changed[190, 10]


def test_a_face_in_profile_wears_a_whole_mask() -> None:
    turned = LANDMARKS.copy()
    turned[:, 0] = 150
    worn = degrade(
        Degradation.MASKS,
        SCENE,
        faces=[DetectedFace(FACE.box_xyxy_px, turned, 0.9)],
        rng=np.random.default_rng(0),
    ).image
    assert np.ptp(np.nonzero((worn != SCENE).any(2))[1]) > 20
