"""Calibrations as JSON text: a file of the product, or what an installation adopted."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import (
    BandCheck,
    BandMeasurement,
    MeasuredOn,
    PackCalibration,
)
from vestibule.domain.score_shares import MatedScores, PairTail

FORMAT = 2
_READ_TOO = (1,)
"""The first format knows no bands, mated scores or date."""

Content = dict[str, Any]


def format_calibration(calibration: PackCalibration) -> str:
    """The same calibration gives the same text."""
    content = content_of(calibration)
    return "{\n" + ",\n".join(_lines(content, indent=2)) + "\n}\n"


def parse_calibration(text: str) -> PackCalibration:
    """Read what ``format_calibration`` wrote. Raises InvalidInputError for anything else."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise InvalidInputError("This file is not a calibration.") from error
    return calibration_of(content)


def content_of(calibration: PackCalibration) -> Content:
    """As plain JSON values."""
    at = calibration.measured_at
    return {
        "format": FORMAT,
        "pack": calibration.pack,
        "space_id": calibration.space_id,
        "measured_on": asdict(calibration.measured_on),
        "measured_at": at.isoformat() if at else None,
        "seed": calibration.seed,
        "command": calibration.command,
        "template_exponent": calibration.quantiles.template_exponent,
        "pair_quantiles": [list(pair) for pair in calibration.pair_quantiles],
        "mated_quantiles": _mated_content(calibration.mated),
        "target_fpirs": list(calibration.quantiles.target_fpirs),
        "thresholds": _table_content(calibration.quantiles),
        "bands": {band.value: _band_content(of) for band, of in calibration.bands.items()},
    }


def calibration_of(content: object) -> PackCalibration:
    """Raises InvalidInputError for what is not the content of a calibration."""
    try:
        return _read(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError("This file is not a calibration.") from error


def _read(content: Any) -> PackCalibration:
    if content["format"] not in (FORMAT, *_READ_TOO):
        raise InvalidInputError("This calibration is of another format.", format=FORMAT)
    general = _quantiles(content, content["space_id"], content["template_exponent"])
    pairs = tuple((float(rate), float(score)) for rate, score in content["pair_quantiles"])
    at = content.get("measured_at")
    calibration = PackCalibration(
        pack=str(content["pack"]),
        quantiles=general,
        measured_on=MeasuredOn(**content["measured_on"]),
        pair_quantiles=pairs,
        seed=content["seed"],
        command=str(content["command"]),
        mated=_mated(content.get("mated_quantiles")),
        bands={
            LightBand(name): _band(of, general) for name, of in content.get("bands", {}).items()
        },
        measured_at=date.fromisoformat(at) if at else None,
    )
    for band in LightBand:
        calibration.pairs_in(band)  # a tail that is none is refused here, not at night
    return calibration


def _quantiles(content: Content, space_id: str, template_exponent: float) -> ScoreQuantiles:
    thresholds = {int(size): tuple(row) for size, row in content["thresholds"].items()}
    return ScoreQuantiles(
        space_id=space_id,
        gallery_sizes=tuple(thresholds),
        target_fpirs=tuple(content["target_fpirs"]),
        thresholds=tuple(thresholds.values()),
        template_exponent=template_exponent,
    )


def _band(content: Content, general: ScoreQuantiles) -> BandMeasurement:
    pairs = [(float(rate), float(score)) for rate, score in content.get("pair_quantiles") or ()]
    own = None
    if content.get("thresholds"):
        own = _quantiles(content, general.space_id, general.template_exponent)
    return BandMeasurement(
        people=int(content["people"]),
        photos=int(content["photos"]),
        checks=tuple(BandCheck(**check) for check in content.get("checks", ())),
        quantiles=own,
        pairs=PairTail(*zip(*pairs, strict=True)) if pairs else None,
        mated=_mated(content.get("mated_quantiles")),
    )


def _band_content(band: BandMeasurement) -> Content:
    content: Content = {
        "people": band.people,
        "photos": band.photos,
        "checks": [asdict(check) for check in band.checks],
        "mated_quantiles": _mated_content(band.mated),
    }
    if band.pairs is not None:
        pairs = zip(band.pairs.rates, band.pairs.scores, strict=True)
        content["pair_quantiles"] = [list(pair) for pair in pairs]
    if band.quantiles is not None:
        content["target_fpirs"] = list(band.quantiles.target_fpirs)
        content["thresholds"] = _table_content(band.quantiles)
    return content


def _mated(pairs: list[list[float]] | None) -> MatedScores | None:
    return MatedScores(*(tuple(row) for row in zip(*pairs, strict=True))) if pairs else None


def _mated_content(mated: MatedScores | None) -> list[list[float]] | None:
    if mated is None:
        return None
    return [list(pair) for pair in zip(mated.shares, mated.scores, strict=True)]


def _table_content(quantiles: ScoreQuantiles) -> dict[str, list[float]]:
    rows = zip(quantiles.gallery_sizes, quantiles.thresholds, strict=True)
    return {str(size): list(row) for size, row in rows}


def _lines(content: Mapping[str, Any], *, indent: int) -> list[str]:
    """One line a value, one line a row of a table, bands inside."""
    return [
        " " * indent + f"{json.dumps(key)}: {_text(value, indent)}"
        for key, value in content.items()
    ]


def _text(value: object, indent: int) -> str:
    if isinstance(value, dict) and any(isinstance(row, dict | list) for row in value.values()):
        inner = ",\n".join(_lines(value, indent=indent + 2))
        return "{\n" + inner + "\n" + " " * indent + "}"
    return json.dumps(value)
