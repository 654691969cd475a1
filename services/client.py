"""The command line's way to the product: over HTTP, whether it runs already or is started here."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from services.listening import word_file
from vestibule.domain.errors import StartUpError
from vestibule.reporting import Report
from vestibule.settings import Settings

WAIT_S = 30
BUSY = 429
BUSY_PATIENCE_S = 600
"""How long a photo is sent again while the product has too many; then it counts as refused."""


class RefusedError(Exception):
    """The product refused a request; ``code`` and ``detail`` are the API's.

    ``retry_after_s``: when the same request may be taken, if it was refused for being too much.
    """

    def __init__(self, code: str, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s


class ApiClient:
    """The few calls that commands make. Safe to use from several threads."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @property
    def base_url(self) -> str:
        return str(self._http.base_url)

    def identify(self, content: bytes) -> dict[str, Any]:
        """Upload and wait, at first for room in the queue. Returns the Photo or RefusedError."""
        photo = self._sent_when_there_is_room(content)
        return self._settled(f"/v1/photos/{photo['id']}")

    def _sent_when_there_is_room(self, content: bytes) -> Any:
        give_up_at = time.monotonic() + BUSY_PATIENCE_S
        while True:
            try:
                return self._send("POST", "/v1/photos", content=content)
            except RefusedError as refusal:
                if refusal.retry_after_s is None or time.monotonic() > give_up_at:
                    raise
                time.sleep(refusal.retry_after_s)

    def forget_photo(self, photo_id: str) -> None:
        self._send("DELETE", f"/v1/photos/{photo_id}")

    def enrol(self, content: bytes, fields: dict[str, str]) -> dict[str, Any]:
        """Upload and wait. Returns the Enrolment; raises RefusedError."""
        enrolment = self._send(
            "POST", "/v1/enrolments", data=fields, files={"photo": ("photo", content)}
        )
        return self._settled(f"/v1/enrolments/{enrolment['id']}")

    def override_enrolment(
        self, enrolment_id: str, codes: list[str], reason: str
    ) -> dict[str, Any]:
        """Accept a rejected photo in spite of ``codes``, and wait. Raises RefusedError."""
        path = f"/v1/enrolments/{enrolment_id}"
        self._send("POST", f"{path}/override", json={"codes": codes, "reason": reason})
        return self._settled(path)

    def get(self, path: str) -> Any:
        return self._send("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send("POST", path, json=body or {})

    def delete(self, path: str) -> Any:
        return self._send("DELETE", path)

    def download(self, path: str, into: BinaryIO) -> None:
        """A body that may be long, piece by piece. Raises RefusedError."""
        with self._http.stream("GET", path) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            for piece in answer.iter_bytes():
                into.write(piece)

    def _settled(self, path: str) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = self._send("GET", path, params={"wait_s": str(WAIT_S)})
            if found["state"] in ("done", "failed"):
                return found

    def _send(self, method: str, path: str, **content: Any) -> Any:
        answer = self._http.request(method, path, **content)
        if answer.is_error:
            raise _refusal(answer)
        return answer.json() if answer.content else None


def _refusal(answer: httpx.Response) -> RefusedError:
    try:
        problem = answer.json()
        again = answer.headers.get("retry-after", "") if answer.status_code == BUSY else ""
        return RefusedError(
            problem["code"],
            problem["detail"],
            retry_after_s=int(again) if again.isdigit() else None,
        )
    except (ValueError, KeyError):
        return RefusedError("unexpected_answer", f"The product answered {answer.status_code}.")


@contextmanager
def api_client(settings: Settings, *, report: Report | None = None) -> Iterator[ApiClient]:
    """Use the product that runs on this data folder; if none does, run one while needed."""
    word = _told_product(settings) or _running_product(word_file(settings))
    if word is not None:
        with _http(word["url"], word["api_key"]) as http:
            yield ApiClient(http)
        return
    if settings.mode == "distributed":
        raise StartUpError(
            "No API runs here. Run this beside it (`docker compose exec api vestibule …`), or set "
            "VESTIBULE_API_URL and VESTIBULE_API_KEY.",
            reason="no_api",
        )
    from services.started_here import started_here  # noqa: PLC0415 - the whole product

    with (
        started_here(settings, report=report) as product,
        _http(product.url, product.api_key) as http,
    ):
        yield ApiClient(http)


def _told_product(settings: Settings) -> dict[str, str] | None:
    if settings.api_url is None or settings.api_key is None:
        return None
    return {"url": settings.api_url, "api_key": settings.api_key.get_secret_value()}


def _running_product(path: Path) -> dict[str, str] | None:
    """What the running product left word of, if it still answers."""
    try:
        word: dict[str, str] = json.loads(path.read_text())
        httpx.get(f"{word['url']}/healthz", timeout=5).raise_for_status()
    except (FileNotFoundError, ValueError, httpx.HTTPError):
        return None
    return word


def _http(url: str, api_key: str) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {api_key}"},
        timeout=httpx.Timeout(WAIT_S + 30),
        limits=httpx.Limits(max_connections=32),
        trust_env=False,
    )
