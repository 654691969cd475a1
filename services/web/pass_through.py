"""An answer of the API, passed on to the browser while it arrives."""

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.web.api_client import ApiStream


class PassThrough(StreamingResponse):
    """Closes the API's answer however this one ends, also when the browser leaves early."""

    def __init__(self, stream: ApiStream, *, media_type: str) -> None:
        # Never kept by a browser, never held back by a proxy.
        headers = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
        if stream.size_bytes is not None:
            headers["Content-Length"] = str(stream.size_bytes)
        if stream.disposition is not None:
            headers["Content-Disposition"] = stream.disposition
        super().__init__(stream.chunks(), media_type=media_type, headers=headers)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._stream.aclose()
