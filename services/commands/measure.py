"""``vestibule evaluate`` and ``vestibule calibrate``: the engine on a folder of labelled photos."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from services.client import ApiClient
from vestibule import wiring, wiring_models
from vestibule.domain.errors import CalibrationMissingError, InvalidInputError, NotFoundError
from vestibule.domain.light_band import LightBand
from vestibule.evaluation.calibrating import calibration_from
from vestibule.evaluation.calibration_files import write_calibration
from vestibule.evaluation.comparison import Comparison, compare
from vestibule.evaluation.datasets import read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Measured, Plan, Subject, evaluate, quick
from vestibule.evaluation.observation_files import observe_once
from vestibule.evaluation.publishing import publish_calibration
from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_files import format_json, write_json
from vestibule.evaluation.shipped import own_calibration_path
from vestibule.reporting import Report
from vestibule.settings import Settings

Progress = Callable[[int, int], None]
Stage = Callable[[str], Progress]
"""Given what is being done, tells how far it is."""


ACCURACY_SETTINGS = ("low_light", "detector_long_side_px", "providers")
"""What changes error rates without being a pack: reports name those that are not as by default."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was measured, and the files that hold it."""

    reports: tuple[EvaluationReport, ...]
    comparison: Comparison | None
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """``other`` is a second engine: a pack, with settings after a colon (see ``settings_of``)."""

    output: Path
    other: str | None = None
    degradations: tuple[Degradation, ...] = tuple(Degradation)
    is_quick: bool = False
    seed: int = 0
    expected_faces: dict[str, int] | None = None
    groups_file: Path | None = None


def evaluate_folder(
    settings: Settings,
    folder: Path,
    options: EvaluationOptions,
    *,
    stage: Stage,
    report: Report,
) -> Evaluated:
    """Write a report an engine as JSON into the output folder, and their comparison."""
    plan = Plan(
        dataset=read_dataset(
            folder,
            more_expected_faces=options.expected_faces,
            groups_file=options.groups_file,
        ),
        degradations=options.degradations,
        target_fpir=settings.target_fpir,
        review_fpir=settings.review_fpir,
        seed=options.seed,
    )
    if options.is_quick:
        plan = quick(plan)
    subjects = [settings]
    if options.other is not None:
        subjects.append(settings_of(options.other, settings))
    measured = [_measure(subject, plan, stage=stage, report=report) for subject in subjects]
    reports = tuple(side.report for side in measured)
    comparison = compare(*measured) if len(measured) == 2 else None
    files = [options.output / f"{found.slug}.json" for found in reports]
    for found, file in zip(reports, files, strict=True):
        write_json(found, file)
    if comparison is not None:
        files.append(options.output / f"{reports[0].slug}-against-{reports[1].slug}.json")
        write_json(comparison, files[-1])
    return Evaluated(reports, comparison, tuple(files))


def degradations_of(listed: str) -> tuple[Degradation, ...]:
    """From their names by comma; all for an empty list. Raises InvalidInputError."""
    try:
        kinds = tuple(Degradation(name.strip().replace("-", "_")) for name in listed.split(","))
    except ValueError as error:
        if not listed.strip():
            return tuple(Degradation)
        known = ", ".join(Degradation)
        raise InvalidInputError(f"These are the degradations: {known}.") from error
    return kinds


def counts_of(described: Sequence[str]) -> dict[str, int]:
    """From ``stem=6`` each. Raises InvalidInputError."""
    try:
        pairs = [count.rsplit("=", 1) for count in described]
        return {stem: int(count) for stem, count in pairs}
    except ValueError as error:
        raise InvalidInputError(
            "A count is the photo's name without ending, =, a number."
        ) from error


def settings_of(described: str, settings: Settings) -> Settings:
    """``dlib``, or ``open:low-light=off,detector-long-side-px=640``: the same, set otherwise.

    Raises InvalidInputError for a setting that does not exist or a value that it cannot have.
    """
    pack, _, changes = described.partition(":")
    changed = {"pack": pack}
    for change in filter(None, changes.split(",")):
        name, equals, value = change.partition("=")
        key = name.strip().replace("-", "_")
        if not equals or key not in ACCURACY_SETTINGS:
            raise InvalidInputError(f"{name!r} is no setting of recognition.")
        changed[key] = value.strip()
    try:
        found = Settings.model_validate({**settings.model_dump(), **changed})
        wiring_models.find_pack(found, pack)
    except ValidationError as error:
        words = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        raise InvalidInputError(words) from error
    except NotFoundError as error:
        raise InvalidInputError(str(error)) from error
    return found


def changed_settings(settings: Settings) -> dict[str, str]:
    """What bears on accuracy and differs from the defaults, as ``settings_of`` reads it."""
    return {
        name.replace("_", "-"): _as_word(getattr(settings, name))
        for name in ACCURACY_SETTINGS
        if getattr(settings, name) != Settings.model_fields[name].default
    }


def _as_word(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _measure(settings: Settings, plan: Plan, *, stage: Stage, report: Report) -> Measured:
    engine = wiring.open_engine(settings, report=report)
    changed = changed_settings(settings)
    try:
        measured = wiring_models.calibration_of(settings, engine.space)
        own = {b: measured.quantiles_in(b) for b in LightBand if measured.has_own_table(b)}
        subject = Subject(engine, measured.quantiles, changed, own)
    except CalibrationMissingError:
        subject = Subject(engine, None, changed)
    progress = stage(f"Evaluating {settings.pack}")
    return evaluate(plan, subject, wiring.open_codec(settings), progress=progress)


def calibrate_folder(
    settings: Settings,
    folder: Path,
    *,
    output: Path | None,
    document: Path | None,
    observations: Path | None,
    progress: Progress,
    report: Report,
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


def has_installation(settings: Settings) -> bool:
    """Whether there is a product on this data folder that could keep a report."""
    return (settings.data_dir / "postgres").is_dir()


def store_reports(client: ApiClient, reports: Sequence[EvaluationReport]) -> None:
    """Raises RefusedError."""
    for report in reports:
        client.post("/v1/accuracy-reports", json.loads(format_json(report)))


def own_folder(settings: Settings) -> Path:
    return settings.data_dir / "calibrations"
