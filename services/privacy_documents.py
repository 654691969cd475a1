"""The facts in docs/privacy that follow the code: what is processed, on what, how long, how well.

``python -m services.privacy_documents`` (``make privacy-docs``) writes them anew between their
marks; a test holds the documents to them. Nobody types a figure there.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from vestibule.domain.jurisdiction import FRANCE, Purpose
from vestibule.domain.permissions import PERMISSIONS_BY_ROLE, Permission, Role
from vestibule.domain.retention import CLOCKS
from vestibule.domain.watchlist_policy import AS_SHIPPED, LONG_DAYS, content_of
from vestibule.evaluation.publishing import share
from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_tables import (
    CAUTION_WORDS,
    NAMES,
    cautious_share,
    caveat_words,
    whole_gallery,
)
from vestibule.evaluation.shipped_reports import shipped_reports
from vestibule.records.customer_references import REFERENCES

FOLDER = Path(__file__).parents[1] / "docs" / "privacy"
DOCUMENTS = ("record-of-processing.md", "impact-assessment.md", "transparency.md")
MEASURED = "lfw-dev-open"
_NOTICED = (
    Permission.IDENTIFY,
    Permission.VIEW_CUSTOMERS,
    Permission.VIEW_INCIDENTS,
    Permission.VIEW_WATCHLIST,
    Permission.EXPORT_CUSTOMERS,
    Permission.ERASE_CUSTOMERS,
    Permission.READ_AUDIT,
)


def written(document: str) -> str:
    """The document with each generated part in its place."""
    for name, lines in PARTS.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        if start in document:
            head, _, rest = document.partition(start)
            _old, _, tail = rest.partition(end)
            document = f"{head}{start}{chr(10).join(lines())}\n{end}{tail}"
    return document


def _purposes() -> Iterator[str]:
    yield f"| purpose | may rest on ({FRANCE.name}) |"
    yield "|---|---|"
    for purpose in Purpose:
        bases = sorted(basis.value for basis in FRANCE.bases[purpose])
        yield f"| {purpose.value} | {', '.join(bases)} |"
    by_face = sorted(basis.value for basis in FRANCE.watchlist_by_face)
    yield f"| watchlist, by face | {', '.join(by_face)} |"


def _clocks() -> Iterator[str]:
    yield "| kind | kept, as shipped | from |"
    yield "|---|---|---|"
    for kind, clock in CLOCKS.items():
        yield f"| {kind.value.replace('_', ' ')} | {clock.days} days | {clock.begins} |"


def _tables() -> Iterator[str]:
    names = sorted({reference.table for reference in REFERENCES} | {"customer"})
    yield (
        f"{len(names)} tables hold a row about a customer: "
        + ", ".join(f"`{name}`" for name in names)
        + "."
    )


def _recipients() -> Iterator[str]:
    yield "| may | " + " | ".join(role.value for role in Role) + " |"
    yield "|---|" + "---|" * len(Role)
    for permission in _NOTICED:
        cells = ("yes" if permission in PERMISSIONS_BY_ROLE[role] else "–" for role in Role)
        yield f"| `{permission.value}` | {' | '.join(cells)} |"


def _weighs() -> Iterator[str]:
    yield "| what happened | severity 1 | 2 | 3 | 4 | 5 |"
    yield "|---|---|---|---|---|---|"
    for kind, row in AS_SHIPPED.points.items():
        yield f"| {kind.value.replace('_', ' ')} | {' | '.join(str(points) for points in row)} |"
    yield ""
    policy = content_of(AS_SHIPPED)
    yield (
        f"Points halve every {policy['half_life_days']} nights and are forgotten after "
        f"{policy['forgotten_after_days']}. One reporter alone adds at most "
        f"{policy['reporter_cap']}, one night {policy['night_cap']}. From "
        f"{policy['venue_threshold']} points people of the venue are asked, from "
        f"{policy['chain_threshold']} those of the chain: {policy['approvals_short']} person for "
        f"up to {LONG_DAYS} days, {policy['approvals_long']} for longer, "
        f"{policy['approvals_chain']} for the whole chain. "
        "Who reported or corrected an incident is none of them. An appeal is "
        f"heard within {policy['appeal_within_days']} days by somebody who had no part in it."
    )


def _accuracy() -> Iterator[str]:
    report = shipped_reports()[MEASURED]
    yield (
        f"Measured on the set `{report.dataset}`: {report.photos:,} photos of {report.people:,} "
        f"people, {report.gallery_size:,} of them enrolled, by the shipped models and thresholds."
    )
    yield ""
    yield "| photos | strangers taken for somebody | guests not found |"
    yield "|---|---|---|"
    yield from _rates(report)
    yield ""
    yield "Of 1, each rate with its 95 % interval."
    yield from _group_rates(report)
    yield from (caveat_words(caveat) for caveat in report.caveats)


def _rates(report: EvaluationReport) -> Iterator[str]:
    """At the threshold of a match, with everybody of the set enrolled."""
    for rates in whole_gallery(report):
        if rates.shipped:
            point = rates.shipped[0]
            yield f"| {NAMES[rates.degradation]} | {share(point.fpir)} | {share(point.fnir)} |"


def _group_rates(report: EvaluationReport) -> Iterator[str]:
    groups = report.declared_groups
    if not groups:
        return
    yield ""
    yield "| group | photos | strangers taken for somebody | people | guests not found | people |"
    yield "|---|---|---|---|---|---|"
    for band in groups:
        kinds = ", ".join(NAMES[kind] for kind in band.degradations)
        cells = (f"{cautious_share(rate)} | {rate.people:,}" for rate in (band.fpir, band.fnir))
        yield f"| {band.band} | {kinds} | {' | '.join(cells)} |"
    yield ""
    yield CAUTION_WORDS


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "purposes": _purposes,
    "clocks of the record": _clocks,
    "tables": _tables,
    "recipients": _recipients,
    "weighs": _weighs,
    "accuracy": _accuracy,
}


def main() -> None:
    for name in DOCUMENTS:
        path = FOLDER / name
        path.write_text(written(path.read_text()))


if __name__ == "__main__":
    main()
