"""A whole evaluation, on synthetic people."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vestibule.evaluation.calibrating import calibrate
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.evaluating import EvaluationReport, evaluate, largest_gallery
from vestibule.evaluation.lighting import LIGHTS
from vestibule.evaluation.publishing import (
    calibration_table,
    markdown_tables,
    publish_calibration,
    publish_report,
    replace_block,
    write_json,
)
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]
Evaluate = Callable[[Path], EvaluationReport]


@pytest.fixture
def run(engine: FaceEngine, codec: PhotoCodec) -> Evaluate:
    def evaluated(folder: Path) -> EvaluationReport:
        dataset = read_dataset(folder)
        quantiles = calibrate(dataset, engine, codec).quantiles
        return evaluate(dataset, engine, codec, calibration=quantiles, target_fpir=0.05)

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


def test_every_light_and_gallery_size_is_measured(write_set: WriteSet, run: Evaluate) -> None:
    report = run(write_set(40, 3))
    assert [rates.light for rates in report.detection] == list(LIGHTS)
    sizes = {(rates.light, rates.gallery_size) for rates in report.identification}
    assert sizes == {(light, size) for light in LIGHTS for size in (10, 20)}
    assert all(len(rates.shipped) == 2 for rates in report.identification)
    assert [rates.templates for rates in report.several_templates] == [40, 40, 40]


def test_a_small_set_says_that_it_is_small(write_set: WriteSet, run: Evaluate) -> None:
    assert any("Only 40 people" in warning for warning in run(write_set(40, 2)).warnings)


def test_photos_that_cannot_be_read_are_told(write_set: WriteSet, run: Evaluate) -> None:
    folder = write_set(40, 2)
    (folder / "person-0001" / "broken.png").write_text("broken")
    report = run(folder)
    assert report.unreadable_photos == 1
    assert any("could not be read" in warning for warning in report.warnings)


def test_without_a_calibration_the_rest_is_measured(
    write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec
) -> None:
    report = evaluate(read_dataset(write_set(20, 2)), engine, codec, calibration=None)
    assert all(rates.shipped == () for rates in report.identification)
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
    dataset = read_dataset(write_set(people, photos))
    report = evaluate(dataset, engine, codec, calibration=None)
    write_json(report, tmp_path / "report.json")
    assert markdown_tables(report).startswith("### `venue`")


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
    write_set: WriteSet, run: Evaluate, engine: FaceEngine, codec: PhotoCodec, tmp_path: Path
) -> None:
    document = tmp_path / "evaluation.md"
    document.write_text("# Evaluation\n\nWords before.\n")
    folder = write_set(40, 2)
    publish_report(run(folder), document)
    calibration = calibrate(read_dataset(folder), engine, codec)
    publish_calibration(calibration, document)
    once = document.read_text()
    publish_report(run(folder), document)
    publish_calibration(calibration, document)
    assert document.read_text() == once
    assert once.startswith("# Evaluation\n\nWords before.\n")
    assert calibration_table(calibration) in once


def test_only_the_named_block_is_replaced() -> None:
    text = replace_block(replace_block("Top\n", "one", "1"), "two", "2") + "Bottom\n"
    changed = replace_block(text, "one", "new")
    assert changed == text.replace("\n1\n", "\nnew\n")
