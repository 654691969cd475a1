"""Reports into the product and the documents of the repository; quick, measures nothing."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.comparison import Comparison
from vestibule.evaluation.recognition_document import PICTURES, Sources, recognition_files
from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_files import format_json, parse_comparison, parse_report
from vestibule.evaluation.shipped import shipped_calibrations

REPORTS = Path("vestibule/reports")
DOCUMENTS = Path("docs")
TRIED = DOCUMENTS / "recognition-tried.toml"
_FIRST = ("lfw-dev-open",)
"""Whose answers the document gives; else the report of most people."""


def publish_recognition(root: Path, files: Sequence[Path]) -> list[Path]:
    """Take reports and comparisons into the repository and write what follows from all there are.

    Returns the files that changed. Raises InvalidInputError for a file that is neither.
    """
    changed = [path for file in files for path in _take_in(root, file)]
    sources = read_sources(root)
    for name, content in recognition_files(sources).items():
        changed += _write(root / DOCUMENTS / name, content)
    return changed


def read_sources(root: Path) -> Sources:
    """Everything that the documents are made of. Raises InvalidInputError if there is no report."""
    reports = [parse_report(path.read_bytes()) for path in sorted((root / REPORTS).glob("*.json"))]
    if not reports:
        raise InvalidInputError("There is no report yet: run make evaluate first.")
    comparisons = [
        parse_comparison(path.read_bytes())
        for path in sorted((root / DOCUMENTS / PICTURES).glob("*-against-*.json"))
    ]
    return Sources(
        reports=sorted(reports, key=lambda report: (report.slug not in _FIRST, -report.people)),
        comparisons=comparisons,
        calibrations=list(shipped_calibrations()),
        tried=tomllib.loads((root / TRIED).read_text(encoding="utf-8")),
    )


def _take_in(root: Path, file: Path) -> list[Path]:
    content = file.read_bytes()
    found: EvaluationReport | Comparison
    if "-against-" in file.name:
        found, target = parse_comparison(content), root / DOCUMENTS / PICTURES / file.name
    else:
        found = parse_report(content)
        target = root / REPORTS / f"{found.slug}.json"
    return _write(target, format_json(found))


def _write(path: Path, content: str) -> list[Path]:
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return [path]
