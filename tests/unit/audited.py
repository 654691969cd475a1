"""Which functions can end in an entry of the audit log, followed through the source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPEND = ("vestibule.records.audit", "append")
Place = tuple[str, str]
"""A module and the name of a function or class in it."""


@dataclass(slots=True)
class Module:
    """``imported`` is what a name stands for: a module (with None), or something in one."""

    bodies: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)


@cache
def modules() -> dict[str, Module]:
    found = {}
    for folder in ("vestibule", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = _read(ast.parse(path.read_text()))
    for module in found.values():  # `from package import module` names a module
        for alias, (source, name) in list(module.imported.items()):
            if name is not None and f"{source}.{name}" in found:
                module.imported[alias] = (f"{source}.{name}", None)
    return found


def _read(tree: ast.Module) -> Module:
    module = Module()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                module.imported[one.asname or one.name] = (node.module, one.name)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            module.bodies[node.name] = node
    return module


def reaches_an_entry(start: Place) -> bool:
    """Whether some way from there calls ``audit.append``, through what it calls or hands on."""
    seen, waiting = {start}, [start]
    while waiting:
        place = waiting.pop()
        if place == APPEND:
            return True
        for named in _names(place):
            if named not in seen:
                seen.add(named)
                waiting.append(named)
    return False


def _names(place: Place) -> Iterator[Place]:
    module = modules().get(place[0])
    body = module.bodies.get(place[1]) if module else None
    if module is None or body is None:
        return
    for node in ast.walk(body):
        if isinstance(node, ast.Name):
            if node.id in module.bodies:
                yield place[0], node.id
            elif node.id in module.imported:
                source, name = module.imported[node.id]
                if name is not None:
                    yield source, name
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            source, name = module.imported.get(node.value.id, ("", ""))
            if name is None:
                yield source, node.attr
