"""One address for several copies of the API and the pages, in turn, as the entry of the stack."""

import itertools
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.serve import API_PATHS

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "upgrade", "te", "trailer"}
_PATIENCE = httpx.Timeout(120, connect=5)


class Entry:
    """Sends each request to the next copy; one that refuses the connection is passed over.

    One that breaks off is passed over by a GET only, as by the entry that is shipped.
    """

    def __init__(self, apis: Sequence[str], pages: Sequence[str]) -> None:
        self._apis, self._pages = list(apis), list(pages)
        self._turns = itertools.count()
        self._http: httpx.AsyncClient | None = None

    async def pass_on(self, request: Request) -> Response:
        path = request.url.path
        is_api = any(path == prefix or path.startswith(f"{prefix}/") for prefix in API_PATHS)
        copies = self._apis if is_api else self._pages
        turn = next(self._turns)
        body = await request.body()
        for offset in range(len(copies)):
            try:
                return await self._ask(copies[(turn + offset) % len(copies)], request, body)
            except httpx.ConnectError:
                continue
            except httpx.TransportError:
                if request.method == "GET":
                    continue
                return Response("The copy that was asked broke off.", status_code=502)
        return Response("Nobody answers.", status_code=502)

    async def _ask(self, base: str, request: Request, body: bytes) -> Response:
        if self._http is None:
            limits = httpx.Limits(max_connections=500)
            self._http = httpx.AsyncClient(timeout=_PATIENCE, trust_env=False, limits=limits)
        query = f"?{request.url.query}" if request.url.query else ""
        kept = [(k, v) for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP]
        asked = self._http.build_request(
            request.method, f"{base}{request.url.path}{query}", headers=kept, content=body
        )
        answer = await self._http.send(asked, stream=True)
        passed = StreamingResponse(_pieces(answer), status_code=answer.status_code)
        passed.raw_headers = [
            (k, v) for k, v in answer.headers.raw if k.decode().lower() not in _HOP_BY_HOP
        ]
        return passed


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()


@contextmanager
def entry(apis: Sequence[str], pages: Sequence[str], *, port: int) -> Iterator[str]:
    """The address that it answers at, on 127.0.0.1."""
    route = Route("/{path:path}", Entry(apis, pages).pass_on, methods=_METHODS)
    config = uvicorn.Config(
        Starlette(routes=[route]), log_config=None, access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
