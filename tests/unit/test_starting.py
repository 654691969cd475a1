"""While the product opens, its port says so, and leaves the port to what comes after."""

import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from services.listening import listening
from services.starting import answering


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listening("127.0.0.1", 0) as made:
        yield made


def asked(listener: socket.socket, path: str, method: str = "GET") -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_it_is_alive_and_says_what_it_waits_for(listener: socket.socket) -> None:
    with answering(listener) as starting:
        assert asked(listener, "/healthz") == (200, {"status": "alive"})
        status, said = asked(listener, "/readyz")
        assert status == 503 and said["waiting_for"][0] == "database"
        starting.reached("schema")
        assert asked(listener, "/readyz")[1]["waiting_for"] == ["index", "worker"]
        status, said = asked(listener, "/v1/photos", method="POST")
        assert (status, said["code"]) == (503, "starting")


def test_browser_is_told_in_its_language_and_asks_again(listener: socket.socket) -> None:
    with answering(listener):
        connection = http.client.HTTPConnection(*listener.getsockname()[:2], timeout=10)
        connection.request("GET", "/", headers={"Accept": "text/html", "Accept-Language": "fr"})
        page = connection.getresponse().read().decode()
    assert "Vestibule démarre" in page and 'http-equiv="refresh"' in page


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/customers"])
def test_every_answer_is_guarded_and_never_kept(listener: socket.socket, path: str) -> None:
    with answering(listener):
        connection = http.client.HTTPConnection(*listener.getsockname()[:2], timeout=10)
        connection.request("GET", path, headers={"Accept": "text/html"})
        headers = connection.getresponse().headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_connections_are_left_to_what_comes_after(listener: socket.socket) -> None:
    with answering(listener):
        asked(listener, "/healthz")
    with socket.create_connection(listener.getsockname()[:2], timeout=10):
        taken, _ = listener.accept()
        taken.close()
