"""What happens to photos that cannot be used."""

from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.faces import RgbImage
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.observation import observe
from vestibule.ports import FaceEngine, PhotoCodec


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
        lights=(Degradation.CLEAN, Degradation.BOTH),
        seed=0,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert observed.unreadable == 1
    assert observed.person_of_photo.tolist() == [0, 0]
    assert observed.usable(Degradation.CLEAN).tolist() == [True, True]
    assert observed.enrollable.tolist() == [True, True]
    assert observed.refusals[Degradation.BOTH] == ("no_face", "no_face")
    assert np.isnan(observed.embeddings[Degradation.BOTH]).all()
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_faces_in_group_photos_are_counted_in_each_light(
    tmp_path: Path, engine: FaceEngine, codec: PhotoCodec
) -> None:
    for path in ("labelled/ann/1.png", "groups/crew.png"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("1 1")
    dataset = read_dataset(tmp_path, expected_faces={"crew": 6})
    observed = observe(dataset, engine, codec, lights=(Degradation.CLEAN, Degradation.BOTH), seed=0)
    assert observed.faces_in_groups == {Degradation.CLEAN: (1,), Degradation.BOTH: (0,)}


def test_a_face_that_identification_refuses_is_not_compared(
    tmp_path: Path, engine: FaceEngine, codec: PhotoCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode_turned(_encoded: bytes) -> RgbImage:
        image = np.full((8, 8, 3), 100, np.uint8)
        image[0, 0] = 0
        return image

    monkeypatch.setattr(codec, "decode_upright", decode_turned)
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/1.png").write_text("1 1")
    observed = observe(read_dataset(tmp_path), engine, codec, lights=(Degradation.CLEAN,), seed=0)
    assert observed.refusals[Degradation.CLEAN] == ("turned",)
    assert not observed.enrollable.any()
    assert np.isnan(observed.embeddings[Degradation.CLEAN]).all()
