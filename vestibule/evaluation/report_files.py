"""Reports and comparisons as files: written the same to the byte, read back with suspicion."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.bands import GROUP_AXES
from vestibule.evaluation.comparison import FORMAT as COMPARISON_FORMAT
from vestibule.evaluation.comparison import Comparison
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.histograms import BIN_EDGES
from vestibule.evaluation.report import FORMAT, EvaluationReport

LONGEST_NAME = 60
LARGEST_REPORT_BYTES = 1_000_000


class HasDegradation(Protocol):
    @property
    def degradation(self) -> Degradation: ...


_REPORT = TypeAdapter(EvaluationReport)
_COMPARISON = TypeAdapter(Comparison)


def write_json(found: EvaluationReport | Comparison, path: Path) -> None:
    """Write the file, and its folder if need be. The same report gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_json(found), encoding="utf-8")


def format_json(found: EvaluationReport | Comparison) -> str:
    """One line a field, so that a change can be read."""
    fields = [
        f"{json.dumps(name)}: {json.dumps(value, allow_nan=False, ensure_ascii=False)}"
        for name, value in asdict(found).items()
    ]
    return "{\n" + ",\n".join(fields) + "\n}\n"


def parse_report(text: str | bytes) -> EvaluationReport:
    """Read what ``format_json`` wrote of a report.

    Unknown fields are dropped, so nothing but figures survives. Raises InvalidInputError for
    another format, a rate outside 0..1, or a name that is too long or cannot be shown.
    """
    try:
        if json.loads(text).get("format") != FORMAT:
            raise InvalidInputError("This report is of another format.", format=FORMAT)
        report = _REPORT.validate_json(text)
    except (ValidationError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidInputError("This file is not an accuracy report.") from error
    content = asdict(report)
    if not all(math.isfinite(number) for number in _numbers(content)):
        raise InvalidInputError("A number in this report is not a number.")
    if not all(0 <= rate <= 1 for rate in _rates(content)):
        raise InvalidInputError("A rate in this report lies outside 0 to 1.")
    if not _is_of_one_piece(report):
        raise InvalidInputError("The parts of this report do not fit each other.")
    names = [report.dataset, report.pack, *report.settings, *report.settings.values()]
    names += [band.band for band in report.bands if band.axis in GROUP_AXES]
    if not all(name.isprintable() and len(name) <= LONGEST_NAME for name in names):
        raise InvalidInputError("A name in this report does not fit.", longest=LONGEST_NAME)
    return report


def parse_comparison(text: str | bytes) -> Comparison:
    """Read what ``format_json`` wrote of a comparison. Raises InvalidInputError otherwise."""
    try:
        comparison = _COMPARISON.validate_json(text)
    except ValidationError as error:
        raise InvalidInputError("This file is not a comparison.") from error
    if comparison.format != COMPARISON_FORMAT:
        raise InvalidInputError("This comparison is of another format.", format=COMPARISON_FORMAT)
    return comparison


def _is_of_one_piece(report: EvaluationReport) -> bool:
    """Whether each table is of the degradations that the report names, in the fixed bins."""
    kinds = set(report.degradations)
    tables: list[Sequence[HasDegradation]] = [
        report.detection,
        report.scenes,
        report.identification,
        report.histograms,
    ]
    bins = len(BIN_EDGES) - 1
    return all(row.degradation in kinds for rows in tables for row in rows) and all(
        len(counts) == bins and min(counts) >= 0
        for histogram in report.histograms
        for counts in (histogram.mated, histogram.non_mated)
    )


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float):
        yield value


def _rates(value: Any) -> Iterator[float]:
    """The three numbers of every interval."""
    if isinstance(value, Mapping):
        if value.keys() == {"value", "low", "high"}:
            yield from (number for number in value.values() if number is not None)
            return
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _rates(item)
