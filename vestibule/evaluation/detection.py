"""How many faces are found."""

from dataclasses import dataclass

from vestibule.evaluation.intervals import Interval, Weights, interval, weighted_share
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import Observations


@dataclass(frozen=True, slots=True)
class DetectionRates:
    """``failure_to_acquire`` is the share of labelled photos in which no face was found."""

    light: Light
    photos: int
    failure_to_acquire: Interval


@dataclass(frozen=True, slots=True)
class GroupCount:
    photo: str
    light: Light
    expected_faces: int
    found_faces: int


def detection_rates(observed: Observations, *, weights: Weights) -> tuple[DetectionRates, ...]:
    per_photo = weights[:, observed.person_of_photo]
    return tuple(
        DetectionRates(
            light=light,
            photos=len(observed.person_of_photo),
            failure_to_acquire=interval(weighted_share(~observed.found(light), per_photo)),
        )
        for light in observed.embeddings
    )


def group_counts(observed: Observations) -> tuple[GroupCount, ...]:
    return tuple(
        GroupCount(group.key, light, group.expected_faces, found)
        for light in observed.faces_in_groups
        for group, found in zip(observed.groups, observed.faces_in_groups[light], strict=True)
    )
