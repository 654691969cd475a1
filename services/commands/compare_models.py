"""``vestibule models compare``: several packs on the same labelled photos, side by side."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.commands.measure import Stage, changed_settings, settings_of
from vestibule import wiring, wiring_models
from vestibule.domain.errors import CalibrationMissingError, InvalidInputError
from vestibule.evaluation.datasets import Dataset, read_dataset
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.evaluating import Plan, Subject, evaluate, quick
from vestibule.evaluation.identification import IdentificationRates
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.report import EvaluationReport
from vestibule.ports import FaceEngine, PhotoCodec
from vestibule.reporting import Report
from vestibule.settings import Settings

TIMED_PHOTOS = 12
IN_THE_DARK = Degradation.EXPOSURE


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians on one thread pool of this machine, while it does whatever else it does."""

    detect_ms_a_photo: float
    embed_ms_a_face: float


@dataclass(frozen=True, slots=True)
class PackFigures:
    """One pack: what it is, what it costs, what it reaches. A rate is None where it is unknown."""

    name: str
    size_mb: float
    dimension: int
    licence: str
    commercial_use: str
    detect_ms_a_photo: float
    embed_ms_a_face: float
    people: int
    gallery: int
    no_usable_face: Interval | None
    rank_1: Interval | None
    fnir_at_fpir_1_percent: Interval | None
    fnir_at_fpir_10_percent: Interval | None
    rank_1_in_the_dark: Interval | None


def compare_packs(
    settings: Settings,
    names: Sequence[str],
    folder: Path,
    *,
    is_quick: bool,
    stage: Stage,
    report: Report,
) -> list[PackFigures]:
    """Figures a pack, in the order asked for, on the same people and the same draws.

    Raises InvalidInputError for less than two packs, NotFoundError for one that is not known,
    WeightsError or LicenceNotAcceptedError for one that is not installed.
    """
    if len(dict.fromkeys(names)) < 2:
        raise InvalidInputError("Name at least two different packs to compare.")
    chosen = [settings_of(name, settings) for name in dict.fromkeys(names)]
    dataset = read_dataset(folder)
    plan = Plan(dataset, degradations=(IN_THE_DARK,), target_fpir=settings.target_fpir)
    plan = quick(plan) if is_quick else plan
    plan = Plan(
        plan.dataset,
        degradations=plan.degradations,
        target_fpir=plan.target_fpir,
        review_fpir=settings.review_fpir,
        scenes_each=0,
        of_people=plan.of_people,
    )
    return [_figures(one, plan, stage=stage, report=report) for one in chosen]


def _figures(settings: Settings, plan: Plan, *, stage: Stage, report: Report) -> PackFigures:
    engine = wiring.open_engine(settings, report=report)
    codec = wiring.open_codec(settings)
    timing = time_engine(engine, codec, plan.dataset)
    try:
        calibration = wiring_models.calibration_of(settings, engine.space).quantiles
    except CalibrationMissingError:
        calibration = None
    subject = Subject(engine, calibration, changed_settings(settings))
    measured = evaluate(plan, subject, codec, progress=stage(f"Measuring {settings.pack}")).report
    clean = _whole_gallery(measured, Degradation.CLEAN)
    dark = _whole_gallery(measured, IN_THE_DARK)
    pack = wiring_models.describe_pack(settings, settings.pack)
    return PackFigures(
        name=measured.label,
        size_mb=pack.size_bytes / 1e6,
        dimension=pack.dimension,
        licence=pack.licence,
        commercial_use=pack.commercial_use,
        detect_ms_a_photo=timing.detect_ms_a_photo,
        embed_ms_a_face=timing.embed_ms_a_face,
        people=measured.people,
        gallery=measured.gallery_size,
        no_usable_face=measured.detection[0].failure_to_acquire,
        rank_1=clean.rank_1 if clean else None,
        fnir_at_fpir_1_percent=_fnir_at(clean, 0.01),
        fnir_at_fpir_10_percent=_fnir_at(clean, 0.1),
        rank_1_in_the_dark=dark.rank_1 if dark else None,
    )


def time_engine(engine: FaceEngine, codec: PhotoCodec, dataset: Dataset) -> Timing:
    """The first photos of a set, decoded beforehand; the first of them warms up."""
    detecting, embedding = [], []
    for photo in dataset.labelled[: TIMED_PHOTOS + 1]:
        image = codec.decode_upright(photo.path.read_bytes())
        started = time.perf_counter()
        faces = engine.detect(image)
        detecting.append(time.perf_counter() - started)
        if faces:
            started = time.perf_counter()
            engine.embed(image, faces[:1])
            embedding.append(time.perf_counter() - started)
    return Timing(_median_ms(detecting[1:]), _median_ms(embedding[1:]))


def _median_ms(seconds: list[float]) -> float:
    return 1000 * sorted(seconds)[len(seconds) // 2] if seconds else float("nan")


def _whole_gallery(
    report: EvaluationReport, degradation: Degradation
) -> IdentificationRates | None:
    return next(
        (
            rates
            for rates in report.identification
            if rates.degradation is degradation and rates.gallery_size == report.gallery_size
        ),
        None,
    )


def _fnir_at(rates: IdentificationRates | None, target_fpir: float) -> Interval | None:
    points = rates.best_possible if rates is not None else ()
    return next((point.fnir for point in points if point.target_fpir == target_fpir), None)
