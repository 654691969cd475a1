"""Spans by OpenTelemetry's SDK, and their way out; imported only where traces are on."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from vestibule import __version__
from vestibule.domain.ids import new_uuid
from vestibule.tracing import Kind, Place

_SEND_EVERY_MS = 1_000
_SPANS_AT_ONCE = 256
_SPANS_WAITING = 4_096
"""About 100 photos; more is dropped while the collector is away."""
_TIMEOUT_S = 3.0
"""Of one sending with its retries, and so of a stop while the collector does not answer."""


class OtelCollector:
    """Registers nothing with the process: what other libraries might send by themselves stays."""

    def __init__(
        self, part: str, *, endpoint: str | None, share: float, exporter: SpanExporter | None
    ) -> None:
        self._provider = TracerProvider(
            resource=Resource(
                {
                    "service.namespace": "vestibule",
                    "service.name": f"vestibule-{part}",
                    "service.version": __version__,
                    "service.instance.id": str(new_uuid()),
                }
            ),
            sampler=ParentBased(TraceIdRatioBased(share)),
            shutdown_on_exit=False,
        )
        if exporter is not None:
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        if endpoint is not None:
            self._provider.add_span_processor(_in_background(endpoint))
        self._tracer = self._provider.get_tracer("vestibule")

    def begin(self, name: str, kind: Kind, attributes: dict[str, str | int]) -> trace.Span:
        return self._tracer.start_span(
            name, kind=trace.SpanKind[kind.upper()], attributes=attributes
        )

    @contextmanager
    def within(self, span: trace.Span) -> Iterator[None]:
        """Errors pass through unseen: an exception's text would tell too much."""
        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            yield

    def current(self) -> trace.Span | None:
        span = trace.get_current_span()
        return span if span.is_recording() else None

    def place(self) -> Place | None:
        here = trace.get_current_span().get_span_context()
        if not here.is_valid:
            return None
        return Place(f"{here.trace_id:032x}", f"{here.span_id:016x}", f"{here.trace_flags:02x}")

    @contextmanager
    def continuing(self, traceparent: str) -> Iterator[None]:
        """What is no traceparent is ignored."""
        found = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        token = context.attach(found)
        try:
            yield
        finally:
            context.detach(token)

    def fail(self, span: trace.Span) -> None:
        span.set_status(trace.Status(trace.StatusCode.ERROR))

    def close(self) -> None:
        """Send what is left, for as long as one sending may take; the rest is dropped.

        The SDK itself would wait half a minute for a collector that does not answer.
        """
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(_TIMEOUT_S)


def _in_background(endpoint: str) -> BatchSpanProcessor:
    # Each failed sending would be a line or three, for as long as the collector is away.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    return BatchSpanProcessor(
        OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_TIMEOUT_S),
        max_queue_size=_SPANS_WAITING,
        max_export_batch_size=_SPANS_AT_ONCE,
        schedule_delay_millis=_SEND_EVERY_MS,
    )
