"""Which tests say that they answer a duty, read from their source without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "pytest.mark.duty"


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    """A test and one duty it answers. ``path`` is from the root of the repository."""

    duty: str
    path: str
    test: str

    @property
    def node(self) -> str:
        return f"{self.path}::{self.test}"


class UnreadableMarkError(Exception):
    """A mark that is not on a test, or whose names are not written out."""


def answers() -> list[Answer]:
    """Every mark below tests/, sorted. Raises UnreadableMarkError."""
    found: list[Answer] = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        source = file.read_text()
        if MARK in source:
            found += _answers_in(source, file.relative_to(ROOT).as_posix())
    return sorted(found)


def _answers_in(source: str, path: str) -> Iterator[Answer]:
    tree = ast.parse(source)
    read = 0
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == MARK:
                    read += 1
                    yield from (Answer(name, path, node.name) for name in _names(mark, path))
    there = sum(ast.unparse(node) == MARK for node in ast.walk(tree) if _is_attribute(node))
    if there != read:
        raise UnreadableMarkError(f"{path}: {MARK} stands on test functions alone")


def _is_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute)


def _names(mark: ast.Call, path: str) -> list[str]:
    names = [part.value for part in mark.args if isinstance(part, ast.Constant)]
    if not names or len(names) != len(mark.args) or mark.keywords:
        raise UnreadableMarkError(f"{path}: {ast.unparse(mark)} does not write its names out")
    return [str(name) for name in names]
