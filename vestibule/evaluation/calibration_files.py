"""Calibrations as files."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.calibrating import MeasuredOn, PackCalibration

FORMAT = 1


def write_calibration(calibration: PackCalibration, path: Path) -> None:
    """Write the file, and its folder if need be. The same calibration gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_calibration(calibration), encoding="utf-8")


def format_calibration(calibration: PackCalibration) -> str:
    quantiles = calibration.quantiles
    content: dict[str, Any] = {
        "format": FORMAT,
        "pack": calibration.pack,
        "space_id": quantiles.space_id,
        "measured_on": asdict(calibration.measured_on),
        "seed": calibration.seed,
        "command": calibration.command,
        "template_exponent": quantiles.template_exponent,
        "pair_quantiles": calibration.pair_quantiles,
        "target_fpirs": quantiles.target_fpirs,
        "thresholds": {
            str(size): row
            for size, row in zip(quantiles.gallery_sizes, quantiles.thresholds, strict=True)
        },
    }
    lines = [f"  {json.dumps(key)}: {_value(value)}" for key, value in content.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def parse_calibration(text: str) -> PackCalibration:
    """Read what ``format_calibration`` wrote. Raises InvalidInputError for anything else."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise InvalidInputError("This calibration is of another format.", format=FORMAT)
        thresholds = {int(size): tuple(row) for size, row in content["thresholds"].items()}
        return PackCalibration(
            pack=content["pack"],
            quantiles=ScoreQuantiles(
                space_id=content["space_id"],
                gallery_sizes=tuple(thresholds),
                target_fpirs=tuple(content["target_fpirs"]),
                thresholds=tuple(thresholds.values()),
                template_exponent=content["template_exponent"],
            ),
            measured_on=MeasuredOn(**content["measured_on"]),
            pair_quantiles=tuple((rate, score) for rate, score in content["pair_quantiles"]),
            seed=content["seed"],
            command=content["command"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError("This file is not a calibration.") from error


def _value(value: object) -> str:
    """One line a value, one line a row of a table."""
    if isinstance(value, dict) and any(isinstance(row, tuple) for row in value.values()):
        rows = [f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in value.items()]
        return "{\n" + ",\n".join(rows) + "\n  }"
    return json.dumps(value)
