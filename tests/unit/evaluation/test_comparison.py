"""Two engines on the same photos."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.evaluation.comparison import Measure, compare
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Measured, Plan, Subject, evaluate
from vestibule.evaluation.report_files import format_json, parse_comparison
from vestibule.evaluation.report_tables import comparison_tables
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]
Measure_ = Callable[[FaceEngine], Measured]


class ForgetfulEngine:
    """The same engine, whose embeddings hold little of the face."""

    def __init__(self, inner: FaceEngine) -> None:
        self._inner = inner
        self.space = replace(inner.space, pack="forgetful")
        self.detect, self.assess, self.region = inner.detect, inner.assess, inner.region

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> Embeddings:
        kept = self._inner.embed(image, faces)
        noise = np.random.default_rng(int(image.sum())).standard_normal(kept.shape)
        return (kept + 0.3 * noise).astype(np.float32)


@pytest.fixture
def measure(write_set: WriteSet, codec: PhotoCodec) -> Measure_:
    plan = Plan(
        read_dataset(write_set(120, 3)), degradations=(Degradation.EXPOSURE,), scenes_each=0
    )
    return lambda engine: evaluate(plan, Subject(engine, None), codec)


def test_a_worse_engine_is_clearly_worse(measure: Measure_, engine: FaceEngine) -> None:
    comparison = compare(measure(engine), measure(ForgetfulEngine(engine)))
    found = {(d.degradation, d.measure): d for d in comparison.differences}
    clean = found[Degradation.CLEAN, Measure.NOT_RANK_1]
    assert clean.is_clear
    assert clean.difference > 0.2
    assert clean.low <= clean.difference <= clean.high
    assert (comparison.first, comparison.second) == ("pattern", "forgetful")
    assert "| worse |" in comparison_tables(comparison)
    assert parse_comparison(format_json(comparison)) == comparison


def test_an_engine_does_not_differ_from_itself(measure: Measure_, engine: FaceEngine) -> None:
    comparison = compare(measure(engine), measure(engine))
    assert comparison.differences
    assert all(d.difference == d.low == d.high == 0 for d in comparison.differences)
    assert not any(d.is_clear for d in comparison.differences)


def test_different_photos_are_not_compared(
    measure: Measure_, engine: FaceEngine, codec: PhotoCodec, tmp_path: Path
) -> None:
    (tmp_path / "other/ann").mkdir(parents=True)
    (tmp_path / "other/ann/1.png").write_text("1 1")
    plan = Plan(read_dataset(tmp_path / "other"), degradations=(), scenes_each=0)
    with pytest.raises(InvalidInputError):
        compare(measure(engine), evaluate(plan, Subject(engine, None), codec))
