"""The pages, observed from outside: the web service itself knows neither metrics nor traces.

Its requests are timed, and what it asks of the API carries the trace on.
"""

import time

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.api_client import API_CONNECTIONS
from services.web.main import create_web_app
from vestibule import tracing
from vestibule.dependencies import call
from vestibule.telemetry import PAGE_SECONDS


class ObservedPages:
    """ASGI middleware. A trace begins here: what a browser claims of one is not believed."""

    def __init__(self, pages: ASGIApp) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._pages(scope, receive, send)
            return
        with tracing.span(
            scope["method"], kind="server", part="web", method=scope["method"]
        ) as span:
            status = await self._answer(scope, receive, send)
            route = _route(scope)
            span.rename(f"{scope['method']} {route}")
            span.note(route=route, status=status)
            if status >= 500:
                span.fail(str(status))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._pages(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - started
            PAGE_SECONDS.labels(scope["method"], _route(scope), str(status)).observe(seconds)
        return status


def _route(scope: Scope) -> str:
    """The route's template: in the path itself ids stand, or the secret of a sign-in link."""
    return getattr(scope.get("route"), "path", "unmatched")


class ObservedTransport(httpx.AsyncBaseTransport):
    """What the pages ask of the API: until its answer begins, as one call of a dependency."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with call("api", request.method.lower()):
            place = tracing.traceparent()
            if place is not None:
                request.headers["traceparent"] = place
            return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


def observed_web_app(
    *,
    api_base_url: str,
    secret_key: bytes,
    former_secret_key: bytes | None,
    secure_cookies: bool,
    time_zone: str,
    closes_at_hour: int,
) -> ASGIApp:
    """The pages as ``create_web_app`` makes them, observed."""
    to_api = httpx.AsyncHTTPTransport(limits=API_CONNECTIONS, trust_env=False)
    pages = create_web_app(
        api_base_url=api_base_url,
        secret_key=secret_key,
        former_secret_key=former_secret_key,
        secure_cookies=secure_cookies,
        time_zone=time_zone,
        closes_at_hour=closes_at_hour,
        transport=ObservedTransport(to_api),
    )
    return ObservedPages(pages)
