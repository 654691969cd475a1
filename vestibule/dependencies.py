"""One call of something outside: counted in the metrics, a span in its trace, both without content.

What stands behind a port is observed from in front of it, so that every adapter of every mode is.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar, Unpack, cast

from vestibule import tracing
from vestibule.telemetry import DEPENDENCY_SECONDS

P = TypeVar("P")
Dependency = Literal["api", "blobs", "database", "index", "queue", "rejected_probes"]
OK = "ok"
ERROR = "error"


@contextmanager
def call(
    dependency: Dependency, operation: str, **counts: Unpack[tracing.Attributes]
) -> Iterator[None]:
    """Time it, and count it as an error if it raises."""
    started, outcome = time.perf_counter(), ERROR
    kind: tracing.Kind = "producer" if dependency == "queue" else "client"
    try:
        with tracing.span_within(f"{dependency} {operation}", kind=kind, **counts):
            yield
        outcome = OK
    finally:
        seconds = time.perf_counter() - started
        DEPENDENCY_SECONDS.labels(dependency, operation, outcome).observe(seconds)


def observed(port: P, dependency: Dependency) -> P:
    """The same object, each of whose methods is a ``call``."""
    return cast(P, _Observed(port, dependency))


class _Observed:
    """Stands in for a port. What is no method is handed through; what begins with _ is not seen."""

    def __init__(self, port: object, dependency: Dependency) -> None:
        self._port = port
        self._dependency = dependency

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found) or name == "close":
            return found
        timed = _timed(found, self._dependency, name)
        self.__dict__[name] = timed
        return timed


def _timed(method: Callable[..., Any], dependency: Dependency, name: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def timed(*args: Any, **named: Any) -> Any:
        with call(dependency, name, **_counts(dependency, name, args)):
            return method(*args, **named)

    return timed


def _counts(dependency: Dependency, name: str, args: tuple[Any, ...]) -> tracing.Attributes:
    """How much it is that the call hands over; what it is does not matter."""
    match (dependency, name, args):
        case ("blobs", "put", (_, bytes() as content, *_)):
            return {"size_bytes": len(content)}
        case ("index", "search", (_, probes, *_)) | ("rejected_probes", "alike", (_, probes, *_)):
            return {"probes": len(probes)}
        case ("index", "upsert", (_, entries, *_)):
            return {"entries": len(entries)}
    return {}
