"""docs/privacy/duties.md: each duty with the tests that answer it, and those that none answers."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tests.duties.marks import ROOT, Answer

FOLDER = ROOT / "docs" / "privacy"
DECLARED = FOLDER / "duties.toml"
DOCUMENT = FOLDER / "duties.md"
OPEN = "**open**: no test answers it"

_HEAD = """# Duties, and the tests that answer them

Written by `make privacy-docs` from [duties.toml](duties.toml) and from the tests that carry a
duty's name. A test holds this page to both, and `.ci/run-tests` fails where a test that is named
here did not run.
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """``ready`` is what the product does about it."""

    name: str
    title: str
    ready: str

    @property
    def named(self) -> str:
        """How the names of its own tests begin: test_art_7_ for GDPR 7(3)."""
        law, _, article = self.name.rpartition(" ")
        number = article.partition("(")[0]
        return f"test_art_{number}_" if law == "GDPR" else f"test_ai_act_art_{number}_"


def duties() -> list[Duty]:
    return [Duty(**row) for row in tomllib.loads(DECLARED.read_text())["duty"]]


def document(answers: Sequence[Answer]) -> str:
    declared = duties()
    by_duty = {
        name: list(rows) for name, rows in groupby(sorted(answers), key=lambda one: one.duty)
    }
    unanswered = [duty.name for duty in declared if duty.name not in by_duty]
    said = f"{len(declared)} duties, {len(declared) - len(unanswered)} answered"
    if unanswered:
        said += f", {len(unanswered)} open: {', '.join(unanswered)}"
    rows = ["| duty | what the product does | tests |", "|---|---|---|"]
    rows += [_row(duty, by_duty.get(duty.name, [])) for duty in declared]
    return "\n".join([_HEAD, f"{said}.", "", *rows, "", _OPERATOR, *_operator_rows(), ""])


_OPERATOR = """## What no software does
These stay with whoever runs an installation.

| duty | what is to be done |
|---|---|"""


def _operator_rows() -> Iterable[str]:
    for row in tomllib.loads(DECLARED.read_text())["operator"]:
        yield f"| **{row['name']}** | {row['what']} |"


def _row(duty: Duty, answers: Sequence[Answer]) -> str:
    """What no test shows is not claimed either."""
    tests = "<br>".join(linked(one) for one in answers)
    return f"| **{duty.name}** {duty.title} | {duty.ready if answers else OPEN} | {tests} |"


def linked(one: Answer) -> str:
    words = one.test.removeprefix("test_").replace("_", " ")
    return f"[{words}](../../{one.path})"


def nodes_named(text: str) -> set[tuple[str, str]]:
    """Path and name of each test that a document links to."""
    found = re.findall(r"\[([^\]]+)\]\(\.\./\.\./(tests/[\w/]+\.py)\)", text)
    return {(path, "test_" + words.replace(" ", "_")) for words, path in found}
