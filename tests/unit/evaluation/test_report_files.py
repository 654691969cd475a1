"""Reports from outside are read with suspicion."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.evaluating import Plan, Subject, evaluate
from vestibule.evaluation.report_files import format_json, parse_report
from vestibule.ports import FaceEngine, PhotoCodec

WriteSet = Callable[[int, int], Path]


@pytest.fixture
def content(write_set: WriteSet, engine: FaceEngine, codec: PhotoCodec) -> dict[str, Any]:
    plan = Plan(read_dataset(write_set(20, 2)), degradations=(), scenes_each=0)
    report = evaluate(plan, Subject(engine, None), codec).report
    parsed: dict[str, Any] = json.loads(format_json(report))
    return parsed


def test_unknown_fields_do_not_survive(content: dict[str, Any]) -> None:
    report = parse_report(json.dumps({**content, "names": ["Ada"]}))
    assert "Ada" not in format_json(report)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 1},
        {"people": "many"},
        {"dataset": "x" * 61},
        {"dataset": "a\x00b"},
        {"settings": {"low-light": "x" * 61}},
        {"failure_to_enrol": {"value": 1.5, "low": 0.0, "high": 1.0}},
        {"degradations": ["masks"]},
        {"histograms": [{"degradation": "clean", "mated": [1], "non_mated": [1]}]},
        {"target_fpir": float("nan")},
        {"target_fpir": float("inf")},
        {"detection": [{"degradation": "unheard_of"}]},
    ],
)
def test_what_is_not_a_report_is_refused(content: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        parse_report(json.dumps({**content, **change}))


@pytest.mark.parametrize("text", ["", "[]", "7", '"report"', "{", "{}"])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_report(text)
