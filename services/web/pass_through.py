"""An answer of the API, passed on to the browser while it arrives."""

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.web.api_client import ApiStream
from services.web.rendering import api_of, require_pass


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


async def hand_out(
    request: Request, api_path: str, *, media_type: str | None = None
) -> PassThrough:
    """A picture or a file of the API, to who has the link from a page of their own session.

    Raises LinkEndedError, SignedOutError, and what the API refuses.
    """
    api = api_of(request)
    require_pass(request)
    stream = await api.open(api_path)
    return PassThrough(stream, media_type=media_type or stream.media_type)
