"""The worked arithmetic of docs/watchlist.md, by the code that scores.

``python -m services.watchlist_document`` writes it anew (``make watchlist-document``); a test holds
the document to it.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from services.watchlist_example import NIGHT, REPORTERS, example_finding, example_incidents
from vestibule.domain.watchlist_policy import AS_SHIPPED, LONG_DAYS, content_of
from vestibule.domain.watchlist_scoring import THOUSANDTHS, score

DOCUMENT = Path(__file__).parents[1] / "docs" / "watchlist.md"
LATER_NIGHTS = (0, 30, 90, 180, 360, 540)


def written(document: str) -> str:
    """The document with each generated part in its place."""
    for name, lines in (("policy", _policy()), ("example", _example()), ("decay", _decay())):
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, _, rest = document.partition(start)
        _old, _, tail = rest.partition(end)
        document = f"{head}{start}{chr(10).join(lines)}\n{end}{tail}"
    return document


def _policy() -> Iterator[str]:
    yield "| kind | severity 1 | 2 | 3 | 4 | 5 |"
    yield "|---|---|---|---|---|---|"
    for kind, row in AS_SHIPPED.points.items():
        yield f"| {kind.value.replace('_', '-')} | {' | '.join(str(points) for points in row)} |"
    yield ""
    yield "| number | value |"
    yield "|---|---|"
    for name, value in content_of(AS_SHIPPED).items():
        if name != "points":
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"| `{name}` | {shown} |"


def _example() -> Iterator[str]:
    found = example_finding()
    reached = found.score
    yield "| incident | reported by | points | repetition | age | worth |"
    yield "|---|---|---|---|---|---|"
    for line in reached.lines:
        yield (
            f"| {line.kind.value}, severity {line.severity}, {line.night} "
            f"| {REPORTERS[line.reporter_id]} | {line.base} "
            f"| × {line.repetition_percent} % (night {line.night_number}) "
            f"| × {line.left / 10:.1f} % ({line.age_days} nights) | {_points(line.points)} |"
        )
    for name, groups, cap in (
        ("night", reached.nights, AS_SHIPPED.night_cap),
        ("reporter", reached.reporters, AS_SHIPPED.reporter_cap),
    ):
        parts = " + ".join(_points(group.counted) for group in groups)
        total = _points(sum(group.counted for group in groups))
        yield ""
        yield f"By {name}, at most {cap} each: {parts} = **{total}**"
    yield ""
    needed = AS_SHIPPED.approvals_for(is_chain_wide=False, total_days=found.days)
    yield (
        f"The lower sum counts: **{_points(reached.points)}**, and the venue's threshold is "
        f"{found.threshold}. So {found.days} days at this venue are proposed (step {found.rung} of "
        f"the ladder), and {needed} person has to agree; beyond {LONG_DAYS} days it would be "
        f"{AS_SHIPPED.approvals_long}."
    )


def _decay() -> Iterator[str]:
    yield "| nights later | points |"
    yield "|---|---|"
    for nights in LATER_NIGHTS:
        later = score(AS_SHIPPED, example_incidents(), as_of=NIGHT + timedelta(days=nights))
        yield f"| {nights} | {_points(later.points)} |"


def _points(thousandths: int) -> str:
    return f"{thousandths / THOUSANDTHS:.3f}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
