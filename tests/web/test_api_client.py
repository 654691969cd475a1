"""The pages' way to the API, where a copy of the API leaves while it is asked."""

import httpx
import pytest

from services.web.api_client import ApiClient, ApiUnreachableError


class BreakingOff:
    """An API whose first answers are broken off, and then says {"a": 1}."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.asked <= self.times:
            raise httpx.ReadError("broken off", request=request)
        return httpx.Response(200, json={"a": 1})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def caller(api: BreakingOff):
    return ApiClient("http://api", transport=httpx.MockTransport(api)).caller(None)


@pytest.mark.anyio
async def test_what_only_reads_is_asked_once_more():
    api = BreakingOff(1)
    assert await caller(api).get("/v1/x") == {"a": 1}
    stream = await caller(BreakingOff(1)).open("/v1/x")
    assert b"".join([chunk async for chunk in stream.chunks()]) == b'{"a":1}'
    assert api.asked == 2


@pytest.mark.anyio
async def test_and_not_more_often():
    api = BreakingOff(5)
    with pytest.raises(ApiUnreachableError):
        await caller(api).get("/v1/x")
    assert api.asked == 2


@pytest.mark.anyio
async def test_what_changes_something_is_never_sent_twice():
    api = BreakingOff(1)
    with pytest.raises(ApiUnreachableError):
        await caller(api).post("/v1/x", json={})
    assert api.asked == 1
