"""A collector of traces: takes OTLP over HTTP as the real ones do, and shows what came."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One span, as it came over the wire."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str | int]
    is_error: bool


class Collector:
    """Listens on a free port of 127.0.0.1. ``bodies`` is every byte that was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.spans: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        self.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))

    def of_trace(self, trace_id: str) -> list[Seen]:
        return [span for span in self.spans if span.trace_id == trace_id]


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            is_ours = (
                self.path == "/v1/traces"
                and self.headers["content-type"] == "application/x-protobuf"
            )
            if is_ours:
                packed = self.headers.get("content-encoding") == "gzip"
                collector.take(gzip.decompress(body) if packed else body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200 if is_ours else 400)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """The test's output is the test's."""

    return Handler


def _spans(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for of_process in request.resource_spans:
        service = _named(of_process.resource.attributes)["service.name"]
        for scope in of_process.scope_spans:
            for span in scope.spans:
                assert not span.events, "an event may tell what an exception says"
                yield Seen(
                    service=str(service),
                    name=span.name,
                    kind=type(span).SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    attributes=_named(span.attributes),
                    is_error=span.status.code == type(span.status).STATUS_CODE_ERROR,
                )


def _named(attributes: Any) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in attributes}
