"""qdrant-client's own engine in this process, as the server adapter may be handed it.

It is made for trying things out: not safe for threads (so one lock here), and a missing collection
is a ValueError instead of a 404 (so that is what is raised here).
"""

import threading
from collections.abc import Callable
from typing import Any

import httpx
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse


class _Serialised:
    def __init__(self) -> None:
        self._client = QdrantClient(":memory:")
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        ask = getattr(self._client, name)

        def asked(*arguments: Any, **options: Any) -> Any:
            options.pop("consistency", None)
            try:
                with self._lock:
                    return ask(*arguments, **options)
            except ValueError as error:
                if "not found" not in str(error):
                    raise
                raise UnexpectedResponse(404, "Not Found", b"", httpx.Headers()) from error

        return asked


def local_client() -> Any:
    return _Serialised()
