"""docs/privacy/threat-model.md: each threat with what stands against it and the test for that."""

import ast
import tomllib
from collections.abc import Iterator
from typing import Any

from tests.duties.marks import ROOT, Answer
from tests.duties.table import FOLDER, linked

DECLARED = FOLDER / "threats.toml"
DOCUMENT = FOLDER / "threat-model.md"
STRIDE = (
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
)
_HEAD = """# Threat model

By STRIDE, for the whole installation: browsers and tills outside, one entry, pages, API, workers,
database, object store, index and broker inside. Written by `make privacy-docs` from
[threats.toml](threats.toml); a test demands that each test named here is there, and
`.ci/run-tests` that it ran.
"""


def threats() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(DECLARED.read_text())["threat"]
    return found


def named() -> list[Answer]:
    """Each test of each threat."""
    return [
        Answer(threat["what"], *node.split("::"))
        for threat in threats()
        for node in threat["tests"]
    ]


def missing() -> list[str]:
    """Tests that a threat names and that are not there."""
    return [one.node for one in named() if one.test not in _tests_in(one.path)]


def _tests_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def document() -> str:
    return "\n".join([_HEAD, *_table(), "", "## What nothing stands against", *_left(), ""])


def _table() -> Iterator[str]:
    yield "| kind | what may be tried | what stands against it | tests |"
    yield "|---|---|---|---|"
    for threat in threats():
        tests = "<br>".join(linked(Answer("", *node.split("::"))) for node in threat["tests"])
        yield f"| {threat['kind']} | {threat['what']} | {threat['answer']} | {tests} |"


def _left() -> Iterator[str]:
    for row in tomllib.loads(DECLARED.read_text())["left"]:
        yield f"- {row['what']}"
