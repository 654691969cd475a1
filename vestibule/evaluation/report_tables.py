"""All figures of a report as the long tables of a document."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from vestibule.evaluation.bands import Axis, BandRates, Caution, CautiousRate
from vestibule.evaluation.comparison import Comparison, Measure
from vestibule.evaluation.degradations import Degradation
from vestibule.evaluation.detection import SceneRates
from vestibule.evaluation.histograms import BIN_EDGES
from vestibule.evaluation.identification import IdentificationRates, OperatingPoint
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.publishing import Cell, percent, share, table
from vestibule.evaluation.report import SMALL_SET_PEOPLE, Caveat, CaveatCode, EvaluationReport

NAMES = {
    Degradation.CLEAN: "as taken",
    Degradation.EXPOSURE: "quarter exposure",
    Degradation.GAMMA: "gamma 3",
    Degradation.BOTH: "both",
    Degradation.NOISE: "noise",
    Degradation.MOTION_BLUR: "motion blur",
    Degradation.STAGE_LIGHT: "stage light",
    Degradation.INFRARED: "infrared-like",
    Degradation.BACKLIGHT: "backlight",
    Degradation.JPEG: "JPEG",
    Degradation.SMALL_FACES: "small faces",
    Degradation.MASKS: "masks",
}


def markdown_tables(report: EvaluationReport) -> str:
    """All figures of a report, as a section of a document."""
    parts = [
        f"### `{report.dataset}`, pack `{report.label}`",
        f"{report.people:,} people ({report.people_with_two_photos:,} with two photos or more), "
        f"{report.photos:,} photos; embedding space `{report.space_id}`; seed {report.seed}; "
        f"95 % intervals from {report.replicates} resamplings of people.",
        *(f"**{caveat_words(caveat)}**" for caveat in report.caveats),
        _identification(report),
        _trade_off(report),
        _several_templates(report),
        _held_out(report),
        _verification(report),
        _bands(report),
        _detection(report),
        _scenes(report),
        _groups(report),
        _histograms(report),
    ]
    return "\n\n".join(part for part in parts if part)


def comparison_tables(comparison: Comparison) -> str:
    """Every difference, clear or not."""
    rows: list[list[Cell]] = [
        [
            MEASURE_NAMES[found.measure],
            NAMES[found.degradation],
            f"{found.first:.4f}",
            f"{found.second:.4f}",
            f"{found.difference:+.4f} [{found.low:+.4f}, {found.high:+.4f}]",
            "" if not found.is_clear else "worse" if found.difference > 0 else "better",
        ]
        for measure in Measure
        for found in comparison.differences
        if found.measure is measure
    ]
    first, second = comparison.first, comparison.second
    return (
        f"### `{comparison.dataset}`: `{first}` against `{second}`\n\n"
        f"{comparison.people:,} people, {comparison.photos:,} photos, gallery "
        f"{comparison.gallery_size:,}; the same photos, galleries and resampled people for both. "
        f"The last column speaks of `{second}` and is empty where the interval holds zero.\n\n"
        + table(["measure", "photos", f"`{first}`", f"`{second}`", "difference", ""], rows)
    )


MEASURE_NAMES = {
    Measure.FNIR_AT_FPIR_1_PERCENT: "FNIR at FPIR 1 %",
    Measure.FNIR_AT_MATCH_THRESHOLD: "FNIR at the match threshold",
    Measure.FPIR_AT_MATCH_THRESHOLD: "FPIR at the match threshold",
    Measure.NOT_RANK_1: "not at rank 1",
    Measure.FAILURE_TO_ACQUIRE: "not acquired",
    Measure.NOT_FOUND: "face not found",
}


def _identification(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = []
    for rates in report.identification:
        best = point_at(rates, 0.01)
        row: list[Cell] = [NAMES[rates.degradation], f"{rates.gallery_size:,}"]
        row += [share(rates.rank_1)]
        row += [f"{share(best.fnir)} ({best.threshold:.3f})" if best else "–"]
        row += _point_cells(rates.shipped)
        rows.append(row)
    if not rows:
        return ""
    return (
        "Identification, one template a person. FNIR at FPIR 1 % has its threshold (in brackets) "
        "set on the very strangers it is measured with; the shipped thresholds are those of the "
        f"calibration for FPIR {percent(report.target_fpir)} (match) and "
        f"{percent(report.review_fpir)} (review), by the light on each face; "
        "those shown are a bright face's.\n\n"
        + table(
            [
                "photos",
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


def point_at(rates: IdentificationRates, target_fpir: float) -> OperatingPoint | None:
    """The DET curve's point at a rate, None where too few strangers could decide it."""
    return next((p for p in rates.best_possible if p.target_fpir == target_fpir), None)


