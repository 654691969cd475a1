"""Faces are cut out where the landmarks say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.adapters.onnx_engine import alignment
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet

TEMPLATE = MobileFaceNet.template


def placed(scale: float, turn: float, x: float, y: float) -> np.ndarray:
    """The template's landmarks as a photo would show them."""
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (TEMPLATE @ (scale * rotation).T + (x, y)).astype(np.float32)


@given(
    scale=st.floats(0.1, 20),
    turn=st.floats(-3, 3),
    x=st.floats(-1000, 1000),
    y=st.floats(-1000, 1000),
)
def test_a_moved_turned_and_scaled_template_is_brought_back(
    scale: float, turn: float, x: float, y: float
) -> None:
    landmarks = placed(scale, turn, x, y)
    matrix = alignment.similarity_to(TEMPLATE, landmarks)
    back = landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(back - TEMPLATE).max() < 0.05
    assert alignment.scale_of(matrix) == pytest.approx(1 / scale, rel=1e-2)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = TEMPLATE * np.array([-1, 1], np.float32)
    matrix = alignment.similarity_to(TEMPLATE, mirrored)
    assert np.linalg.det(matrix[:, :2]) >= 0


def test_landmarks_in_one_point_do_not_break_the_cut() -> None:
    image = np.full((50, 60, 3), 90, np.uint8)
    matrix = alignment.similarity_to(TEMPLATE, np.full((5, 2), 20, np.float32))
    shrunk, matrix = alignment.shrunk_for_warp(image, matrix)
    assert alignment.warp(shrunk, matrix, side_px=112).shape == (112, 112, 3)


@pytest.mark.parametrize("scale", [2.5, 5.3, 11.0])
def test_shrinking_first_moves_nothing(scale: float) -> None:
    """A soft spot on the nose stays on the template's nose through odd sizes and halvings."""
    size = int(130 * scale) | 1
    landmarks = placed(scale, 0.2, 14 * scale, -3 * scale)
    ys, xs = np.mgrid[:size, :size]
    nose = landmarks[2]
    spot = 255 * np.exp(-((xs - nose[0]) ** 2 + (ys - nose[1]) ** 2) / (2 * (4 * scale) ** 2))
    image = np.repeat(spot[..., None], 3, axis=2).astype(np.uint8)
    shrunk, matrix = alignment.shrunk_for_warp(image, alignment.similarity_to(TEMPLATE, landmarks))
    assert alignment.scale_of(matrix) >= 0.5
    chip = alignment.warp(shrunk, matrix, side_px=112)[..., 0].astype(float)
    rows, columns = np.mgrid[:112, :112]
    centre = (chip * columns).sum() / chip.sum(), (chip * rows).sum() / chip.sum()
    assert centre == pytest.approx(TEMPLATE[2], abs=0.15)


def test_a_shrunk_chip_averages_instead_of_skipping() -> None:
    """Fine noise must be averaged away, not sampled."""
    noise = np.random.default_rng(0).integers(0, 255, (1200, 1200, 3), dtype=np.uint8)
    matrix = alignment.similarity_to(TEMPLATE, placed(8, 0, 100, 100))
    shrunk, matrix = alignment.shrunk_for_warp(noise, matrix)
    assert alignment.warp(shrunk, matrix, side_px=112).std() < 20
