"""The documents follow from their sources, and say no more than those."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vestibule.evaluation.calibrating import calibrate
from vestibule.evaluation.comparison import compare
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Measured, Plan, Subject, evaluate
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.recognition_document import Sources, recognition_files
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]
TRIED = {
    "aims": {"clean": 0.5, "exposure": 0.0},
    "tried": [
        {"what": "A | lamp", "measured": "FNIR", "before": "0.3", "after": "0.4", "kept": False}
    ],
}


@pytest.fixture(scope="module")
def nothing_cached() -> dict[str, Sources]:
    return {}


@pytest.fixture
def sources(
    write_set: WriteSet,
    engine: FaceEngine,
    codec: PhotoCodec,
    nothing_cached: dict[str, Sources],
) -> Sources:
    if "made" not in nothing_cached:
        nothing_cached["made"] = _made(write_set(160, 2), engine, codec)
    return nothing_cached["made"]


def _made(folder: Path, engine: FaceEngine, codec: PhotoCodec) -> Sources:
    dataset = read_dataset(folder)
    calibration = calibrate(dataset, engine, codec)
    plan = Plan(dataset, degradations=(Degradation.EXPOSURE, Degradation.MASKS), scenes_each=1)

    def measured(settings: dict[str, str]) -> Measured:
        return evaluate(plan, Subject(engine, calibration.quantiles, settings), codec)

    first, second = measured({}), measured({"low-light": "off"})
    return Sources(
        reports=[first.report, second.report],
        comparisons=[compare(first, second)],
        calibrations=[calibration],
        tried=TRIED,
    )


def test_same_sources_give_the_same_bytes(sources: Sources) -> None:
    assert recognition_files(sources) == recognition_files(sources)


def test_answers_come_first_and_tables_are_elsewhere(sources: Sources) -> None:
    files = recognition_files(sources)
    document = files["recognition.md"]
    assert document.index("Of 1,000 faces") < document.index("|")
    assert "`pattern, low-light off`" in files["recognition-tables.md"]
    assert len(document.splitlines()) < 200


@pytest.mark.parametrize(
    ("fnir", "said"),
    [
        (Interval(0.4, 0.3, 0.6), "yes"),
        (Interval(0.55, 0.45, 0.6), "no (within chance)"),
        (Interval(0.9, 0.8, 1.0), "no |"),
    ],
)
def test_aims_are_compared_with_what_was_reached(
    sources: Sources, fnir: Interval, said: str
) -> None:
    report = sources.reports[0]
    whole = next(r for r in report.identification if r.gallery_size == report.gallery_size)
    point = replace(whole.best_possible[0], target_fpir=0.01, fnir=fnir)
    changed = replace(report, identification=(replace(whole, best_possible=(point,)),))
    files = recognition_files(replace(sources, reports=[changed]))
    clean = next(x for x in files["recognition.md"].splitlines() if x.startswith("| as taken |"))
    assert f"≤ 0.5 | {said}" in clean


def test_an_aim_that_too_few_strangers_could_show_is_not_measured(sources: Sources) -> None:
    assert "≤ 0.5 | not measured" in recognition_files(sources)["recognition.md"]


def test_charts_that_the_document_shows_are_there_and_are_pictures(sources: Sources) -> None:
    files = recognition_files(sources)
    for name in ("det", "sizes", "histograms"):
        path = f"recognition/{sources.reports[0].slug}-{name}.svg"
        assert f"]({path})" in files["recognition.md"]
        drawing = ET.fromstring(files[path])
        assert drawing.get("aria-label")
        assert "prefers-color-scheme: dark" in files[path]


def test_what_was_dropped_is_told_with_its_figure(sources: Sources) -> None:
    document = recognition_files(sources)["recognition.md"]
    assert "| A \\| lamp | FNIR | 0.3 | 0.4 |" in document


def test_a_report_without_thresholds_makes_a_document_too(sources: Sources) -> None:
    bare = replace(
        sources.reports[0],
        bands=(),
        scenes=(),
        identification=tuple(replace(r, shipped=()) for r in sources.reports[0].identification),
    )
    files = recognition_files(replace(sources, reports=[bare], comparisons=[], tried={}))
    assert "Nothing yet." in files["recognition.md"]
