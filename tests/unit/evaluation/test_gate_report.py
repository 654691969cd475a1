"""The report on the gate counts what is refused, by name, and whose face is mistaken."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.unit.evaluation.conftest import PatternCodec, PatternEngine
from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.quality import FaceInspection, FaceQuality, Fault
from vestibule.evaluation.datasets import Dataset, read_dataset
from vestibule.evaluation.gate_report import GateReport, measure_gate
from vestibule.evaluation.gate_tables import publish_gate

QUANTILES = ScoreQuantiles(
    space_id="pattern-space",
    gallery_sizes=(1, 100),
    target_fpirs=(0.003, 0.01),
    thresholds=((0.5, 0.4), (0.6, 0.5)),
)
LANDMARKS = np.array([(12, 16), (28, 16), (20, 22), (14, 30), (26, 30)], np.float32)
SIDE_PX = 48


class LargerCodec(PatternCodec):
    """The same people on photos large enough to draw on."""

    def decode_upright(self, encoded: bytes) -> RgbImage:
        image = super().decode_upright(encoded)
        return np.ascontiguousarray(image.repeat(6, axis=0).repeat(6, axis=1))


class GateEngine(PatternEngine):
    """Finds one face in a photo of the usual size; a small or black one is dark to it."""

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        if image.shape[1] != SIDE_PX:
            return []
        return [DetectedFace((8.0, 8.0, 32.0, 40.0), LANDMARKS, 0.9)]

    def inspect(self, image: RgbImage, face: DetectedFace) -> FaceInspection:
        turn = 2.0 if face.landmarks_xy_px[2, 0] > 25 else 0.0
        quality = FaceQuality(60.0, 1.0, turn, brightness=float(image.mean()))
        return FaceInspection(quality, 0.9, 0.55, 0.0, 1.0, 0.0, 0.0, 1.0, 2.0, 2.0)

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> np.ndarray:
        return super().embed(np.ascontiguousarray(image[::6, ::6]), faces)


@pytest.fixture
def dataset(write_set) -> Dataset:
    return read_dataset(write_set(12, 3))


def measured(dataset: Dataset) -> GateReport:
    return measure_gate(
        dataset, GateEngine(), LargerCodec(), calibration=QUANTILES, drawn_on=4, seed=0
    )


@pytest.fixture
def report(dataset) -> GateReport:
    return measured(dataset)


def test_good_photos_are_not_refused(report) -> None:
    assert (report.photos, report.refused, report.by_fault) == (24, 0, {})


def test_a_fault_counts_as_named_only_by_its_own_name(report) -> None:
    drawn = {result.name: result for result in report.drawn}
    dark = drawn["an eighth of the light, noise 4"]
    assert (dark.faces, dark.refused, dark.named_so) == (4, 4, 4)
    unseen = drawn["face 30 px wide"]
    assert unseen.named_so == 0
    turned = drawn["turned by 45° (landmarks)"]
    assert (turned.named, turned.named_so) == (Fault.TURNED, 4)


def test_people_are_themselves_and_strangers_are_not(report) -> None:
    one = report.own[0]
    assert (one.templates, one.own_refused, one.strangers_let_in) == (1, 0, 0)
    assert report.others.gallery == 11
    assert (report.others.new_refused, report.others.twice_found) == (0, 1)


def test_the_same_seed_measures_the_same(dataset, report) -> None:
    assert measured(dataset) == report


def test_tables_name_every_finding_and_replace_themselves(report, tmp_path: Path) -> None:
    document = tmp_path / "gate.md"
    document.write_text("# Gate\n")
    publish_gate(report, document)
    publish_gate(report, document)
    text = document.read_text()
    assert text.count("### Good photos refused") == 1
    named = set(Fault) - {Fault.RESEMBLES_OTHER}
    assert [fault for fault in named if f"`{fault.value}`" not in text] == []
