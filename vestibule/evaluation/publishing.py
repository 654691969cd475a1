"""Reports as JSON, and as tables inside documents, so that nobody types a number."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vestibule.domain.pack_calibration import PackCalibration
from vestibule.evaluation.evaluating import SMALL_SET_PEOPLE, EvaluationReport
from vestibule.evaluation.identification import IdentificationRates, OperatingPoint
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.lighting import Light

EXAMPLE_GALLERIES = (1, 10, 100, 428, 1_000, 1_680, 10_000, 100_000, 1_000_000)
EXAMPLE_TARGETS = (0.003, 0.01, 0.05, 0.1)

Cell = str | int | float
LIGHT_NAMES = {
    Light.CLEAN: "as taken",
    Light.EXPOSURE: "quarter exposure",
    Light.GAMMA: "gamma 3",
    Light.BOTH: "both",
}


def write_json(report: EvaluationReport, path: Path) -> None:
    """Write the report, and its folder if need be. The same report gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(report), indent=1, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def publish_report(report: EvaluationReport, document: Path) -> None:
    """Put the report's tables into its block of the document (see ``replace_block``)."""
    _publish(document, f"{report.dataset} {report.pack}", markdown_tables(report))


def publish_calibration(calibration: PackCalibration, document: Path) -> None:
    _publish(document, f"thresholds {calibration.pack}", calibration_table(calibration))


def replace_block(text: str, name: str, content: str) -> str:
    """The text with what stands between the markers of a block replaced.

    The markers are ``<!-- evaluation:begin NAME -->`` and ``<!-- evaluation:end NAME -->``; a
    block that is not there yet is added at the end.
    """
    begin, end = f"<!-- evaluation:begin {name} -->", f"<!-- evaluation:end {name} -->"
    block = f"{begin}\n{content.strip()}\n{end}"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if found_begin and found_end:
        return before + block + after
    return f"{text.rstrip()}\n\n{block}\n"


def markdown_tables(report: EvaluationReport) -> str:
    """All figures of a report, as a section of a document."""
    parts = [
        f"### `{report.dataset}`, pack `{report.pack}`",
        f"{report.people:,} people ({report.people_with_two_photos:,} with two photos or more), "
        f"{report.photos:,} photos; embedding space `{report.space_id}`; seed {report.seed}; "
        f"95 % intervals from {report.replicates} resamplings of people.",
        *(f"**{warning}**" for warning in report.warnings),
        _identification(report),
        _trade_off(report),
        _several_templates(report),
        _held_out(report),
        _verification(report),
        _detection(report),
        _groups(report),
    ]
    return "\n\n".join(part for part in parts if part)


def calibration_table(calibration: PackCalibration) -> str:
    """The threshold at example sizes and targets; extrapolated ones are marked."""
    quantiles, on = calibration.quantiles, calibration.measured_on
    rows: list[list[Cell]] = []
    for size in EXAMPLE_GALLERIES:
        row: list[Cell] = [f"{size:,}"]
        for target in EXAMPLE_TARGETS:
            score = quantiles.threshold(target_fpir=target, gallery_size=size)
            beyond = quantiles.is_extrapolated(target_fpir=target, gallery_size=size)
            row.append(f"{score:.3f}{' *' if beyond else ''}")
        rows.append(row)
    return (
        f"### Thresholds of pack `{calibration.pack}`\n\n"
        f"Measured on `{on.name}`: {on.people:,} people, {on.photos:,} photos, "
        f"{on.mated_pairs:,} mated and {on.non_mated_pairs:,} non-mated pairs; space "
        f"`{quantiles.space_id}`; `{calibration.command}`. A customer with k templates counts as "
        f"k to the power {quantiles.template_exponent:g} customers.\n\n"
        + _table(["customers", *(f"FPIR {_percent(t)}" for t in EXAMPLE_TARGETS)], rows)
        + f"\n\n\\* extrapolated: at most {quantiles.largest_measured_gallery:,} people were "
        "measured."
    )


