"""What may be compared, and what may become a template."""

import dataclasses

import pytest

from vestibule.domain.quality import (
    ENROLMENT_LIMITS,
    PROBE_LIMITS,
    FaceQuality,
    UnusableReason,
    judge_enrolment,
    judge_probe,
)

GOOD = FaceQuality(eye_distance_px=60, sharpness=0.5, turn=0.1, brightness=120)


def test_a_large_sharp_frontal_face_is_usable_for_both() -> None:
    assert judge_probe(GOOD) is None
    assert judge_enrolment(GOOD) is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"eye_distance_px": 8.0}, UnusableReason.TOO_SMALL),
        ({"sharpness": 0.1}, UnusableReason.BLURRED),
        ({"turn": 1.6}, UnusableReason.TURNED),
    ],
)
def test_each_fault_is_named(fault: dict[str, float], reason: UnusableReason) -> None:
    faulty = dataclasses.replace(GOOD, **fault)
    assert judge_probe(faulty) is reason
    assert judge_enrolment(faulty) is reason


def test_a_profile_face_is_turned_rather_than_small() -> None:
    profile = dataclasses.replace(GOOD, turn=2.0, eye_distance_px=5)
    assert judge_probe(profile) is UnusableReason.TURNED


def test_darkness_alone_rejects_nobody() -> None:
    assert judge_probe(dataclasses.replace(GOOD, brightness=3)) is None


def test_every_enrolment_limit_is_stricter_than_the_probe_limit() -> None:
    assert ENROLMENT_LIMITS.eye_distance_px > PROBE_LIMITS.eye_distance_px
    assert ENROLMENT_LIMITS.sharpness > PROBE_LIMITS.sharpness
    assert ENROLMENT_LIMITS.turn < PROBE_LIMITS.turn
