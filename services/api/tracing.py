"""A request id for every request, in the answer, the logs and the problem; and its duration."""

import time
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.telemetry import REQUEST_SECONDS

log = structlog.get_logger(__name__)

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class RequestTracing:
    """ASGI middleware. The route's template is logged, never the query string."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = uuid4().hex, time.perf_counter(), 500
        scope["request_id"] = request_id

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [(b"x-request-id", request_id.encode()), *HEADERS]
                if scope["path"].startswith("/v1"):
                    added += _no_store(message)
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, traced)
            finally:
                _record(scope, status, time.perf_counter() - started)


def _no_store(message: Message) -> list[tuple[bytes, bytes]]:
    if any(name.lower() == b"cache-control" for name, _ in message.get("headers", [])):
        return []
    return [(b"cache-control", b"no-store")]


def _record(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
    log.info(
        "request.done",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
    )
