"""The arithmetic of the re-embedding benchmark, and what its engine counts; never a speed."""

from pathlib import Path

import numpy as np
import pytest

from tests.bench import report
from tests.bench.reembedding import DOCUMENT, END, START, as_markdown, engine_lap, shares
from vestibule.domain.faces import DetectedFace

FIGURES = {
    "machine": {
        "cpu": "a",
        "cores": 2,
        "memory_gib": 1,
        "python": "3",
        "packages": {"onnxruntime": "1"},
        "commit": "c",
        "measured_at": "2026-11-26T00:00:00",
        "load_before": [0.1],
    },
    "templates": 1500,
    "pack": "dlib",
    "rounds": 1,
    "at_once": 1,
    "intra_op_threads": 2,
    "engine": [{"faces_per_second": 20.0, "cpu_s_a_face": 0.05}] * 2,
    "product": [{"faces_per_second": 18.5, "to_the_end_s": 90.0, "cpu_s_a_face": 0.06}],
    "shares": [0.925],
    "share": 0.925,
}


def test_share_is_of_the_engine_before_and_after() -> None:
    assert shares([10.0, 30.0, 10.0], [18.0, 10.0]) == [0.9, 0.5]


def test_rounds_that_the_engine_does_not_frame_are_refused() -> None:
    with pytest.raises(ValueError, match="first and last"):
        shares([10.0], [9.0])


def test_table_says_share_and_spread_where_its_markers_are(tmp_path: Path) -> None:
    words = as_markdown(FIGURES)
    assert "| share of the engine's rate | 92.5% (92.5% to 92.5%) | ≥ 90 % |" in words
    assert "60.0 / 50.0 ms" in words
    copy = tmp_path / "benchmarks.md"
    copy.write_text(DOCUMENT.read_text())
    report.write_between(START, words, END, copy)
    assert words in copy.read_text()


def test_engine_embeds_every_crop_once_in_steps() -> None:
    class Engine:
        def __init__(self) -> None:
            self.steps: list[int] = []

        def detect(self, image):
            landmarks = np.zeros((5, 2), np.float32)
            return [DetectedFace((19.0, 19.0, 81.0, 81.0), landmarks, 0.9)]

        def embed_each(self, faces):
            self.steps.append(len(faces))
            return np.zeros((len(faces), 4), np.float32)

    engine = Engine()
    crops = [np.zeros((100, 100, 3), np.uint8)] * 70
    assert engine_lap(engine, crops, at_once=2, step=32)["faces_per_second"] > 0
    assert sorted(engine.steps) == [6, 32, 32]
