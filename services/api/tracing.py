"""A request id for every request, in the answer, the logs and the problem; its time, its span."""

import time
from collections.abc import Sequence
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestibule import tracing
from vestibule.telemetry import REQUEST_SECONDS

log = structlog.get_logger(__name__)
Header = tuple[bytes, bytes]

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox")
"""Nothing that the API answers is a page, but for its reference, which has a policy of its own."""
NO_STORE = (b"cache-control", b"no-store")
UNTRACED = ("/healthz", "/readyz", "/metrics")
"""What is asked all the time, of every process."""


class RequestTracing:
    """ASGI middleware. The route's template is logged, never the query string."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=scope["request_id"]):
            if scope["path"] in UNTRACED:
                await self._answer(scope, receive, send)
                return
            with (
                tracing.continuing(_sent_by(scope)),
                tracing.span(
                    scope["method"],
                    kind="server",
                    part="api",
                    method=scope["method"],
                    request_id=scope["request_id"],
                ) as span,
            ):
                status = await self._answer(scope, receive, send)
                route = _route(scope)
                span.rename(f"{scope['method']} {route}")
                span.note(route=route, status=status)
                if status >= 500:
                    span.fail(str(status))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        started, status = time.perf_counter(), 500

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                ours = [(b"x-request-id", scope["request_id"].encode()), *HEADERS, POLICY]
                if scope["path"].startswith("/v1"):
                    ours.append(NO_STORE)
                message["headers"] = _with(message.get("headers", []), ours)
            await send(message)

        try:
            await self._app(scope, receive, traced)
        finally:
            _record(scope, status, time.perf_counter() - started)
        return status


def _sent_by(scope: Scope) -> str | None:
    """The caller's place in its trace; what is not one is no place."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value.decode("latin-1"))
    return None


def _with(said: Sequence[Header], ours: Sequence[Header]) -> list[Header]:
    """What the answer says itself stands."""
    names = {name.lower() for name, _ in said}
    return [*said, *(one for one in ours if one[0] not in names)]


def _route(scope: Scope) -> str:
    """The route's template. A router that is included knows its own part of the path only."""
    found = str(getattr(scope.get("route"), "path", "unmatched"))
    is_part = found.startswith("/") and not found.startswith("/v1")
    return f"/v1{found}" if is_part and scope["path"].startswith("/v1/") else found


def _record(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
    log.info(
        "request.done",
        method=scope["method"],
        route=route,
        status=int(status),
        ms=round(seconds * 1000, 1),
    )
