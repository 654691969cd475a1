"""A whole evaluation, on synthetic people."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vestibule.evaluation.calibrating import calibrate
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Plan, Subject, evaluate, largest_gallery, quick
from vestibule.evaluation.publishing import calibration_table, publish_calibration, replace_block
from vestibule.evaluation.report import Caveat, CaveatCode, EvaluationReport
from vestibule.evaluation.report_files import parse_report, write_json
from vestibule.evaluation.report_tables import markdown_tables
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]
Evaluate = Callable[[Path], EvaluationReport]
SOME = (Degradation.CLEAN, Degradation.EXPOSURE, Degradation.BOTH, Degradation.SMALL_FACES)


@pytest.fixture
def run(engine: FaceEngine, codec: PhotoCodec) -> Evaluate:
    def evaluated(folder: Path) -> EvaluationReport:
        dataset = read_dataset(folder)
        quantiles = calibrate(dataset, engine, codec).quantiles
        plan = Plan(dataset, degradations=SOME, target_fpir=0.05, scenes_each=1)
        return evaluate(plan, Subject(engine, quantiles), codec).report

    return evaluated


def test_evaluated_twice_the_report_is_the_same_to_the_byte(
    write_set: WriteSet, run: Evaluate, tmp_path: Path
) -> None:
    folder = write_set(40, 3)
    write_json(run(folder), tmp_path / "build/one.json")
    write_json(run(folder), tmp_path / "build/two.json")
    one = (tmp_path / "build/one.json").read_bytes()
    assert one == (tmp_path / "build/two.json").read_bytes()
    assert json.loads(one)["people"] == 40


def test_every_degradation_and_gallery_size_is_measured(write_set: WriteSet, run: Evaluate) -> None:
    report = run(write_set(40, 3))
    assert [rates.degradation for rates in report.detection] == list(SOME)
    sizes = {(rates.degradation, rates.gallery_size) for rates in report.identification}
    assert sizes == {(Degradation.CLEAN, 10), *((kind, 20) for kind in SOME)}
    assert report.gallery_size == 20
    assert all(len(rates.shipped) == 2 for rates in report.identification)
    assert [rates.templates for rates in report.several_templates] == [40, 40, 40]
    assert {(rates.degradation, rates.faces) for rates in report.scenes} == {
        (kind, faces) for kind in SOME for faces in (None, *range(1, 11))
    }
    assert [histogram.degradation for histogram in report.histograms] == list(SOME)


def test_a_report_names_nobody_and_no_photo(
    write_set: WriteSet, run: Evaluate, tmp_path: Path
) -> None:
    folder = write_set(40, 2)
    write_json(run(folder), tmp_path / "report.json")
    assert "person-" not in (tmp_path / "report.json").read_text()


def test_a_report_survives_its_file(write_set: WriteSet, run: Evaluate, tmp_path: Path) -> None:
    report = run(write_set(40, 2))
    write_json(report, tmp_path / "report.json")
    assert parse_report((tmp_path / "report.json").read_bytes()) == report


def test_a_small_set_says_that_it_is_small(write_set: WriteSet, run: Evaluate) -> None:
    report = run(write_set(40, 2))
    assert Caveat(CaveatCode.SMALL_SET, 40) in report.caveats
    assert "Only 40 people" in markdown_tables(report)


def test_photos_that_cannot_be_read_are_told(write_set: WriteSet, run: Evaluate) -> None:
    folder = write_set(40, 2)
    (folder / "person-0001" / "broken.png").write_text("broken")
    assert Caveat(CaveatCode.UNREADABLE_PHOTOS, 1) in run(folder).caveats


def test_without_a_calibration_the_rest_is_measured(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    plan = Plan(read_dataset(write_set(20, 2)), degradations=SOME, scenes_each=0)
    report = evaluate(plan, Subject(engine, None), codec).report
    assert all(rates.shipped == () for rates in report.identification)
    assert report.bands == ()
    assert "| as taken | 10 |" in markdown_tables(report)


@pytest.mark.parametrize(("people", "photos"), [(1, 1), (2, 1), (3, 1), (4, 4)])
def test_a_tiny_set_gives_a_report_without_invented_numbers(
    write_set: WriteSet,
    engine: FaceEngine,
    codec: PhotoCodec,
    tmp_path: Path,
    people: int,
    photos: int,
) -> None:
    plan = Plan(read_dataset(write_set(people, photos)))
    report = evaluate(plan, Subject(engine, None), codec).report
    write_json(report, tmp_path / "report.json")
    assert markdown_tables(report).startswith("### `venue`")


def test_a_quick_look_takes_a_seeded_part_of_the_people_and_says_so(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    whole = Plan(read_dataset(write_set(160, 2)), degradations=(), scenes_each=0)
    plan = quick(whole)
    assert len(plan.dataset.people) == 150
    assert plan == quick(whole)
    report = evaluate(plan, Subject(engine, None), codec).report
    assert Caveat(CaveatCode.SUBSET, 160) in report.caveats


def test_a_quick_look_at_a_small_set_is_the_whole_set(write_set: WriteSet) -> None:
    whole = Plan(read_dataset(write_set(20, 2)))
    assert quick(whole) is whole


def test_the_largest_gallery_leaves_strangers() -> None:
    def largest(*person_of_photo: int) -> int:
        return largest_gallery(np.array(person_of_photo), np.ones(len(person_of_photo), bool))

    assert largest(*range(10), *range(10)) == 8
    assert largest(0, 0, 1, 2, 3) == 1
    assert largest(0) == 0


def test_people_whose_photos_are_all_refused_are_not_in_the_largest_gallery() -> None:
    persons = np.array([0, 0, 1, 1, 2, 3, 4])
    assert largest_gallery(persons, persons != 0) == 1


def test_a_published_block_is_replaced_and_the_rest_of_the_document_stays(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec, tmp_path: Path
) -> None:
    document = tmp_path / "thresholds.md"
    document.write_text("# Thresholds\n\nWords before.\n")
    calibration = calibrate(read_dataset(write_set(40, 2)), engine, codec)
    publish_calibration(calibration, document)
    once = document.read_text()
    publish_calibration(calibration, document)
    assert document.read_text() == once
    assert once.startswith("# Thresholds\n\nWords before.\n")
    assert calibration_table(calibration) in once


def test_only_the_named_block_is_replaced() -> None:
    text = replace_block(replace_block("Top\n", "one", "1"), "two", "2") + "Bottom\n"
    changed = replace_block(text, "one", "new")
    assert changed == text.replace("\n1\n", "\nnew\n")
