"""A web application before a fake API, and a browser-like client of it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from services.web.main import create_web_app
from tests.web.fake_api import create_fake_api
from tests.web.fake_state import FakeApi

BASE = "http://vestibule.test"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fake():
    return FakeApi()


class Browser(httpx.AsyncClient):
    """Keeps cookies and follows redirects; ``token`` is the one the last page carried."""

    token: str = ""

    async def open(self, path: str, **options) -> httpx.Response:
        page = await self.get(path, **options)
        found = re.search(r'data-csrf="([^"]+)"', page.text)
        self.token = found.group(1) if found else ""
        return page

    async def shown(self, page: str, path: str) -> httpx.Response:
        """The picture or file by the link that the page carries for that path."""
        html = (await self.get(page)).text
        found = re.search(rf'"({re.escape(path)}(?:\?|&amp;)[^"]*)"', html)
        assert found, f"{page} has no link to {path}"
        return await self.get(found.group(1).replace("&amp;", "&"))

    async def submit(self, path: str, fields: dict[str, str] | None = None, **options):
        return await self.post(path, data={"csrf_token": self.token, **(fields or {})}, **options)


class PluggedTransport(httpx.AsyncBaseTransport):
    """Leads to the fake of the test that runs: one application, compiled once, serves them all."""

    def __init__(self) -> None:
        self.target: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.target is not None
        return await self.target.handle_async_request(request)


def _make(**options):
    settings = {"api_base_url": "http://api.test", "secret_key": b"k" * 32}
    return create_web_app(**{**settings, "secure_cookies": False, **options})


@pytest.fixture(scope="session")
def _shared():
    plug = PluggedTransport()
    return plug, _make(transport=plug)


@pytest.fixture
def app(_shared, fake):
    plug, app = _shared
    plug.target = httpx.ASGITransport(app=create_fake_api(fake))
    return app


@pytest.fixture
def make_app(fake):
    """An application of the test's own."""
    transport = httpx.ASGITransport(app=create_fake_api(fake))
    return lambda **options: _make(**{"transport": transport, **options})


@pytest.fixture
async def visitor(app) -> AsyncIterator[Browser]:
    """Somebody without a session."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with Browser(transport=transport, base_url=BASE, follow_redirects=True) as browser:
        yield browser


@pytest.fixture
async def browser(visitor: Browser) -> Browser:
    """Somebody who is signed in."""
    page = await visitor.open("/sign-in/good-link")
    assert page.status_code == 200, page.text
    return visitor
