"""The report on the gate as Markdown."""

from pathlib import Path

from vestibule.domain.quality import Fault
from vestibule.evaluation.gate_report import GateReport
from vestibule.evaluation.publishing import replace_block


def publish_gate(report: GateReport, document: Path) -> None:
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    block = replace_block(text, f"gate {report.dataset}", gate_tables(report))
    document.write_text(block, encoding="utf-8")


def gate_tables(report: GateReport) -> str:
    parts = [
        f"### Good photos refused: `{report.dataset}`, {report.photos} photos as taken",
        "",
        f"{_percent(report.refused, report.photos)} in all.",
        "",
        "| finding | refused |",
        "|---|---|",
        *(
            f"| `{fault.value}` | {_percent(report.by_fault.get(fault, 0), report.photos)} |"
            for fault in Fault
            if fault not in (Fault.NO_FACE, Fault.SEVERAL_FACES, *_OF_IDENTITY)
        ),
        "",
        "### Faults drawn into photos that pass",
        "",
        "| fault | on | should be named | named so | refused in all |",
        "|---|---|---|---|---|",
        *(
            f"| {one.name} | {one.faces} | `{one.named.value}` |"
            f" {_percent(one.named_so, one.faces)} | {_percent(one.refused, one.faces)} |"
            for one in report.drawn
        ),
        "",
        *_identity(report),
    ]
    return "\n".join(parts)


_OF_IDENTITY = (Fault.RESEMBLES_OTHER, Fault.OTHER_PERSON)


def _identity(report: GateReport) -> list[str]:
    lines = [
        "### Whose face it is",
        "",
        "| templates of the customer | own photos | refused as `other_person` | strangers let in |",
        "|---|---|---|---|",
        *(
            f"| {one.templates} | {one.own} | {one.own_refused:.2%} | {one.strangers_let_in:.2%} |"
            for one in report.own
        ),
    ]
    if report.others is not None:
        others = report.others
        lines += [
            "",
            f"With {others.gallery} other people enrolled by one photo each,"
            f" {others.new_refused:.2%} of new people (each person counts once) are said to"
            f" resemble another customer, and {others.twice_found:.1%} of photos of people who are"
            " enrolled already under another name are found.",
        ]
    return lines


def _percent(part: int, whole: int) -> str:
    return f"{part / max(whole, 1):.2%}" if part < 0.1 * whole else f"{part / whole:.0%}"
