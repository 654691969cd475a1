"""Which face a labelled photo is of, and what happens to photos that cannot be used."""

from pathlib import Path

import numpy as np

from vestibule.domain.faces import Box, DetectedFace
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.lighting import Light
from vestibule.evaluation.observation import meant_face, observe
from vestibule.ports import FaceEngine, PhotoCodec

CANVAS = np.zeros((250, 250, 3), np.uint8)


def face(*box: float) -> DetectedFace:
    x1, y1, x2, y2 = box
    corners: Box = (x1, y1, x2, y2)
    return DetectedFace(corners, np.zeros((5, 2), np.float32), 0.9)


def test_the_central_face_is_meant_even_beside_a_larger_one() -> None:
    central, beside = face(80, 80, 170, 170), face(150, 20, 250, 140)
    assert meant_face([beside, central], CANVAS) is central


def test_a_small_face_near_the_middle_is_a_bystander() -> None:
    portrait, bystander = face(70, 60, 200, 190), face(138, 118, 154, 134)
    assert meant_face([bystander, portrait], CANVAS) is portrait


def test_no_face_means_nobody() -> None:
    assert meant_face([], CANVAS) is None


def test_photos_without_a_face_stay_as_gaps_and_unreadable_ones_are_counted(
    tmp_path: Path, engine: FaceEngine, codec: PhotoCodec
) -> None:
    for name, content in (("1.png", "3 1"), ("2.png", "broken"), ("3.png", "3 3")):
        (tmp_path / "ann").mkdir(exist_ok=True)
        (tmp_path / "ann" / name).write_text(content)
    seen: list[tuple[int, int]] = []
    observed = observe(
        read_dataset(tmp_path),
        engine,
        codec,
        lights=(Light.CLEAN, Light.BOTH),
        seed=0,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert observed.unreadable == 1
    assert observed.person_of_photo.tolist() == [0, 0]
    assert observed.found(Light.CLEAN).tolist() == [True, True]
    assert observed.found(Light.BOTH).tolist() == [False, False]
    assert np.isnan(observed.embeddings[Light.BOTH]).all()
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_faces_in_group_photos_are_counted_in_each_light(
    tmp_path: Path, engine: FaceEngine, codec: PhotoCodec
) -> None:
    for path in ("labelled/ann/1.png", "groups/crew.png"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("1 1")
    dataset = read_dataset(tmp_path, expected_faces={"crew": 6})
    observed = observe(dataset, engine, codec, lights=(Light.CLEAN, Light.BOTH), seed=0)
    assert observed.faces_in_groups == {Light.CLEAN: (1,), Light.BOTH: (0,)}