def _identification(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = []
    for rates in report.identification:
        best = rates.best_possible[0]
        row: list[Cell] = [LIGHT_NAMES[rates.light], f"{rates.gallery_size:,}"]
        row += [_share(rates.rank_1), f"{_share(best.fnir)} ({best.threshold:.3f})"]
        row += _point_cells(rates.shipped)
        rows.append(row)
    if not rows:
        return ""
    return (
        "Identification, one template a person. FNIR at FPIR 1 % has its threshold (in brackets) "
        "set on the very strangers it is measured with; the shipped thresholds are those of the "
        f"calibration for FPIR {_percent(report.target_fpir)} (match) and "
        f"{_percent(report.review_fpir)} (review).\n\n"
        + _table(
            [
                "light",
                "gallery",
                "rank 1",
                "FNIR at FPIR 1 %",
                "match: threshold",
                "FPIR",
                "FNIR",
                "review: threshold",
                "FPIR",
                "FNIR",
            ],
            rows,
        )
    )


def _point_cells(points: Sequence[OperatingPoint]) -> list[Cell]:
    if not points:
        return ["–"] * 6
    return [
        cell
        for point in points
        for cell in (f"{point.threshold:.3f}", _share(point.fpir), _share(point.fnir))
    ]


def _trade_off(report: EvaluationReport) -> str:
    """What a band of some width would still find, at the whole gallery."""
    whole = _whole_gallery(report.identification, report.people_with_two_photos)
    if not whole or report.people < SMALL_SET_PEOPLE:
        return ""
    targets = [point.target_fpir for point in whole[0].best_possible]
    rows: list[list[Cell]] = [
        [LIGHT_NAMES[rates.light], *(_share(point.fnir) for point in rates.best_possible)]
        for rates in whole
    ]
    return f"FNIR by FPIR, gallery {whole[0].gallery_size:,}.\n\n" + _table(
        ["light", *(f"FPIR {_percent(target)}" for target in targets)], rows
    )


def _whole_gallery(rates: Sequence[IdentificationRates], largest: int) -> list[IdentificationRates]:
    size = max((r.gallery_size for r in rates if r.gallery_size <= largest), default=0)
    return [r for r in rates if r.gallery_size == size]


def _several_templates(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [f"{rates.gallery_size:,}", f"{rates.templates:,}", *_point_cells(rates.shipped)]
        for rates in report.several_templates
        if rates.shipped
    ]
    if not rows or report.people < SMALL_SET_PEOPLE:
        return ""
    header = ["people", "templates", "match: threshold", "FPIR", "FNIR"]
    header += ["review: threshold", "FPIR", "FNIR"]
    return (
        "Several templates a person (up to 2, 3 and 5, one photo kept as a probe), as taken, at "
        "the shipped thresholds for that many templates.\n\n" + _table(header, rows)
    )


def _held_out(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            f"{rate.gallery_size:,}",
            _percent(rate.target_fpir),
            f"{rate.mean_fpir:.4f}",
            f"{rate.lowest_fpir:.4f} to {rate.highest_fpir:.4f}",
        ]
        for rate in report.held_out
    ]
    if not rows:
        return ""
    return (
        "Thresholds on people they were not measured on: calibrated on one half of the people, "
        f"checked on the other, {report.held_out[0].checks} times.\n\n"
        + _table(["gallery", "target FPIR", "measured FPIR, mean", "lowest to highest"], rows)
    )


def _verification(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            LIGHT_NAMES[rates.light],
            f"{rates.fmr:g}",
            f"{rates.threshold:.3f}",
            _share(rates.fnmr),
        ]
        for rates in report.verification
    ]
    if not rows:
        return ""
    first = report.verification[0]
    return (
        f"Verification: {first.mated_pairs:,} mated and {first.non_mated_pairs:,} non-mated "
        "ordered pairs, the first photo in the light named, the second as taken.\n\n"
        + _table(["light", "FMR", "threshold", "FNMR"], rows)
    )


def _detection(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            LIGHT_NAMES[rates.light],
            f"{rates.photos:,}",
            _share(rates.no_face),
            _share(rates.failure_to_acquire),
            ", ".join(f"{reason} {count}" for reason, count in rates.refusals.items()) or "–",
        ]
        for rates in report.detection
    ]
    return (
        "Detection: labelled photos without a found face, and without a face that is compared. "
        f"Enrolment refuses {_share(report.failure_to_enrol)} of the photos as taken.\n\n"
        + _table(["light", "photos", "no face", "failure to acquire", "reasons"], rows)
    )


def _groups(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            LIGHT_NAMES[light],
            sum(group.expected_faces for group in report.groups if group.light is light),
            sum(group.found_faces for group in report.groups if group.light is light),
            ", ".join(
                f"{Path(group.photo).stem} {group.found_faces}/{group.expected_faces}"
                for group in report.groups
                if group.light is light
            ),
        ]
        for light in dict.fromkeys(group.light for group in report.groups)
    ]
    if not rows:
        return ""
    return "Faces in group photos.\n\n" + _table(["light", "expected", "found", "each"], rows)


def _publish(document: Path, name: str, content: str) -> None:
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    document.write_text(replace_block(text, name, content), encoding="utf-8")


def _share(measured: Interval) -> str:
    if measured.value is None:
        return "–"
    if measured.low is None or measured.high is None:
        return f"{measured.value:.4f}"
    return f"{measured.value:.4f} [{measured.low:.4f}, {measured.high:.4f}]"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
