"""Qdrant's interface as it is published: each operation's method, path, parameters and shapes.

Taken from qdrant-client's generated classes, which are Qdrant's OpenAPI document in Python: nothing
is written down here a second time. Whoever asks for what is not in it gets ShapeError.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from qdrant_client.http import api

from tests.servers.qdrant_stand_in.shapes import ShapeError, read

_BUILDS = "_build_for_"


@dataclass(frozen=True, slots=True)
class Operation:
    """One of them. ``path`` names its variable segments in braces."""

    name: str
    method: str
    path: str
    parameters: Mapping[str, Any]
    """What may stand behind the question mark, with its type."""
    body: Any
    """The type of what is sent, or None where nothing is."""
    answer: Any
    """The type of the envelope that comes back."""

    def check_parameters(self, given: Iterable[tuple[str, str]]) -> None:
        """Raises ShapeError for what is not known, or not of its type."""
        for name, value in given:
            if name not in self.parameters:
                raise ShapeError(f"{self.name}: unknown query parameter {name}")
            try:
                TypeAdapter(self.parameters[name]).validate_strings(value)
            except ValidationError as error:
                raise ShapeError(f"{self.name}: {name}={value}") from error

    def check_body(self, sent: bytes) -> None:
        """Raises ShapeError for anything that the published shape does not have."""
        if self.body is None:
            if sent:
                raise ShapeError(f"{self.name} takes no body")
        else:
            read(self.body, sent)

    def check_answer(self, answered: bytes) -> None:
        """Raises ShapeError for an answer that the published shape would not read."""
        try:
            TypeAdapter(self.answer).validate_json(answered)
        except ValidationError as error:
            raise ShapeError(f"{self.name}: {error}") from error


def operation_at(method: str, path: str) -> Operation:
    """The one that this request asks for. Raises ShapeError when there is none."""
    fitting = [
        operation
        for operation in operations()
        if operation.method == method and _pattern(operation.path).fullmatch(path)
    ]
    if not fitting:
        raise ShapeError(f"Qdrant has no {method} {path}")
    # `/collections/aliases` before `/collections/{name}`
    return min(fitting, key=lambda operation: operation.path.count("{"))


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(_generated())


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


def _generated() -> Iterator[Operation]:
    for module in pkgutil.iter_modules(api.__path__):
        here = importlib.import_module(f"{api.__name__}.{module.name}")
        for _, made in inspect.getmembers(here, inspect.isclass):
            if made.__module__ != here.__name__:
                continue
            for name, build in vars(made).items():
                if name.startswith(_BUILDS):
                    yield _operation(name.removeprefix(_BUILDS), made, build)


class _Asked:
    """Notes what a generated class would send, and sends nothing."""

    def request(self, **asked: Any) -> dict[str, Any]:
        return asked


def _operation(name: str, made: Any, build: Any) -> Operation:
    types = {
        name: parameter.annotation
        for name, parameter in inspect.signature(build).parameters.items()
        if name != "self"
    }
    # Each argument is given its own name, so that what comes out says where it went.
    asked = build(made(_Asked()), **{name: name for name in types})
    path, query = asked.get("path_params") or {}, asked.get("params") or {}
    body = [name for name in types if name not in {*path.values(), *query.values()}]
    return Operation(
        name=name,
        method=asked["method"],
        path=asked["url"],
        parameters={called: types[name] for called, name in query.items()},
        body=types[body[0]] if body else None,
        answer=asked["type_"],
    )
