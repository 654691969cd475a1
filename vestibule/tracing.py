"""Traces from upload to result: spans that carry ids and counts, and nothing else.

Off until ``start`` is called, and free then: nothing of OpenTelemetry is imported by it. What a
span may say is ``Attributes``, which mypy holds every caller to; an error is told by its code,
never by its message. Spans are named where their work is done; who collects them need not be
passed along.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypedDict, Unpack

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

Kind = Literal["internal", "server", "client", "producer", "consumer"]


class Attributes(TypedDict, total=False):
    """All that leaves the product in a trace. Add an id or a count; never a name, key or text."""

    part: str
    request_id: str
    method: str
    route: str
    status: int
    job_id: str
    job_kind: str
    queue: str
    attempt: int
    outcome: str
    waited_ms: int
    table: str
    size_bytes: int
    faces: int
    probes: int
    entries: int
    error: str


_KNOWN_NAMES = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "table": "db.collection.name",
    "error": "error.type",
}
"""OpenTelemetry's own names where it has one; the others are ``vestibule.<name>``."""


class Place(NamedTuple):
    """Where in which trace, in hexadecimal as W3C writes it: random numbers, and a flag."""

    trace_id: str
    span_id: str
    flags: str


class Collector(Protocol):
    """Makes spans; ``tracing_spans.OtelCollector``. A span is any object, handed back to it."""

    def begin(self, name: str, kind: Kind, attributes: dict[str, str | int]) -> Any: ...

    def within(self, span: Any) -> AbstractContextManager[None]:
        """The span is the current one inside; it is not ended."""
        ...

    def current(self) -> Any | None: ...

    def place(self) -> Place | None: ...

    def continuing(self, traceparent: str) -> AbstractContextManager[None]: ...

    def fail(self, span: Any) -> None: ...

    def close(self) -> None: ...


_collector: Collector | None = None


class Span:
    """A span that goes on, or nothing at all while traces are off."""

    __slots__ = ("_span",)

    def __init__(self, span: Any | None = None) -> None:
        self._span = span

    def note(self, **attributes: Unpack[Attributes]) -> None:
        if self._span is not None:
            self._span.set_attributes(_on_the_wire(attributes))

    def rename(self, name: str) -> None:
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, code: str) -> None:
        """``code`` is an error's stable code or its class; its message may tell too much."""
        if self._span is not None and _collector is not None:
            self.note(error=code)
            _collector.fail(self._span)

    def end(self) -> None:
        """For spans from ``begin_within``; the others end by themselves."""
        if self._span is not None:
            self._span.end()


_OFF = Span()


def start(
    part: str,
    *,
    endpoint: str | None = None,
    share: float = 1.0,
    exporter: "SpanExporter | None" = None,
) -> Callable[[], None]:
    """Collect from now on and send to ``endpoint`` by OTLP over HTTP; returns what stops it.

    ``share`` of the traces that begin here are kept; one that began elsewhere is kept if it was
    kept there. Sending happens in a thread of its own, and what cannot be sent is dropped: a
    collector that is away, slow or broken costs spans and nothing else. ``exporter`` is for tests.
    """
    from vestibule.tracing_spans import OtelCollector  # noqa: PLC0415 - costs nothing while off

    global _collector  # noqa: PLW0603 - one process has one collector, as it has one log
    started = OtelCollector(part, endpoint=endpoint, share=share, exporter=exporter)
    _collector = started

    def stop() -> None:
        global _collector  # noqa: PLW0603 - as above
        _collector = None
        started.close()

    return stop


@contextmanager
def span(name: str, *, kind: Kind = "internal", **attributes: Unpack[Attributes]) -> Iterator[Span]:
    """A span under the current one, or the first of a new trace."""
    collector = _collector
    if collector is None:
        yield _OFF
        return
    begun = collector.begin(name, kind, _on_the_wire(attributes))
    shown = Span(begun)
    try:
        with collector.within(begun):
            yield shown
    except BaseException as error:
        shown.fail(code_of(error))
        raise
    finally:
        begun.end()


@contextmanager
def span_within(
    name: str, *, kind: Kind = "internal", **attributes: Unpack[Attributes]
) -> Iterator[Span]:
    """As ``span``, but nothing outside of a trace: for what also happens all the time."""
    if place() is None:
        yield _OFF
        return
    with span(name, kind=kind, **attributes) as begun:
        yield begun


def begin_within(name: str, *, kind: Kind = "internal", **attributes: Unpack[Attributes]) -> Span:
    """A span that its taker ends, and that is nobody's parent; nothing outside of a trace."""
    collector = _collector
    if collector is None or collector.place() is None:
        return _OFF
    return Span(collector.begin(name, kind, _on_the_wire(attributes)))


def note(**attributes: Unpack[Attributes]) -> None:
    """Say it of the span that goes on here, if one does."""
    if _collector is not None:
        Span(_collector.current()).note(**attributes)


@contextmanager
def continuing(traceparent: str | None) -> Iterator[None]:
    """What is begun inside belongs to the trace that ``traceparent`` (W3C) names, if it does."""
    if _collector is None or not traceparent:
        yield
        return
    with _collector.continuing(traceparent):
        yield


def place() -> Place | None:
    return None if _collector is None else _collector.place()


def traceparent() -> str | None:
    """The current place, as W3C writes it."""
    here = place()
    return None if here is None else f"00-{here.trace_id}-{here.span_id}-{here.flags}"


def log_fields() -> dict[str, str]:
    """What ties a line of the log to its trace; empty outside of one."""
    here = place()
    return {} if here is None else {"trace_id": here.trace_id, "span_id": here.span_id}


def code_of(error: BaseException) -> str:
    """Its stable code if it is one of ours, else its class."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) else type(error).__name__


def _on_the_wire(attributes: Attributes) -> dict[str, str | int]:
    named: dict[str, str | int] = {}
    for name, value in attributes.items():
        assert isinstance(value, str | int)  # Attributes has no other types
        named[_KNOWN_NAMES.get(name, f"vestibule.{name}")] = value
    return named
