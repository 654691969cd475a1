"""The one way from the pages to the API: HTTP, with the session's token on every request."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

JsonObject = dict[str, Any]

_TIMEOUT = httpx.Timeout(30.0, connect=3.0, write=120.0)
# A stream of events is silent while a photo waits; the API sends something more often than this.
_EVENTS_TIMEOUT = httpx.Timeout(30.0, connect=3.0)

API_CONNECTIONS = httpx.Limits(max_connections=1_000, max_keepalive_connections=50)
"""Every page that waits for a photo holds one open."""

_BROKEN_OFF = (httpx.NetworkError, httpx.RemoteProtocolError)
"""A connection that ended before an answer: as when a copy of the API leaves during a rollout."""


class ApiProblemError(Exception):
    """The API answered with problem+json. ``facts`` are the problem's own."""

    def __init__(self, status: int, problem: JsonObject) -> None:
        super().__init__(f"{status} {problem.get('code')}")
        self.status = status
        self.code = str(problem.get("code", "internal_error"))
        self.request_id = str(problem.get("request_id", ""))
        facts = problem.get("facts")
        self.facts: JsonObject = facts if isinstance(facts, dict) else {}


class ApiUnreachableError(Exception):
    """Nobody answers at the API's address, or not in time."""


class ApiClient:
    """Connections to the API, shared by all requests; made at first use, in the serving loop."""

    def __init__(self, base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    def caller(self, access_token: str | None) -> "ApiCaller":
        return ApiCaller(self._connections(), access_token)

    async def aclose(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _connections(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(
                base_url=self._base_url,
                timeout=_TIMEOUT,
                limits=API_CONNECTIONS,
                transport=self._transport,
                trust_env=False,
            )
        return self._http


class ApiStream:
    """The body of one answer, as it arrives."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def size_bytes(self) -> int | None:
        """Its length, if the API announced one and nothing was encoded on the way."""
        headers = self._response.headers
        if "content-encoding" in headers or "content-length" not in headers:
            return None
        return int(headers["content-length"])

    @property
    def media_type(self) -> str:
        return str(self._response.headers.get("content-type", "application/octet-stream"))

    @property
    def disposition(self) -> str | None:
        """How the API says the file is to be taken, with its name."""
        found = self._response.headers.get("content-disposition")
        return None if found is None else str(found)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Ends early where the API breaks off: the browser sees a short body and asks again."""
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except httpx.TransportError:
            return

    async def aclose(self) -> None:
        await self._response.aclose()


class ApiCaller:
    """The API as one signed-in person (or nobody) sees it."""

    def __init__(self, http: httpx.AsyncClient, access_token: str | None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}

    async def get(self, path: str, *, params: Mapping[str, str | int] | None = None) -> Any:
        return await self._json("GET", path, params=params)

    async def post(self, path: str, *, json: JsonObject | None = None) -> Any:
        return await self._json("POST", path, json=json)

    async def patch(self, path: str, *, json: JsonObject) -> Any:
        return await self._json("PATCH", path, json=json)

    async def delete(self, path: str) -> Any:
        return await self._json("DELETE", path)

    async def send(
        self, path: str, body: AsyncIterator[bytes], *, content_type: str, size_bytes: int | None
    ) -> Any:
        """POST a body as it arrives, never held whole; without a size it is sent in chunks."""
        headers = {"Content-Type": content_type}
        if size_bytes is not None:
            headers["Content-Length"] = str(size_bytes)
        return await self._json("POST", path, content=body, headers=headers)

    async def readiness(self) -> JsonObject:
        """What ``/readyz`` says. It answers 503 with a body while something is not ready."""
        response = await self._request("GET", "/readyz")
        body = _json_or_empty(response)
        return {"is_ready": response.is_success, **body}

    async def open(self, path: str) -> "ApiStream":
        """An answer whose body is read piece by piece (images, events). The taker closes it."""
        request = self._http.build_request(
            "GET", path, headers=self._headers, timeout=_EVENTS_TIMEOUT
        )
        try:
            response = await self._send_reading(request)
            if response.is_error:
                await response.aread()
                raise ApiProblemError(response.status_code, _json_or_empty(response))
        except httpx.TransportError as error:
            raise ApiUnreachableError from error
        return ApiStream(response)

    async def _send_reading(self, request: httpx.Request) -> httpx.Response:
        """Asked once more where the connection broke off, which is safe for what only reads."""
        try:
            return await self._http.send(request, stream=True)
        except _BROKEN_OFF:
            return await self._http.send(request, stream=True)

    async def _json(self, method: str, path: str, **request: Any) -> Any:
        response = await self._request(method, path, **request)
        if response.is_error:
            raise ApiProblemError(response.status_code, _json_or_empty(response))
        return response.json() if response.content else None

    async def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**self._headers, **request.pop("headers", {})}
        asked = self._http.build_request(method, path, headers=headers, **request)
        try:
            if method != "GET":
                return await self._http.send(asked)
            response = await self._send_reading(asked)
            await response.aread()
            return response
        except httpx.TransportError as error:
            raise ApiUnreachableError from error


def _json_or_empty(response: httpx.Response) -> JsonObject:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
