"""The pages by themselves: alive whatever the API does, ready when it is."""

import httpx
import pytest

from services.web.main import create_web_app

pytestmark = pytest.mark.anyio


async def answers(path: str, handler) -> httpx.Response:
    app = create_web_app(
        api_base_url="http://api.test",
        secret_key=b"k" * 32,
        secure_cookies=False,
        transport=httpx.MockTransport(handler),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://v.test") as http:
        return await http.get(path)


def unreachable(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


async def test_pages_are_alive_without_the_api_and_not_ready() -> None:
    assert (await answers("/healthz", unreachable)).status_code == 200
    found = await answers("/readyz", unreachable)
    assert (found.status_code, found.json()["waiting_for"]) == (503, ["api"])


@pytest.mark.parametrize(("status", "body"), [(200, {"status": "ready"}), (503, {})])
async def test_pages_are_ready_when_the_api_is(status: int, body: dict[str, str]) -> None:
    found = await answers("/readyz", lambda _: httpx.Response(status, json=body))
    assert (found.status_code, found.json()) == (status, body)