def _point_cells(points: Sequence[OperatingPoint]) -> list[Cell]:
    if not points:
        return ["–"] * 6
    return [
        cell
        for point in points
        for cell in (f"{point.threshold:.3f}", share(point.fpir), share(point.fnir))
    ]


def _trade_off(report: EvaluationReport) -> str:
    """What a band of some width would still find, at the whole gallery."""
    whole = whole_gallery(report)
    if not whole or report.people < SMALL_SET_PEOPLE:
        return ""
    targets = [point.target_fpir for point in whole[0].best_possible]
    rows: list[list[Cell]] = [
        [NAMES[rates.degradation], *(share(point.fnir) for point in rates.best_possible)]
        for rates in whole
    ]
    return f"FNIR by FPIR, gallery {whole[0].gallery_size:,}.\n\n" + table(
        ["photos", *(f"FPIR {percent(target)}" for target in targets)], rows
    )


def whole_gallery(report: EvaluationReport) -> list[IdentificationRates]:
    """One a degradation, at the largest gallery that everybody comes back to."""
    return [rates for rates in report.identification if rates.gallery_size == report.gallery_size]


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
        "the shipped thresholds for that many templates.\n\n" + table(header, rows)
    )


def _held_out(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            f"{rate.gallery_size:,}",
            percent(rate.target_fpir),
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
        + table(["gallery", "target FPIR", "measured FPIR, mean", "lowest to highest"], rows)
    )


def _verification(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            NAMES[rates.degradation],
            f"{rates.fmr:g}",
            f"{rates.threshold:.3f}",
            share(rates.fnmr),
        ]
        for rates in report.verification
    ]
    if not rows:
        return ""
    first = report.verification[0]
    return (
        f"Verification: {first.mated_pairs:,} mated and {first.non_mated_pairs:,} non-mated "
        "ordered pairs, the first photo degraded as named, the second as taken.\n\n"
        + table(["photos", "FMR", "threshold", "FNMR"], rows)
    )


def _bands(report: EvaluationReport) -> str:
    parts = []
    for axis in dict.fromkeys(rates.axis for rates in report.bands):
        bands = [rates for rates in report.bands if rates.axis is axis]
        kinds = ", ".join(NAMES[kind] for kind in bands[0].degradations)
        parts.append(
            f"By {AXIS_NAMES[axis]}, photos {kinds}, gallery {bands[0].gallery_size:,}, "
            f"at the match thresholds.\n\n" + table(BAND_HEADER, band_rows(bands))
        )
    if not parts:
        return ""
    return "\n\n".join([*parts, CAUTION_WORDS])


BAND_HEADER = ["band", "photos", "FNIR", "people", "FPIR", "people", "not acquired", "people"]
AXIS_NAMES = {
    Axis.LIGHT: "light on the face (bright, dim, dark: `domain/light_band.py`)",
    Axis.FACE_SIZE: "size of the face (pixels from eye to eye)",
    Axis.POSE: "turn of the head (0 frontal, about 1 when the nose stands over an eye)",
    Axis.GROUP: "declared group",
    Axis.GROUP_IN_POOR_LIGHT: "declared group, in poor light",
}
CAUTION_WORDS = (
    "No rate is given for fewer than 30 people. \\* fewer than ten people's errors make up this "
    "rate (ten errors at a rate r take 10 / r people): believe its interval, not the number."
)


