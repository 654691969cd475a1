"""Whether a package that is installed has a known flaw, by the advisories of the index.

What could not be asked is said and counts as not done: a look at nothing is no look.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILES = ("runtime", "build", "dev")
"""What people run, and what builds and tests it."""
REQUIRED = "AUDIT"
"""Set to ``required`` in the environment where a look that was not done is to fail."""


class Outcome(StrEnum):
    CLEAN = "clean"
    FLAWED = "flawed"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class Report:
    """``words`` name each flaw, or why there was no look."""

    name: str
    outcome: Outcome
    words: tuple[str, ...]


def audited(name: str, *, ask: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> Report:
    """The pinned set of that name, as ``ask`` knows it."""
    file = ROOT / "requirements" / f"{name}.txt"
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    done = subprocess.run(
        [*ask, *options, "--requirement", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        rows = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip() or "no answer").splitlines()[-1]
        return Report(name, Outcome.NOT_DONE, (last[:200],))
    return judged(name, rows)


def judged(name: str, rows: Sequence[Mapping[str, Any]]) -> Report:
    """A package that was passed over was not looked at, whatever the tool's exit status says."""
    flaws = tuple(
        f"{row['name']} {row['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for row in rows
        for flaw in row.get("vulns", ())
    )
    passed_over = [row["name"] for row in rows if "skip_reason" in row]
    if flaws:
        return Report(name, Outcome.FLAWED, flaws)
    if passed_over or not rows:
        said = f"{len(passed_over)} of {len(rows)} packages could not be asked about"
        return Report(name, Outcome.NOT_DONE, (said,))
    return Report(name, Outcome.CLEAN, (f"{len(rows)} packages, no known flaw",))


def told(reports: Sequence[Report]) -> str:
    lines = [
        f"dependency audit, {one.name}: {one.outcome}: {w}" for one in reports for w in one.words
    ]
    if any(one.outcome is Outcome.NOT_DONE for one in reports):
        lines += [
            "",
            "  ┌────────────────────────────────────────────────────────────────────────┐",
            "  │ THE DEPENDENCY AUDIT WAS NOT DONE: no advisories could be reached.     │",
            "  │ Nothing is known about flaws of these packages. Run `make audit` where │",
            "  │ the index of packages answers; AUDIT=required makes this an error.     │",
            "  └────────────────────────────────────────────────────────────────────────┘",
        ]
    return "\n".join(lines)


def status(reports: Sequence[Report], *, required: bool) -> int:
    outcomes = {one.outcome for one in reports}
    if Outcome.FLAWED in outcomes:
        return 1
    return 1 if required and Outcome.NOT_DONE in outcomes else 0
