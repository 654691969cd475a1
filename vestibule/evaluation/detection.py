"""How many faces are found, and how many of them can be used."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.intervals import (
    Interval,
    Weights,
    person_weights,
    share_interval,
    weighted_share,
)
from vestibule.evaluation.observation import NO_FACE, Observations
from vestibule.evaluation.scenes import SceneSight

_ALL_SIZES = 0


@dataclass(frozen=True, slots=True)
class DetectionRates:
    """Labelled photos under one degradation.

    ``recall`` is the share of labelled faces, as the clean photo shows them, on which a box lies;
    ``precision`` the share of boxes that lie on a face that the clean photo surely shows (it says
    nothing as taken, where both are the same photo). ``failure_to_acquire`` is the share of photos
    that give no face to compare; ``refusals`` counts them by reason: ``no_face``, or why the face
    is not used.
    """

    degradation: Degradation
    photos: int
    no_face: Interval
    failure_to_acquire: Interval
    recall: Interval
    precision: Interval
    refusals: dict[str, int]


@dataclass(frozen=True, slots=True)
class SceneRates:
    """Made-up group photos of ``faces`` people each under one degradation; see ``scenes``.

    ``faces`` is None for photos of every size together.
    """

    degradation: Degradation
    faces: int | None
    scenes: int
    recall: Interval
    precision: Interval


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A real group photo, by its place in the set: what somebody counted and what was found."""

    photo: int
    degradation: Degradation
    expected_faces: int
    found_faces: int


def detection_rates(observed: Observations, *, weights: Weights) -> tuple[DetectionRates, ...]:
    return tuple(
        _detection_rates(observed, degradation, weights[:, observed.person_of_photo])
        for degradation in observed.refusals
    )


def _detection_rates(
    observed: Observations, degradation: Degradation, per_photo: Weights
) -> DetectionRates:
    persons, refusals = observed.person_of_photo, observed.refusals[degradation]
    people = len(np.unique(persons))
    places = observed.places[degradation]
    known = places.is_known
    no_face = np.array([reason == NO_FACE for reason in refusals], np.bool_)
    refused = ~observed.usable(degradation)
    precision = _ratio(places.right, places.right + places.wrong, per_photo)
    if degradation is Degradation.CLEAN:
        precision = np.full_like(precision, np.nan)
    return DetectionRates(
        degradation=degradation,
        photos=len(refusals),
        no_face=share_interval(weighted_share(no_face, per_photo), people=people),
        failure_to_acquire=share_interval(weighted_share(refused, per_photo), people=people),
        recall=share_interval(
            weighted_share(places.was_found[known], per_photo[:, known]),
            people=len(np.unique(persons[known])),
        ),
        precision=share_interval(precision, people=people),
        refusals=dict(sorted(Counter(reason for reason in refusals if reason).items())),
    )


def failure_to_enrol(observed: Observations, *, weights: Weights) -> Interval:
    """The share of labelled photos as taken that enrolment refuses."""
    per_photo = weights[:, observed.person_of_photo]
    return share_interval(
        weighted_share(~observed.enrollable, per_photo),
        people=len(np.unique(observed.person_of_photo)),
    )


def group_counts(observed: Observations) -> tuple[GroupCount, ...]:
    return tuple(
        GroupCount(number, degradation, group.expected_faces, found)
        for degradation, counts in observed.faces_in_groups.items()
        for number, (group, found) in enumerate(zip(observed.groups, counts, strict=True), 1)
    )


def scene_rates(
    sights: Sequence[SceneSight], *, weights: Weights, seed: int
) -> tuple[SceneRates, ...]:
    """By degradation, all sizes together and each. Recall resamples people, precision scenes."""
    cells: dict[tuple[Degradation, int], list[SceneSight]] = {}
    for sight in sights:
        cells.setdefault((sight.degradation, _ALL_SIZES), []).append(sight)
        cells.setdefault((sight.degradation, len(sight.persons)), []).append(sight)
    return tuple(
        _scene_rates(degradation, faces, cell, weights, seed)
        for (degradation, faces), cell in sorted(
            cells.items(), key=lambda item: (list(Degradation).index(item[0][0]), item[0][1])
        )
    )


def _scene_rates(
    degradation: Degradation, faces: int, cell: Sequence[SceneSight], weights: Weights, seed: int
) -> SceneRates:
    persons = np.array([person for sight in cell for person in sight.persons], np.int64)
    was_found = np.array([hit for sight in cell for hit in sight.was_found], np.bool_)
    right = np.array([sum(sight.was_found) for sight in cell], np.int64)
    wrong = np.array([sight.wrong for sight in cell], np.int64)
    per_scene = person_weights(
        len(cell), replicates=len(weights) - 1, rng=np.random.default_rng([seed, faces])
    )
    return SceneRates(
        degradation=degradation,
        faces=faces or None,
        scenes=len(cell),
        recall=share_interval(
            weighted_share(was_found, weights[:, persons]), people=len(np.unique(persons))
        ),
        precision=share_interval(_ratio(right, right + wrong, per_scene), people=len(cell)),
    )


def _ratio(
    part: NDArray[np.int64], whole: NDArray[np.int64], weights: Weights
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # nothing found in a replicate: no value, not zero
        return np.asarray((weights * part).sum(1) / (weights * whole).sum(1))
