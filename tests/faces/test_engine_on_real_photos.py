"""The packs on photos of real people."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.faces.comparing import SAME_PERSON_AT_LEAST, main_embedding, score
from vestibule.adapters.onnx_engine import OnnxFaceEngine
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.domain.faces import RgbImage
from vestibule.domain.prominence import prominent_face
from vestibule.domain.quality import UnusableReason, judge_enrolment, judge_probe

Photos = dict[str, RgbImage]
Darken = Callable[[RgbImage], RgbImage]


def test_the_group_photo_shows_six_faces(open_engine: OnnxFaceEngine, photos: Photos) -> None:
    assert len(open_engine.detect(photos["six"])) == 6


def test_every_face_of_the_group_is_usable(open_engine: OnnxFaceEngine, photos: Photos) -> None:
    faces = open_engine.detect(photos["six"])
    assert [judge_probe(q) for q in open_engine.assess(photos["six"], faces)] == [None] * 6


def test_every_portrait_may_be_enrolled(open_engine: OnnxFaceEngine, photos: Photos) -> None:
    for name in ("obama", "obama2", "biden", "astronaut"):
        faces = open_engine.detect(photos[name])
        chosen = prominent_face(faces, photos[name].shape[:2])
        assert isinstance(chosen, int), name
        assert judge_enrolment(open_engine.assess(photos[name], [faces[chosen]])[0]) is None, name


def test_two_photos_of_one_person_score_above_every_other_pair(
    any_engine: OnnxFaceEngine, photos: Photos
) -> None:
    limit = SAME_PERSON_AT_LEAST[any_engine.space.pack]
    names = ("obama", "obama2", "biden", "astronaut")
    embeddings = {name: main_embedding(any_engine, photos[name]) for name in names}
    group = any_engine.embed(photos["six"], any_engine.detect(photos["six"]))
    assert score(any_engine, embeddings["obama"], embeddings["obama2"]) > limit
    for name in ("biden", "astronaut"):
        assert score(any_engine, embeddings["obama"], embeddings[name]) < limit
    for name in names:
        assert all(score(any_engine, embeddings[name], row) < limit for row in group)


def test_a_darkened_photo_is_found_and_recognised(
    any_engine: OnnxFaceEngine, photos: Photos, at_quarter_exposure: Darken
) -> None:
    limit = SAME_PERSON_AT_LEAST[any_engine.space.pack]
    bright = main_embedding(any_engine, photos["obama"])
    dark = main_embedding(any_engine, at_quarter_exposure(photos["obama2"]))
    assert score(any_engine, bright, dark) > limit
    assert len(any_engine.detect(at_quarter_exposure(photos["six"]))) == 6


def test_a_region_survives_being_stored_without_loss(
    open_engine: OnnxFaceEngine, photos: Photos, codec: PillowCodec
) -> None:
    faces = open_engine.detect(photos["six"])
    region, in_region = open_engine.region(photos["six"], faces[0])
    held = codec.decode_upright(codec.encode_lossless(region))
    expected = open_engine.embed(photos["six"], faces[:1])
    assert np.abs(open_engine.embed(held, [in_region]) - expected).max() < 1e-4


# ── what must be refused ────────────────────────────────────────────────────────────────────
def reasons(engine: OnnxFaceEngine, image: RgbImage) -> set[UnusableReason | None]:
    return {judge_probe(quality) for quality in engine.assess(image, engine.detect(image))}


def test_faces_under_twenty_pixels_are_too_small(
    open_engine: OnnxFaceEngine, photos: Photos
) -> None:
    faces = open_engine.detect(photos["six"])
    widest = max(face.width_px for face in faces)
    shrink = 18 / widest
    small = cv2.resize(photos["six"], None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    assert reasons(open_engine, small) <= {UnusableReason.TOO_SMALL, UnusableReason.TURNED}


def test_heavily_blurred_faces_are_refused(open_engine: OnnxFaceEngine, photos: Photos) -> None:
    """Sigma 6 on a face 100 pixels wide; blurred after they were found, as motion would."""
    faces = open_engine.detect(photos["six"])
    for face in faces:
        blurred = cv2.GaussianBlur(photos["six"], (0, 0), 6 * face.width_px / 100)
        (quality,) = open_engine.assess(blurred, [face])
        assert judge_probe(quality) is UnusableReason.BLURRED


def test_darkness_and_noise_do_not_change_what_is_sharp(
    open_engine: OnnxFaceEngine, photos: Photos, at_quarter_exposure: Darken
) -> None:
    faces = open_engine.detect(photos["six"])
    bright = open_engine.assess(photos["six"], faces)
    dark = open_engine.assess(at_quarter_exposure(photos["six"]), faces)
    for before, after in zip(bright, dark, strict=True):
        assert after.sharpness == pytest.approx(before.sharpness, rel=0.25)


def test_a_blurred_face_is_not_recognised_any_more(
    any_engine: OnnxFaceEngine, photos: Photos, codec: PillowCodec
) -> None:
    """What is stored of a stranger: neither found there nor, with known landmarks, matched."""
    image = photos["six"]
    faces = any_engine.detect(image)
    limit = SAME_PERSON_AT_LEAST[any_engine.space.pack]
    blurred = codec.blur_faces(image, [face.box_xyxy_px for face in faces])
    assert any_engine.detect(blurred) == []
    before, after = any_engine.embed(image, faces), any_engine.embed(blurred, faces)
    assert max(score(any_engine, known, seen) for known in before for seen in after) < limit
