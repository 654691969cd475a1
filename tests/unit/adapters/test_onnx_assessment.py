"""What is measured on a face, on patterns whose answer is known."""

import cv2
import numpy as np
import pytest

from vestibule.adapters.onnx_engine.assessment import assess_face
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet
from vestibule.domain.faces import DetectedFace, RgbImage


def face_at(landmarks: np.ndarray) -> DetectedFace:
    return DetectedFace((0.0, 0.0, 112.0, 112.0), landmarks.astype(np.float32), 0.9)


FRONTAL = face_at(MobileFaceNet.template)


def texture(*, blur: float = 0.0, light: float = 1.0, noise: float = 0.0) -> RgbImage:
    """Contrast at every scale, as a face has: noise of many octaves added up."""
    rng = np.random.default_rng(3)
    image = np.full((112, 112), 128.0, np.float32)
    for side in (7, 14, 28, 56, 112):
        octave = rng.normal(0, 160 / side**0.5, (side, side)).astype(np.float32)
        image += cv2.resize(octave, (112, 112), interpolation=cv2.INTER_CUBIC)
    if blur:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    rgb = np.repeat(np.clip(image, 0, 255)[..., None], 3, axis=2) * light
    if noise:
        rgb = rgb + rng.normal(0, noise, rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def sharpness(image: RgbImage) -> float:
    return assess_face(image, FRONTAL).sharpness


def test_blur_lowers_sharpness_step_by_step() -> None:
    steps = [sharpness(texture(blur=sigma)) for sigma in (0, 1, 2, 4, 6)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < steps[0] / 4


def test_less_light_does_not_change_sharpness() -> None:
    assert sharpness(texture(light=0.4)) == pytest.approx(sharpness(texture()), rel=0.1)


def test_a_sensors_noise_does_not_make_a_blurred_face_sharp() -> None:
    """Without the correction, noise of this size would pass for detail."""
    assert sharpness(texture(blur=4, light=0.5, noise=6)) < 2 * sharpness(texture(blur=4))


def test_a_flat_region_has_no_sharpness() -> None:
    assert sharpness(np.full((112, 112, 3), 90, np.uint8)) == 0


def test_eye_distance_and_brightness_are_in_source_units() -> None:
    twice = cv2.resize(texture(), None, fx=2, fy=2)
    quality = assess_face(twice, face_at(MobileFaceNet.template * 2))
    assert quality.eye_distance_px == pytest.approx(70.5, abs=0.1)
    assert quality.brightness == pytest.approx(float(twice.mean()), abs=20)


@pytest.mark.parametrize(("nose_shift", "turn"), [(0.0, 0.0), (0.5, 1.0), (-0.5, 1.0)])
def test_turn_is_one_when_the_nose_stands_over_an_eye(nose_shift: float, turn: float) -> None:
    landmarks = np.array([(40, 50), (70, 50), (55, 70), (43, 90), (67, 90)], np.float32)
    landmarks[2, 0] += nose_shift * 30
    assert assess_face(texture(), face_at(landmarks)).turn == pytest.approx(turn, abs=1e-5)


def test_tilting_the_head_is_not_turning_it() -> None:
    tilted = MobileFaceNet.template[:, ::-1] * (1, -1) + (0, 112)
    assert assess_face(texture(), face_at(tilted)).turn < 0.05


def test_eyes_in_one_point_count_as_fully_turned() -> None:
    quality = assess_face(texture(), face_at(np.full((5, 2), 50, np.float32)))
    assert quality.turn == 10
    assert quality.eye_distance_px == 0
