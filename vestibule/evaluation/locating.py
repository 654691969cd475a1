"""Whether found boxes lie on known faces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.faces import Box, DetectedFace
from vestibule.domain.quality import FaceQuality
from vestibule.evaluation.degradations import Degraded

FEWEST_OVERLAP = 0.4
"""Intersection over union from which a box is on a face."""

SURE_SCORE = 0.6
"""A face of the clean photo is taken as real from this detection score.

A box on one that scored lower counts neither for nor against the detector: nobody labelled it.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The labelled face of one photo under one degradation, where the clean photo shows it.

    ``was_found`` is whether a box lies on it. ``right`` and ``wrong`` count the photo's boxes on
    a sure face and on none. The rest is measured at the place itself, found or not.
    """

    was_found: bool
    right: int
    wrong: int
    eye_distance_px: float
    turn: float
    brightness: float


NOWHERE = Place(False, 0, 0, float("nan"), float("nan"), float("nan"))
"""For a photo whose clean version shows no face."""


@dataclass(frozen=True, slots=True)
class Places:
    """``Place`` of every labelled photo, column by column; NaN where the clean one has no face."""

    was_found: NDArray[np.bool_]
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    eye_distance_px: NDArray[np.float64]
    turn: NDArray[np.float64]
    brightness: NDArray[np.float64]

    @property
    def is_known(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.brightness)


def places_of(places: Sequence[Place]) -> Places:
    return Places(
        was_found=np.array([place.was_found for place in places], np.bool_),
        right=np.array([place.right for place in places], np.int64),
        wrong=np.array([place.wrong for place in places], np.int64),
        eye_distance_px=np.array([place.eye_distance_px for place in places], np.float64),
        turn=np.array([place.turn for place in places], np.float64),
        brightness=np.array([place.brightness for place in places], np.float64),
    )


def locate(
    found: Sequence[DetectedFace],
    known: Sequence[DetectedFace],
    *,
    meant: int,
    degraded: Degraded,
    quality: FaceQuality,
) -> Place:
    """``known`` are the faces of the clean photo, ``meant`` the position of the labelled one.

    ``quality`` was assessed at the labelled face's place in the degraded image.
    """
    there = [degraded.place_of(face).box_xyxy_px for face in known]
    face_of_box = matched([face.box_xyxy_px for face in found], there)
    sure = [face is not None and known[face].detection_score >= SURE_SCORE for face in face_of_box]
    return Place(
        was_found=meant in face_of_box,
        right=sum(sure),
        wrong=sum(face is None for face in face_of_box),
        eye_distance_px=quality.eye_distance_px,
        turn=quality.turn,
        brightness=quality.brightness,
    )


def matched(boxes: Sequence[Box], faces: Sequence[Box]) -> list[int | None]:
    """For each box the position of the face that it lies on; each face takes one box at most.

    Pairs that overlap most are matched first.
    """
    overlaps = [
        (overlap(box, face), row, column)
        for row, box in enumerate(boxes)
        for column, face in enumerate(faces)
    ]
    face_of_box: list[int | None] = [None] * len(boxes)
    taken: set[int] = set()
    for shared, row, column in sorted(overlaps, reverse=True):
        if shared < FEWEST_OVERLAP:
            break
        if face_of_box[row] is None and column not in taken:
            face_of_box[row] = column
            taken.add(column)
    return face_of_box


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
