"""How many faces are found, and how many of them can be used."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from vestibule.evaluation.intervals import Interval, Weights, share_interval, weighted_share
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import NO_FACE, Observations


@dataclass(frozen=True, slots=True)
class DetectionRates:
    """``failure_to_acquire``: the share of labelled photos that give no face to compare.

    ``refusals`` counts them by reason: ``no_face``, or why the face is not used.
    """

    light: Light
    photos: int
    no_face: Interval
    failure_to_acquire: Interval
    refusals: dict[str, int]


@dataclass(frozen=True, slots=True)
class GroupCount:
    photo: str
    light: Light
    expected_faces: int
    found_faces: int


def detection_rates(observed: Observations, *, weights: Weights) -> tuple[DetectionRates, ...]:
    per_photo = weights[:, observed.person_of_photo]
    people = len(np.unique(observed.person_of_photo))
    rates = []
    for light, refusals in observed.refusals.items():
        counts = Counter(reason for reason in refusals if reason is not None)
        no_face = np.array([reason == NO_FACE for reason in refusals], np.bool_)
        rates.append(
            DetectionRates(
                light=light,
                photos=len(refusals),
                no_face=share_interval(weighted_share(no_face, per_photo), people=people),
                failure_to_acquire=share_interval(
                    weighted_share(~observed.usable(light), per_photo), people=people
                ),
                refusals=dict(sorted(counts.items())),
            )
        )
    return tuple(rates)


def failure_to_enrol(observed: Observations, *, weights: Weights) -> Interval:
    """The share of labelled photos as taken that enrolment refuses."""
    per_photo = weights[:, observed.person_of_photo]
    return share_interval(
        weighted_share(~observed.enrollable, per_photo),
        people=len(np.unique(observed.person_of_photo)),
    )


def group_counts(observed: Observations) -> tuple[GroupCount, ...]:
    return tuple(
        GroupCount(group.key, light, group.expected_faces, found)
        for light in observed.faces_in_groups
        for group, found in zip(observed.groups, observed.faces_in_groups[light], strict=True)
    )
