"""The gate at enrolment on real people: they pass, and each fault made in them is named."""

from functools import partial

import numpy as np
import pytest

from vestibule.adapters.onnx_engine import OnnxFaceEngine
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.prominence import Ambiguous, prominent_face
from vestibule.domain.quality import Fault, Verdict, judge_inspection
from vestibule.evaluation.enrolment_faults import (
    FAULTS,
    DrawnFault,
    TurnedHead,
    brightened,
    darkened,
    turned_in_space,
)

PORTRAITS = ("obama", "obama2", "biden", "astronaut")
MADE = {
    "cut off at 25 %": "obama2",
    "mask over nose and mouth": "obama",
    "mask under the nose": "biden",
    "hand over the mouth": "astronaut",
    "black sunglasses": "obama",
    "cap or hair over an eye": "astronaut",
    "turned by 45° (landmarks)": "obama",
    "raised by 30° (landmarks)": "biden",
    "lowered by 30° (landmarks)": "obama2",
    "rolled by 60°": "obama",
    "blur 4": "astronaut",
    "face 30 px wide": "obama",
    "JPEG quality 12": "astronaut",
}
"""Faults of the suite, and the portrait in which each is the only one."""


def verdict_on(engine: OnnxFaceEngine, image: RgbImage) -> Verdict:
    faces = engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    if chosen is None:
        return Verdict.failing(Fault.NO_FACE)
    if isinstance(chosen, Ambiguous):
        return Verdict.failing(Fault.SEVERAL_FACES)
    return judge_inspection(engine.inspect(image, faces[chosen]))


def meant(engine: OnnxFaceEngine, image: RgbImage) -> DetectedFace:
    faces = engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    assert isinstance(chosen, int)
    return faces[chosen]


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_good_portrait_passes(open_engine: OnnxFaceEngine, photos, name: str) -> None:
    assert verdict_on(open_engine, photos[name]).findings == ()


@pytest.mark.parametrize(("name", "portrait"), MADE.items(), ids=lambda value: value)
def test_a_fault_is_named_and_no_other(
    open_engine: OnnxFaceEngine, photos, name: str, portrait: str
) -> None:
    fault, image = FAULTS[name], photos[portrait]
    face = meant(open_engine, image)
    if isinstance(fault, TurnedHead):
        inspection = open_engine.inspect(image, turned_in_space(face, fault))
        assert judge_inspection(inspection).faults == {fault.named}
    else:
        faulty = fault.draw(image, face, np.random.default_rng(0))
        assert verdict_on(open_engine, faulty).faults == {fault.named}


LIGHT = {
    Fault.TOO_DARK: partial(darkened, gain=0.125, noise=0),
    Fault.OVEREXPOSED: partial(brightened, gain=2.5),
    Fault.NOISY: partial(darkened, gain=1, noise=40),
}


@pytest.mark.parametrize("fault", LIGHT)
def test_bad_light_is_named_and_nothing_else(
    open_engine: OnnxFaceEngine, photos, fault: Fault
) -> None:
    image = photos["astronaut"]
    draw = DrawnFault(fault, LIGHT[fault]).draw
    faulty = draw(image, meant(open_engine, image), np.random.default_rng(0))
    assert verdict_on(open_engine, faulty).faults == {fault}


def test_nobody_and_two_people_are_not_enrolled(open_engine: OnnxFaceEngine, photos) -> None:
    image, rng = photos["obama"], np.random.default_rng(0)
    face = meant(open_engine, image)
    for name in ("a photo of nobody", "two equal faces"):
        fault = FAULTS[name]
        assert isinstance(fault, DrawnFault)
        assert verdict_on(open_engine, fault.draw(image, face, rng)).faults == {fault.named}


def test_what_looks_like_no_face_is_called_uncertain(open_engine: OnnxFaceEngine, photos) -> None:
    """The detector's own doubt, as it has it of dolls, drawings and faces in the distance."""
    image = photos["obama"]
    face = meant(open_engine, image)
    doubted = DetectedFace(face.box_xyxy_px, face.landmarks_xy_px, detection_score=0.4)
    verdict = judge_inspection(open_engine.inspect(image, doubted))
    assert verdict.faults == {Fault.UNCERTAIN_FACE}


def test_a_held_region_is_judged_as_the_whole_photo(open_engine: OnnxFaceEngine, photos) -> None:
    for name in PORTRAITS:
        face = meant(open_engine, photos[name])
        region, held = open_engine.region(photos[name], face)
        assert open_engine.inspect(region, held) == open_engine.inspect(photos[name], face)
