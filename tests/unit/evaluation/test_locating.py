"""Boxes and the faces they lie on."""

import numpy as np
import pytest

from vestibule.domain.faces import Box, DetectedFace
from vestibule.domain.quality import FaceQuality
from vestibule.evaluation.degradations import Degraded
from vestibule.evaluation.locating import Place, locate, matched, overlap

QUALITY = FaceQuality(40.0, 1.0, 0.1, 100.0)
IMAGE = np.zeros((100, 100, 3), np.uint8)


def face(box: Box, score: float = 0.9) -> DetectedFace:
    return DetectedFace(box, np.zeros((5, 2), np.float32), score)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def test_a_face_takes_one_box_the_nearest() -> None:
    boxes: list[Box] = [(2, 0, 12, 10), (0, 0, 10, 10), (40, 40, 50, 50)]
    assert matched(boxes, [(0, 0, 10, 10)]) == [None, 0, None]


def test_a_box_beside_a_face_is_wrong_and_the_face_is_missed() -> None:
    known = [face((0, 0, 10, 10))]
    place = locate(
        [face((6, 0, 16, 10))], known, meant=0, degraded=Degraded(IMAGE), quality=QUALITY
    )
    assert (place.was_found, place.right, place.wrong) == (False, 0, 1)


def test_a_box_on_a_doubtful_face_counts_neither_way() -> None:
    known = [face((0, 0, 10, 10)), face((50, 50, 60, 60), score=0.4)]
    place = locate(known, known, meant=0, degraded=Degraded(IMAGE), quality=QUALITY)
    assert place == Place(True, 1, 0, 40.0, 0.1, 100.0)


def test_places_move_with_the_scale_of_the_degradation() -> None:
    known = [face((20, 20, 60, 60))]
    degraded = Degraded(IMAGE[:50, :50], scale=0.5)
    place = locate([face((10, 10, 30, 30))], known, meant=0, degraded=degraded, quality=QUALITY)
    assert place.was_found
