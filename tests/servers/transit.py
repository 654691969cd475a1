"""What the transit engine of OpenBao and Vault answers, as their API pages describe it.

No such server can be had as a package, so this stands in: it really encrypts, asks for the token,
and answers errors as they do. It was never compared with the real one.
"""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.for-tests"


class Transit:
    """One key, ``vestibule``, in versions. ``asked`` holds the verbs of requests."""

    def __init__(self) -> None:
        self.versions = [AESGCM(secrets.token_bytes(32))]
        self.asked: list[str] = []
        self.url = ""

    def rotate(self) -> None:
        self.versions.append(AESGCM(secrets.token_bytes(32)))

    def answer(self, path: str, token: str | None, told: dict[str, str]) -> tuple[int, object]:
        *_, verb, name = path.split("/")
        self.asked.append(verb)
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        if name != "vestibule" or path != f"/v1/transit/{verb}/{name}":
            return 400, {"errors": ["encryption key not found"]}
        try:
            return 200, {"data": getattr(self, f"_{verb}")(told)}
        except (KeyError, ValueError, IndexError, InvalidTag):
            return 400, {"errors": ["invalid ciphertext"]}

    def _encrypt(self, told: dict[str, str]) -> dict[str, object]:
        plain, nonce = base64.b64decode(told["plaintext"], validate=True), secrets.token_bytes(12)
        sealed = nonce + self.versions[-1].encrypt(nonce, plain, None)
        version = len(self.versions)
        written = base64.b64encode(sealed).decode()
        return {"ciphertext": f"vault:v{version}:{written}", "key_version": version}

    def _decrypt(self, told: dict[str, str]) -> dict[str, object]:
        mark, version, written = told["ciphertext"].split(":")
        if mark != "vault":
            raise ValueError(mark)
        sealed = base64.b64decode(written, validate=True)
        opened = self.versions[int(version[1:]) - 1].decrypt(sealed[:12], sealed[12:], None)
        return {"plaintext": base64.b64encode(opened).decode()}


@contextmanager
def running_transit() -> Iterator[Transit]:
    """On a free port of 127.0.0.1."""
    transit = Transit()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, said = transit.answer(self.path, self.headers.get("X-Vault-Token"), told)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        transit.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield transit
        finally:
            server.shutdown()
            thread.join()
