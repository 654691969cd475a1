"""Taking a port, and leaving word of it for the command line."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vestibule.domain.errors import PortInUseError
from vestibule.settings import Settings


def leave_in_peace() -> None:
    """SIGTERM becomes an exception, so that what is open is closed on the way out."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else starts. Raises PortInUseError (fact: ``port``)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(2048)
        except OSError as error:
            raise PortInUseError(
                f"Port {port} on {host} cannot be used: {error.strerror}. "
                "Stop the other program or set VESTIBULE_PORT.",
                port=port,
            ) from error
        yield listener
    finally:
        listener.close()


def word_file(settings: Settings) -> Path:
    """Where a running product says how the command line reaches it; readable by its owner only."""
    return settings.data_dir / "run" / "product.json"


@contextmanager
def left_word(settings: Settings, *, url: str, api_key: str) -> Iterator[None]:
    path = word_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"pid": os.getpid(), "url": url, "api_key": api_key}, file)
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