def band_rows(bands: Sequence[BandRates]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for band in bands:
        row: list[Cell] = [band.band, f"{band.photos:,}"]
        for cautious in (band.fnir, band.fpir, band.failure_to_acquire):
            row += [cautious_share(cautious), f"{cautious.people:,}"]
        rows.append(row)
    return rows


def cautious_share(cautious: CautiousRate) -> str:
    if cautious.caution is Caution.TOO_FEW_PEOPLE:
        return "too few people"
    mark = " \\*" if cautious.caution is Caution.FEW_ERRORS else ""
    return share(cautious.rate) + mark


def _detection(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = [
        [
            NAMES[rates.degradation],
            f"{rates.photos:,}",
            share(rates.recall),
            share(rates.precision),
            share(rates.no_face),
            share(rates.failure_to_acquire),
            ", ".join(f"{reason} {count}" for reason, count in rates.refusals.items()) or "–",
        ]
        for rates in report.detection
    ]
    return (
        "Detection on labelled photos. Recall: a box lies (overlap .4) on the labelled face that "
        "the clean photo shows. Precision: boxes that lie on a face that the clean photo surely "
        "shows. No face: nothing found at all. Not acquired: no face that is compared. Enrolment "
        f"refuses {share(report.failure_to_enrol)} of the photos as taken.\n\n"
        + table(
            ["photos", "count", "recall", "precision", "no face", "not acquired", "reasons"], rows
        )
    )


def _scenes(report: EvaluationReport) -> str:
    counts = sorted({rates.faces for rates in report.scenes if rates.faces is not None})
    if not counts:
        return ""
    by_cell = {(rates.degradation, rates.faces): rates for rates in report.scenes}
    scenes = by_cell[report.degradations[0], counts[0]].scenes

    def rows(value: Callable[[SceneRates], Interval]) -> list[list[Cell]]:
        return [
            [
                NAMES[kind],
                *(
                    rate_words(value(by_cell[kind, count])) if (kind, count) in by_cell else "–"
                    for count in (None, *counts)
                ),
            ]
            for kind in report.degradations
        ]

    header = ["photos", "all sizes", *(f"{count} face{'s' * (count > 1)}" for count in counts)]
    return (
        f"Made-up group photos with known faces ({scenes} of each size, every face another "
        "person; `evaluation/scenes.py`). Recall, with the lower end of its interval:\n\n"
        + table(header, rows(lambda rates: rates.recall))
        + "\n\nPrecision:\n\n"
        + table(header, rows(lambda rates: rates.precision))
    )


def rate_words(rate: Interval) -> str:
    """The value and the lower end of its interval."""
    if rate.value is None or rate.low is None:
        return "–"
    return f"{rate.value:.3f} (≥ {rate.low:.3f})"


def _groups(report: EvaluationReport) -> str:
    rows: list[list[Cell]] = []
    for kind in dict.fromkeys(group.degradation for group in report.groups):
        groups = [group for group in report.groups if group.degradation is kind]
        expected, found = (
            sum(group.expected_faces for group in groups),
            sum(group.found_faces for group in groups),
        )
        each = ", ".join(f"{group.found_faces}/{group.expected_faces}" for group in groups)
        rows.append([NAMES[kind], expected, found, each])
    if not rows:
        return ""
    return "Faces in real group photos, as counted by somebody.\n\n" + table(
        ["photos", "expected", "found", "each"], rows
    )


def _histograms(report: EvaluationReport) -> str:
    kinds = [NAMES[histogram.degradation] for histogram in report.histograms]
    if report.people < SMALL_SET_PEOPLE:
        return ""
    parts = []
    for name, counts_of in (
        ("the same person", [histogram.mated for histogram in report.histograms]),
        ("different people", [histogram.non_mated for histogram in report.histograms]),
    ):
        rows: list[list[Cell]] = []
        for number, (low, high) in enumerate(pairwise(BIN_EDGES)):
            row = [1000 * counts[number] / max(sum(counts), 1) for counts in counts_of]
            if max(row) >= 0.05:
                rows.append([f"{low:.2f} to {high:.2f}", *(f"{count:.1f}" for count in row)])
        parts.append(f"Scores of {name}, of 1,000 pairs.\n\n" + table(["score", *kinds], rows))
    return "\n\n".join(parts)


def caveat_words(caveat: Caveat) -> str:
    return {
        CaveatCode.SMALL_SET: f"Only {caveat.count} people: intervals are wide, and low rates "
        "cannot be told from none.",
        CaveatCode.SUBSET: f"A part of the set, which has {caveat.count:,} people: for a "
        "quick look.",
        CaveatCode.UNREADABLE_PHOTOS: f"{caveat.count} photos could not be read and were left out.",
        CaveatCode.NOT_CALIBRATED: "Nothing was calibrated in this space: there are no shipped "
        "thresholds.",
    }[caveat.code]
