"""Mosaics of known faces."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.evaluation import scenes
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.detection import scene_rates
from vestibule.evaluation.intervals import person_weights
from vestibule.evaluation.scenes import SceneSight, observe_scenes
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]


class MarkerEngine:
    """Finds white squares: a face is one of 40 pixels or whatever a scene made of it."""

    def __init__(self, inner: FaceEngine) -> None:
        self.space = inner.space

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        found = []
        for top in range(0, max(image.shape[0], 1), scenes.CELL_PX):
            for left in range(0, max(image.shape[1], 1), scenes.CELL_PX):
                cell = image[top : top + scenes.CELL_PX, left : left + scenes.CELL_PX, 0]
                rows, columns = np.nonzero(cell > 128)
                if len(rows):
                    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                    x1, y1, x2, y2 = (float(side) for side in box)
                    landmarks = np.full((5, 2), (x1 + x2) / 2, np.float32)
                    face = DetectedFace((x1, y1, x2, y2), landmarks, 0.9)
                    found.append(face.shifted(left, top))
        return found


@pytest.fixture
def markers(engine: FaceEngine, codec: PhotoCodec, monkeypatch: pytest.MonkeyPatch) -> MarkerEngine:
    def decode(_encoded: bytes) -> RgbImage:
        image = np.zeros((120, 120, 3), np.uint8)
        image[40:80, 40:80] = 255
        return image

    monkeypatch.setattr(codec, "decode_upright", decode)
    return MarkerEngine(engine)


def sights(
    folder: Path, engine: MarkerEngine, codec: PhotoCodec, *, seed: int = 0
) -> Sequence[SceneSight]:
    return observe_scenes(
        read_dataset(folder),
        engine,  # type: ignore[arg-type]  # scenes only detect
        codec,
        degradations=(Degradation.CLEAN, Degradation.EXPOSURE),
        seed=seed,
        scenes_each=2,
    )


def test_known_places_are_where_the_faces_are(
    write_set: WriteSet, markers: MarkerEngine, codec: PhotoCodec
) -> None:
    seen = sights(write_set(60, 1), markers, codec)
    clean = [sight for sight in seen if sight.degradation is Degradation.CLEAN]
    assert [len(sight.persons) for sight in clean] == [n for n in range(1, 11) for _ in range(2)]
    assert all(all(sight.was_found) and sight.wrong == 0 for sight in clean)
    dark = [sight for sight in seen if sight.degradation is Degradation.EXPOSURE]
    assert not any(any(sight.was_found) for sight in dark)


def test_a_scene_shows_nobody_twice_and_the_same_seed_the_same_people(
    write_set: WriteSet, markers: MarkerEngine, codec: PhotoCodec
) -> None:
    folder = write_set(30, 1)
    seen = sights(folder, markers, codec)
    assert all(len(set(sight.persons)) == len(sight.persons) for sight in seen)
    assert seen == sights(folder, markers, codec)
    assert seen != sights(folder, markers, codec, seed=1)


def test_too_few_people_give_no_scenes(
    write_set: WriteSet, markers: MarkerEngine, codec: PhotoCodec
) -> None:
    assert sights(write_set(9, 1), markers, codec) == ()


def test_recall_and_precision_are_counted_by_number_of_faces() -> None:
    weights = person_weights(4, replicates=50, rng=np.random.default_rng(0))
    seen = [
        SceneSight(Degradation.CLEAN, 0, (0, 1), (True, True), wrong=1),
        SceneSight(Degradation.CLEAN, 1, (2, 3), (True, False), wrong=0),
    ]
    together, of_two = scene_rates(seen, weights=weights, seed=0)
    assert (together.faces, of_two.faces) == (None, 2)
    for rates in (together, of_two):
        assert rates.scenes == 2
        assert rates.recall.value == 0.75
        assert rates.precision.value == 0.75
