"""Tables inside documents, so that nobody types a number."""

from collections.abc import Sequence
from pathlib import Path

from vestibule.domain.pack_calibration import PackCalibration
from vestibule.evaluation.intervals import Interval

EXAMPLE_GALLERIES = (1, 10, 100, 428, 1_000, 1_680, 10_000, 100_000, 1_000_000)
EXAMPLE_TARGETS = (0.003, 0.01, 0.05, 0.1)

Cell = str | int | float


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
        + table(["customers", *(f"FPIR {percent(t)}" for t in EXAMPLE_TARGETS)], rows)
        + f"\n\n\\* extrapolated: at most {quantiles.largest_measured_gallery:,} people were "
        "measured."
    )


def _publish(document: Path, name: str, content: str) -> None:
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    document.write_text(replace_block(text, name, content), encoding="utf-8")


def share(measured: Interval) -> str:
    if measured.value is None:
        return "–"
    if measured.low is None or measured.high is None:
        return f"{measured.value:.4f}"
    return f"{measured.value:.4f} [{measured.low:.4f}, {measured.high:.4f}]"


def percent(share: float) -> str:
    return f"{100 * share:g} %"


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
