"""Calibrations as files: what is written is read again, and the right one is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import CalibrationMissingError, InvalidInputError
from vestibule.domain.pack_calibration import MeasuredOn, PackCalibration
from vestibule.evaluation.calibration_files import (
    format_calibration,
    parse_calibration,
    write_calibration,
)
from vestibule.evaluation.shipped import (
    load_calibration,
    own_calibration_path,
    shipped_calibrations,
)

OWN = PackCalibration(
    pack="open",
    quantiles=ScoreQuantiles("own-space", (1, 10), (0.01, 0.1), ((0.3, 0.2), (0.4, 0.3)), 0.8),
    measured_on=MeasuredOn("venue", people=11, photos=30, mated_pairs=20, non_mated_pairs=415),
    pair_quantiles=((0.01, 0.31),),
    seed=0,
    command="vestibule calibrate venue",
)
SPACE = EmbeddingSpace("own-space", "open", Metric.COSINE, 192)


def test_a_calibration_survives_its_file() -> None:
    assert parse_calibration(format_calibration(OWN)) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        format_calibration(OWN).replace('"format": 2', '"format": 3'),
        format_calibration(OWN).replace("[0.4, 0.3]", "[0.1, 0.3]"),
        format_calibration(OWN).replace("[0.4, 0.3]", "[0.4]"),
        format_calibration(OWN).replace("[0.4, 0.3]", '"high"'),
        format_calibration(OWN)[:-40],
    ],
)
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_calibration(text)


def test_what_an_installation_measured_goes_before_what_is_shipped(tmp_path: Path) -> None:
    for shipped in shipped_calibrations():
        space = replace(SPACE, id=shipped.quantiles.space_id)
        assert load_calibration(space, own_folder=tmp_path) == shipped.quantiles
        own = replace(OWN, quantiles=replace(OWN.quantiles, space_id=space.id))
        write_calibration(own, own_calibration_path(space, tmp_path))
        assert load_calibration(space, own_folder=tmp_path) == own.quantiles


def test_a_space_that_nobody_measured_has_no_calibration(tmp_path: Path) -> None:
    with pytest.raises(CalibrationMissingError) as caught:
        load_calibration(SPACE, own_folder=tmp_path / "missing")
    assert caught.value.facts["space_id"] == "own-space"


def test_a_file_of_another_space_is_refused(tmp_path: Path) -> None:
    other = replace(SPACE, id="other-space")
    write_calibration(OWN, own_calibration_path(other, tmp_path))
    with pytest.raises(InvalidInputError):
        load_calibration(other, own_folder=tmp_path)


def test_every_pack_with_weights_ships_one_calibration_a_space() -> None:
    shipped = list(shipped_calibrations())
    assert {calibration.pack for calibration in shipped} == {"open", "dlib"}
    spaces = [calibration.quantiles.space_id for calibration in shipped]
    assert len(set(spaces)) == len(spaces)


def test_shipped_calibrations_reach_far_enough_for_a_venue() -> None:
    for calibration in shipped_calibrations():
        quantiles = calibration.quantiles
        assert quantiles.largest_measured_gallery >= 1000
        assert not quantiles.is_extrapolated(target_fpir=0.01, gallery_size=1000)
