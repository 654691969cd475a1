"""A server that is taken out of a rollout without breaking off what is on its way to it."""

import time
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAREWELL_S = 2.0
"""How long answers ask for their connection to be closed before all are. Then few are left open
on which the entry could send a request while they end, which it may not send again."""


class LeavingServer(uvicorn.Server):
    """The first signal to stop begins the farewell, a second one ends it."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._ends_at_s: float | None = None
        self._signal: tuple[int, FrameType | None] | None = None
        config.app = _Farewell(config.app, self)  # type: ignore[arg-type]
        super().__init__(config)

    @property
    def is_leaving(self) -> bool:
        return self._ends_at_s is not None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._ends_at_s is None:
            self._ends_at_s, self._signal = time.monotonic() + FAREWELL_S, (sig, frame)
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._signal and self._ends_at_s and time.monotonic() >= self._ends_at_s:
            signalled, self._signal = self._signal, None
            super().handle_exit(*signalled)
        return await super().on_tick(counter)


class _Farewell:
    """ASGI middleware: while its server leaves, each answer is the last on its connection."""

    def __init__(self, app: ASGIApp, server: LeavingServer) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_farewell(message: Message) -> None:
            if message["type"] == "http.response.start" and self._server.is_leaving:
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, with_farewell)
