"""What an enrolment measures, on a drawn face whose every part is known."""

import cv2
import numpy as np
import pytest

from vestibule.adapters.onnx_engine.inspection import inspect_face
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.quality import FaceInspection

SIDE_PX = 224
SKINS = {"light": (226, 172, 140), "dark": (98, 62, 46)}
LANDMARKS = MobileFaceNet.template * 2
LIPS_ROW = 184
EYES = ((77, 103), (147, 103))


def drawn(skin: tuple[int, int, int] = SKINS["light"]) -> RgbImage:
    """A head with brows, eyes, nose and lips where the aligned chip has them."""
    image = np.full((SIDE_PX, SIDE_PX, 3), (70, 80, 96), np.uint8)
    cv2.ellipse(image, (112, 120), (92, 118), 0, 0, 360, skin, -1)
    shade = tuple(int(0.6 * level) for level in skin)
    lips = (min(skin[0] + 10, 255), int(0.55 * skin[1]), int(0.6 * skin[2]))
    for x, y in EYES:
        cv2.ellipse(image, (x, y), (16, 8), 0, 0, 360, (238, 236, 232), -1)
        cv2.circle(image, (x, y), 7, (34, 26, 22), -1)
        cv2.ellipse(image, (x, y - 20), (20, 4), 0, 0, 360, (40, 30, 26), -1)
    cv2.ellipse(image, (112, 146), (12, 6), 0, 0, 360, shade, -1)
    cv2.ellipse(image, (112, LIPS_ROW), (30, 9), 0, 0, 360, lips, -1)
    cv2.line(image, (84, LIPS_ROW), (140, LIPS_ROW), (60, 20, 24), 2)
    return cv2.GaussianBlur(image, (0, 0), 1.0)


def inspect(image: RgbImage, landmarks: np.ndarray = LANDMARKS) -> FaceInspection:
    face = DetectedFace((32.0, 20.0, 192.0, 216.0), landmarks.astype(np.float32), 0.9)
    return inspect_face(image, face)


def with_patch(image: RgbImage, rows: slice, columns: slice, colour: tuple[int, ...]) -> RgbImage:
    covered = image.copy()
    covered[rows, columns] = colour
    return covered


@pytest.mark.parametrize("skin", SKINS)
def test_a_bare_face_shows_mouth_and_eyes_on_any_skin(skin: str) -> None:
    inspection = inspect(drawn(SKINS[skin]))
    assert inspection.mouth_shown > 1
    assert inspection.eyes_shown > 1


@pytest.mark.parametrize("skin", SKINS)
@pytest.mark.parametrize("mask", [(232, 234, 238), (150, 190, 215), (24, 24, 28)])
def test_a_mask_hides_the_mouth_and_not_the_eyes(skin: str, mask: tuple[int, ...]) -> None:
    inspection = inspect(with_patch(drawn(SKINS[skin]), slice(134, 224), slice(20, 204), mask))
    assert inspection.mouth_shown < 0.95
    assert inspection.eyes_shown > 1


def test_a_hand_in_the_skins_own_colour_hides_the_mouth() -> None:
    bare = drawn()
    covered = with_patch(bare, slice(160, 214), slice(40, 184), (210, 160, 130))
    assert inspect(covered).mouth_shown < 0.95


def test_dark_glasses_hide_the_eyes_and_not_the_mouth() -> None:
    worn = with_patch(drawn(), slice(86, 130), slice(44, 180), (22, 22, 26))
    inspection = inspect(worn)
    assert inspection.eyes_shown < 0.95
    assert inspection.mouth_shown > 1


@pytest.mark.parametrize("eye", EYES)
def test_one_hidden_eye_is_enough(eye: tuple[int, int]) -> None:
    x, y = eye
    covered = with_patch(drawn(), slice(y - 26, y + 18), slice(x - 30, x + 30), (214, 160, 128))
    assert inspect(covered).eyes_shown < 0.95


def test_a_photo_without_colour_is_not_asked_for_red_lips() -> None:
    grey = cv2.cvtColor(cv2.cvtColor(drawn(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert inspect(grey).mouth_shown > 1


def test_light_does_not_change_what_is_covered() -> None:
    dim = (drawn() * 0.5).astype(np.uint8)
    assert inspect(dim).mouth_shown > 1
    assert inspect(dim).eyes_shown > 1


def test_a_face_at_the_edge_is_partly_invisible() -> None:
    whole = inspect(drawn())
    assert whole.visible_share == 1
    cut = inspect(np.ascontiguousarray(drawn()[:, 84:]), LANDMARKS - (84, 0))
    assert 0.6 < cut.visible_share < 0.85


def test_roll_is_the_angle_of_the_eye_line() -> None:
    angle = np.radians(40)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    rolled = (LANDMARKS - 112) @ turn + 112
    assert inspect(drawn(), rolled).roll_degrees == pytest.approx(40, abs=0.5)


def test_a_raised_head_brings_the_nose_to_the_eyes() -> None:
    raised, lowered = LANDMARKS.copy(), LANDMARKS.copy()
    raised[2, 1] -= 16
    lowered[2, 1] += 16
    pitches = [inspect(drawn(), points).pitch for points in (raised, LANDMARKS, lowered)]
    assert pitches == sorted(pitches)
    assert pitches[1] == pytest.approx(0.5, abs=0.05)


def test_clipping_is_counted() -> None:
    bright = np.clip(drawn().astype(np.int16) * 2, 0, 255).astype(np.uint8)
    assert inspect(drawn()).clipped_share < 0.05
    assert inspect(bright).clipped_share > 0.5


def test_noise_is_measured_over_the_features() -> None:
    noisy = drawn() + np.random.default_rng(0).normal(0, 20, (SIDE_PX, SIDE_PX, 3))
    assert inspect(np.clip(noisy, 0, 255).astype(np.uint8)).noise > 5 * inspect(drawn()).noise


@pytest.mark.parametrize("offset", [0, 3])
def test_blocks_are_found_wherever_their_grid_begins(offset: int) -> None:
    rng = np.random.default_rng(1)
    image = np.clip(drawn() + rng.normal(0, 6, (SIDE_PX, SIDE_PX, 3)), 0, 255).astype(np.uint8)
    written = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 5])[1]
    blocky = np.ascontiguousarray(cv2.imdecode(written, cv2.IMREAD_COLOR)[:, offset:])
    assert inspect(image).blockiness < 1.5
    assert inspect(blocky, LANDMARKS - (offset, 0)).blockiness > 2


def test_landmarks_in_one_point_are_measured_without_fault() -> None:
    inspection = inspect(drawn(), np.full((5, 2), 60.0))
    assert inspection.pitch == 10
    assert inspection.quality.turn == 10
