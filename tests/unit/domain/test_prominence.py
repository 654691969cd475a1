"""Which face an enrolment photo means."""

import numpy as np

from vestibule.domain.faces import DetectedFace
from vestibule.domain.prominence import Ambiguous, prominent_face

PHOTO = (400, 600)


def face(centre_x: float, centre_y: float, side: float) -> DetectedFace:
    half = side / 2
    return DetectedFace(
        box_xyxy_px=(centre_x - half, centre_y - half, centre_x + half, centre_y + half),
        landmarks_xy_px=np.zeros((5, 2), np.float32),
        detection_score=0.9,
    )


def test_a_photo_without_a_face_means_nobody() -> None:
    assert prominent_face([], PHOTO) is None


def test_a_single_face_is_meant_wherever_it_stands() -> None:
    assert prominent_face([face(20, 20, 30)], PHOTO) == 0


def test_the_large_face_is_meant_before_a_passer_by() -> None:
    assert prominent_face([face(80, 100, 50), face(300, 200, 120)], PHOTO) == 1


def test_of_two_equally_large_faces_the_central_one_is_meant() -> None:
    assert prominent_face([face(300, 200, 100), face(560, 60, 100)], PHOTO) == 0


def test_two_faces_side_by_side_are_ambiguous() -> None:
    assert prominent_face([face(200, 200, 100), face(400, 200, 105)], PHOTO) == Ambiguous(1, 0)
