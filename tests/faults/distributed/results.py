"""What each fault cost: build/faults.json, and the table of docs/operations/faults.md."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.machine import ROOT, describe_machine
from tests.bench.report import machine_line, write_between
from tests.faults.distributed.aftermath import Aftermath
from tests.faults.distributed.catalogue import Fault
from tests.faults.distributed.pages import Reader
from tests.faults.distributed.uploads import Tally

START = "<!-- faults: written by `make faults`, do not edit -->"
END = "<!-- faults: end -->"
DOCUMENT = ROOT / "docs" / "operations" / "faults.md"
FIGURES = ROOT / "build" / "faults.json"
Row = Mapping[str, Any]


@dataclass
class Costs:
    """What a run of the tier found out so far; ``skipped`` says why, by the fault's name.

    Written after every fault: a run that is ended leaves what it found.
    """

    publish: bool
    machine: Mapping[str, Any] = field(default_factory=describe_machine)
    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def note(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        self._write()

    def skip(self, fault: Fault, why: str) -> None:
        self.skipped[fault.name] = why
        self._write()

    def _write(self) -> None:
        figures = {"machine": self.machine, "faults": self.rows, "skipped": self.skipped}
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
        if self.publish:
            write_between(START, as_markdown(figures), END, DOCUMENT)


def row_of(
    fault: Fault, tally: Tally, reader: Reader, found: Aftermath, *, mending_began_s: float
) -> dict[str, Any]:
    """``mending_began_s``: when what was broken was started again or let go, monotonic."""
    done_again = [
        photo.ended_at_s
        for photo in tally.accepted
        if photo.at_s >= mending_began_s and photo.state == "done" and photo.ended_at_s
    ]
    before = [p.ended_at_s for p in tally.accepted if p.at_s < mending_began_s and p.ended_at_s]
    return {
        "name": fault.name,
        "words": fault.words,
        "lasted_s": fault.lasts_s,
        "uploads": dict(tally.said()),
        "pages": dict(reader.said()),
        "longest_request_s": round(max(tally.longest_s(), reader.longest_s()), 1),
        "recovered_s": _after(mending_began_s, min(done_again, default=None)),
        "drained_s": _after(mending_began_s, max(before, default=None)),
        "accepted": len(tally.accepted),
        "failed": dict(found.failed),
        "lost": len(found.lost),
        "doubled": len(found.doubled),
        "wrong": len(found.wrong),
    }


def _after(since_s: float, moment_s: float | None) -> float | None:
    return None if moment_s is None else round(max(0.0, moment_s - since_s), 1)


def as_markdown(figures: Mapping[str, Any]) -> str:
    rows: Sequence[Row] = figures["faults"]
    heads = (
        "what was broken, for how long",
        "uploads were answered",
        "pages",
        "longest request",
        "first result again",
        "backlog done",
        "accepted",
        "failed",
        "lost / doubled / wrong",
    )
    lines = [heads, ("---",) * len(heads), *(_cells(row) for row in rows)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    skipped = [f"Skipped: {name} ({why})." for name, why in figures["skipped"].items()]
    accepted = sum(row["accepted"] for row in rows)
    bad = Counter({what: sum(row[what] for row in rows) for what in ("lost", "doubled", "wrong")})
    total = (
        f"{len(rows)} faults, {accepted} photos accepted: {bad['lost']} lost, "
        f"{bad['doubled']} doubled, {bad['wrong']} shown wrongly."
    )
    return "\n\n".join([machine_line(figures["machine"]), total, table, *skipped])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row['words']}, {row['lasted_s']:.0f} s",
        _counts(row["uploads"]),
        _counts(row["pages"]),
        _seconds(row["longest_request_s"]),
        _seconds(row["recovered_s"]),
        _seconds(row["drained_s"]),
        str(row["accepted"]),
        _counts(row["failed"]) or "0",
        f"{row['lost']} / {row['doubled']} / {row['wrong']}",
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {words}" for words, count in sorted(counts.items()))


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"
