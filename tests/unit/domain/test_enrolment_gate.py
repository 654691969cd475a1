"""What may become a template: each fault alone, all of them at once, and what outweighs them."""

import dataclasses

import pytest

from vestibule.domain.quality import (
    FaceInspection,
    FaceQuality,
    Fault,
    Verdict,
    judge_inspection,
    not_overridable,
)
from vestibule.domain.quality.faults import worst_first

GOOD = FaceInspection(
    quality=FaceQuality(eye_distance_px=60, sharpness=0.5, turn=0.1, brightness=120),
    detection_score=0.93,
    pitch=0.55,
    roll_degrees=3,
    visible_share=1.0,
    clipped_share=0.0,
    noise=0.04,
    blockiness=1.2,
    mouth_shown=2.4,
    eyes_shown=1.6,
)
OF_THE_PHOTO = set(Fault) - {
    Fault.NO_FACE,
    Fault.SEVERAL_FACES,
    Fault.RESEMBLES_OTHER,
    Fault.OTHER_PERSON,
}
ONE_FAULT = [
    ({"detection_score": 0.5}, Fault.UNCERTAIN_FACE),
    ({"visible_share": 0.8}, Fault.CUT_OFF),
    ({"mouth_shown": 0.4}, Fault.MOUTH_COVERED),
    ({"eyes_shown": 0.4}, Fault.EYES_COVERED),
    ({"turn": 1.2}, Fault.TURNED),
    ({"pitch": 0.3}, Fault.TILTED),
    ({"pitch": 0.8}, Fault.TILTED),
    ({"roll_degrees": 50}, Fault.ROLLED),
    ({"brightness": 20}, Fault.TOO_DARK),
    ({"clipped_share": 0.5}, Fault.OVEREXPOSED),
    ({"sharpness": 0.1}, Fault.BLURRED),
    ({"eye_distance_px": 12}, Fault.TOO_SMALL),
    ({"noise": 0.5}, Fault.NOISY),
    ({"blockiness": 3.0}, Fault.COMPRESSED),
]


def changed(**values: float) -> FaceInspection:
    of_quality = {f.name for f in dataclasses.fields(FaceQuality)} & values.keys()
    quality = dataclasses.replace(GOOD.quality, **{name: values[name] for name in of_quality})
    rest = {name: value for name, value in values.items() if name not in of_quality}
    return dataclasses.replace(GOOD, quality=quality, **rest)


def test_a_good_photo_passes_every_check() -> None:
    verdict = judge_inspection(GOOD)
    assert verdict.findings == ()
    assert {check.fault for check in verdict.passes} == OF_THE_PHOTO


@pytest.mark.parametrize(("fault", "named"), ONE_FAULT)
def test_each_fault_alone_is_named_alone(fault: dict[str, float], named: Fault) -> None:
    (finding,) = judge_inspection(changed(**fault)).findings
    assert finding.fault is named
    assert finding.measured is not None and finding.limit is not None


def test_every_fault_of_the_photo_has_its_case() -> None:
    assert {named for _, named in ONE_FAULT} == OF_THE_PHOTO


def test_all_faults_are_named_and_the_worst_comes_first() -> None:
    verdict = judge_inspection(changed(blockiness=4, visible_share=0.5, eye_distance_px=8))
    names = [finding.fault for finding in verdict.findings]
    assert names == [Fault.CUT_OFF, Fault.TOO_SMALL, Fault.COMPRESSED]


def test_a_profile_face_is_turned_and_not_called_small() -> None:
    assert judge_inspection(changed(turn=2, eye_distance_px=5)).faults == {Fault.TURNED}


@pytest.mark.parametrize(
    "hides", [{"brightness": 5}, {"clipped_share": 0.9}, {"sharpness": 0.05}, {"turn": 1.5}]
)
def test_what_cannot_be_seen_is_not_called_covered(hides: dict[str, float]) -> None:
    verdict = judge_inspection(changed(mouth_shown=0.1, eyes_shown=0.1, **hides))
    looked_at = {check.fault for check in verdict.checks}
    assert looked_at.isdisjoint({Fault.MOUTH_COVERED, Fault.EYES_COVERED})


def test_a_limit_itself_passes() -> None:
    assert judge_inspection(changed(brightness=40.0, noise=0.2)).findings == ()


def test_no_face_and_two_faces_cannot_be_outweighed() -> None:
    for fault in (Fault.NO_FACE, Fault.SEVERAL_FACES):
        assert not_overridable([fault]) == {fault}


def test_a_face_that_is_another_customers_and_not_this_ones_cannot_be_outweighed() -> None:
    both = {Fault.RESEMBLES_OTHER, Fault.OTHER_PERSON}
    assert not_overridable({*both, Fault.BLURRED}) == both


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.NO_FACE, Fault.SEVERAL_FACES}))
def test_every_other_fault_alone_can_be_outweighed(fault: Fault) -> None:
    assert not_overridable([fault]) == frozenset()


def test_verdicts_are_joined() -> None:
    joined = judge_inspection(changed(noise=1)).joined(Verdict.failing(Fault.OTHER_PERSON).checks)
    assert [finding.fault for finding in joined.findings] == [Fault.OTHER_PERSON, Fault.NOISY]


def test_faults_are_sorted_worst_first_and_once() -> None:
    faults = [Fault.NOISY, Fault.NO_FACE, Fault.NOISY, Fault.TURNED]
    assert worst_first(faults) == [Fault.NO_FACE, Fault.TURNED, Fault.NOISY]
