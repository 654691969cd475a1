"""Calibrations as files."""

from pathlib import Path

from vestibule.domain.calibration_document import format_calibration, parse_calibration
from vestibule.domain.pack_calibration import PackCalibration

__all__ = ["format_calibration", "parse_calibration", "write_calibration"]


def write_calibration(calibration: PackCalibration, path: Path) -> None:
    """Write the file, and its folder if need be. The same calibration gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_calibration(calibration), encoding="utf-8")
