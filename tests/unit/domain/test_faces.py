"""Boxes: what a crop shows, and how far two overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.faces import crop_around, crop_window, overlap

boxes = st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(1, 100), st.floats(1, 100)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes, boxes)
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == pytest.approx(overlap(other, one))


def test_box_overlaps_itself_wholly_half_a_box_a_third_and_a_neighbour_not_at_all():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 20, 10)) == 0


@given(boxes)
def test_window_says_what_the_crop_shows(box):
    image = np.zeros((120, 160, 3), np.uint8)

    left, top, right, bottom = crop_window(box, width_px=160, height_px=120, widen=1.6)

    assert crop_around(image, box, widen=1.6).shape[:2] == (bottom - top, right - left)
