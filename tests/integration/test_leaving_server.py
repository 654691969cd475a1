"""A server that is asked to stop says so on its connections before it closes them."""

import signal
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services import leaving_server
from services.leaving_server import LeavingServer


@pytest.fixture
def served():
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
    server = LeavingServer(uvicorn.Config(app, log_config=None, lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield server, thread, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


def test_answers_go_on_and_are_each_the_last_on_their_connection(served, monkeypatch):
    monkeypatch.setattr(leaving_server, "FAREWELL_S", 60.0)
    server, thread, url = served
    with httpx.Client(trust_env=False) as client:
        assert "connection" not in client.get(url).headers
        server.handle_exit(signal.SIGTERM, None)
        for _ in range(2):
            answer = client.get(url)
            assert (answer.text, answer.headers["connection"]) == ("here", "close")
        assert thread.is_alive()
        server.handle_exit(signal.SIGTERM, None)
        thread.join(10)
    assert not thread.is_alive(), "who asks twice is not kept waiting"


def test_server_ends_by_itself_after_the_farewell(served, monkeypatch):
    monkeypatch.setattr(leaving_server, "FAREWELL_S", 0.2)
    server, thread, _ = served
    while not server.started:
        time.sleep(0.01)
    server.handle_exit(signal.SIGTERM, None)
    thread.join(10)
    assert not thread.is_alive()
