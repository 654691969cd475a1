"""The documents of the repository are what the command makes of its sources."""

from pathlib import Path

import pytest

from services.commands.publish_recognition import publish_recognition, read_sources
from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.recognition_document import recognition_files

ROOT = Path(__file__).resolve().parents[3]


def test_published_documents_are_up_to_date() -> None:
    stale = [
        name
        for name, content in recognition_files(read_sources(ROOT)).items()
        if not (ROOT / "docs" / name).is_file()
        or (ROOT / "docs" / name).read_text(encoding="utf-8") != content
    ]
    assert stale == [], "run make recognition"


def test_no_chart_is_left_of_a_report_that_is_gone() -> None:
    made = set(recognition_files(read_sources(ROOT)))
    charts = {f"recognition/{path.name}" for path in (ROOT / "docs/recognition").glob("*.svg")}
    assert charts <= made


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    tried = ROOT / "docs/recognition-tried.toml"
    (tmp_path / "docs/recognition-tried.toml").write_bytes(tried.read_bytes())
    reports = sorted((ROOT / "vestibule/reports").glob("*.json"))
    first = publish_recognition(tmp_path, reports)
    assert {path.relative_to(tmp_path).parts[0] for path in first} == {"docs", "vestibule"}
    assert publish_recognition(tmp_path, reports) == []


def test_without_a_report_there_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        publish_recognition(tmp_path, [])
