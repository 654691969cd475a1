"""``vestibule evaluate`` and ``vestibule calibrate``: the engine on a folder of labelled photos."""

from collections.abc import Callable
from pathlib import Path

from vestibule import wiring
from vestibule.domain.errors import CalibrationMissingError
from vestibule.evaluation.calibrating import calibration_from
from vestibule.evaluation.calibration_files import write_calibration
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.evaluating import EvaluationReport, evaluate
from vestibule.evaluation.observation_files import observe_once
from vestibule.evaluation.publishing import (
    markdown_tables,
    publish_calibration,
    publish_report,
    write_json,
)
from vestibule.evaluation.shipped import load_calibration, own_calibration_path
from vestibule.settings import Settings

Progress = Callable[[int, int], None]


def evaluate_folder(
    settings: Settings,
    folder: Path,
    *,
    output: Path,
    document: Path | None,
    progress: Progress,
    report: wiring.Report,
) -> str:
    """Write the figures as JSON, and as tables into ``document``; returns the tables."""
    engine = wiring.open_engine(settings, report=report)
    try:
        calibration = load_calibration(engine.space, own_folder=own_folder(settings))
    except CalibrationMissingError:
        calibration = None
    measured: EvaluationReport = evaluate(
        read_dataset(folder),
        engine,
        wiring.open_codec(settings),
        calibration=calibration,
        target_fpir=settings.target_fpir,
        review_fpir=settings.review_fpir,
        progress=progress,
    )
    write_json(measured, output)
    if document is not None:
        publish_report(measured, document)
    return markdown_tables(measured)


def calibrate_folder(
    settings: Settings,
    folder: Path,
    *,
    output: Path | None,
    document: Path | None,
    observations: Path | None,
    progress: Progress,
    report: wiring.Report,
) -> Path:
    """Measure the non-mated scores and write them; by default where this installation looks."""
    engine = wiring.open_engine(settings, report=report)
    dataset = read_dataset(folder)
    observed = observe_once(
        observations, dataset, engine, wiring.open_codec(settings), seed=0, progress=progress
    )
    measured = calibration_from(dataset.name, observed, seed=0, measured_at=wiring.today())
    path = output or own_calibration_path(engine.space, own_folder(settings))
    write_calibration(measured, path)
    if document is not None:
        publish_calibration(measured, document)
    return path


def own_folder(settings: Settings) -> Path:
    return settings.data_dir / "calibrations"
