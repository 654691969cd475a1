"""``vestibule evaluate-gate``: what the gate refuses, on a folder of labelled photos."""

from collections.abc import Callable
from pathlib import Path

from services.commands.measure import own_folder
from vestibule import wiring
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.gate_report import measure_gate
from vestibule.evaluation.gate_tables import gate_tables, publish_gate
from vestibule.evaluation.shipped import load_calibration
from vestibule.reporting import Report
from vestibule.settings import Settings


def evaluate_gate_folder(
    settings: Settings,
    folder: Path,
    *,
    faces: int,
    document: Path | None,
    progress: Callable[[int, int], None],
    report: Report,
) -> str:
    """Returns the tables, and puts them into ``document``."""
    engine = wiring.open_engine(settings, report=report)
    measured = measure_gate(
        read_dataset(folder),
        engine,
        wiring.open_codec(settings),
        calibration=load_calibration(engine.space, own_folder=own_folder(settings)),
        drawn_on=faces,
        seed=0,
        progress=progress,
    )
    if document is not None:
        publish_gate(measured, document)
    return gate_tables(measured)
