"""What the port answers while the product opens: that it is alive, and what it waits for.

Filling an index takes minutes where there are many faces; who asks meanwhile is not left waiting.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from services.api.tracing import HEADERS

POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Not a sandbox, in which a page may not come back by itself."""
PARTS = ("database", "schema", "index", "worker")
"""In the order in which they come."""
RETRY_AFTER_S = 5
WORDS = {
    "en": "Vestibule is starting. This page comes back by itself.",
    "fr": "Vestibule démarre. Cette page revient d’elle-même.",
}


class Starting:
    """Which parts are still to come. For the thread that opens them and those that are asked."""

    def __init__(self) -> None:
        self.waiting_for: tuple[str, ...] = PARTS

    def reached(self, part: str) -> None:
        self.waiting_for = PARTS[PARTS.index(part) + 1 :]


@contextmanager
def answering(listener: socket.socket) -> Iterator[Starting]:
    """On a port that is taken already, until the block ends; then others may take connections."""
    starting = Starting()
    server = _Server(listener.getsockname()[:2], _Answer, bind_and_activate=False)
    server.socket.close()
    server.socket, server.starting = listener.dup(), starting
    answers = threading.Thread(target=server.serve_forever, args=(0.05,), name="starting")
    answers.start()
    try:
        yield starting
    finally:
        server.shutdown()
        server.server_close()
        answers.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    starting: Starting


class _Answer(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        waiting_for = list(self.server.starting.waiting_for)
        match self.path.partition("?")[0]:
            case "/healthz":
                self._send(200, _as_json({"status": "alive"}))
            case "/readyz":
                self._send(503, _as_json({"status": "not ready", "waiting_for": waiting_for}))
            case _ if "text/html" in self.headers.get("Accept", ""):
                self._show()
            case _:
                self._refuse(waiting_for)

    def do_POST(self) -> None:
        self._refuse(list(self.server.starting.waiting_for))

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: object) -> None:
        """Nothing of requests on the terminal."""

    def _show(self) -> None:
        language = "fr" if self.headers.get("Accept-Language", "").startswith("fr") else "en"
        page = (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f'<meta http-equiv="refresh" content="{RETRY_AFTER_S}">'
            f"<title>Vestibule</title><p>{WORDS[language]}</p></html>"
        )
        self._send(503, page.encode(), kind="text/html; charset=utf-8")

    def _refuse(self, waiting_for: list[str]) -> None:
        body = {
            "type": "urn:vestibule:problem:starting",
            "title": "Starting",
            "status": 503,
            "code": "starting",
            "detail": "The product is starting.",
            "waiting_for": waiting_for,
        }
        self._send(503, _as_json(body), kind="application/problem+json")

    def _send(self, status: int, content: bytes, *, kind: str = "application/json") -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", POLICY)
        for name, value in HEADERS:
            self.send_header(name.decode(), value.decode())
        if status != 200:
            self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.end_headers()
        self.wfile.write(content)


def _as_json(body: object) -> bytes:
    return json.dumps(body).encode()
