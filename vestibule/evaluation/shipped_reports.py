"""The reports that come with the product: what was measured of each pack before it was shipped."""

from functools import cache
from importlib import resources

from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_files import parse_report


@cache
def shipped_reports() -> dict[str, EvaluationReport]:
    """By the name of their file without its ending, which is the report's ``slug``."""
    folder = resources.files("vestibule") / "reports"
    return {
        file.name.removesuffix(".json"): parse_report(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".json")
    }
