"""A steady stream of photos, each followed to its end as a page would, while things break."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

import httpx

from tests.bench.photos import stamped

GIVE_UP_S = 60.0
"""No request of a good product takes so long: one that does is counted as a hang."""
WAIT_S = 5
TRANSIENT = frozenset({429, 502, 503, 507})


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo to send. ``names`` are of the guests who must be recognised in it, all of them."""

    jpeg: bytes
    names: frozenset[str]
    faces: int


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is 0 where none came; ``code`` is the problem's, or what broke."""

    at_s: float
    took_s: float
    status: int
    code: str = ""

    @property
    def words(self) -> str:
        return f"{self.status} {self.code}".strip()


@dataclass(slots=True)
class Accepted:
    """An upload that was answered 202, and what became of it."""

    id: str
    shot: Shot
    at_s: float
    state: str = ""
    error_code: str = ""
    names: frozenset[str] = frozenset()
    ended_at_s: float | None = None


@dataclass(slots=True)
class Tally:
    uploads: list[Answer] = field(default_factory=list)
    looks: list[Answer] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)

    def said(self, *, since_s: float = 0) -> Counter[str]:
        """What uploads were answered, how often."""
        return Counter(answer.words for answer in self.uploads if answer.at_s >= since_s)

    def longest_s(self) -> float:
        return max((answer.took_s for answer in [*self.uploads, *self.looks]), default=0.0)

    def open(self) -> list[Accepted]:
        return [photo for photo in self.accepted if photo.ended_at_s is None]


class Stream:
    """``with`` it photos are sent, one every ``every_s``; at the end all accepted have ended."""

    def __init__(
        self,
        client: Callable[[], httpx.Client],
        shots: Sequence[Shot],
        *,
        every_s: float = 0.35,
        senders: int = 2,
        most_open: int = 40,
        patience_s: float = 150,
    ) -> None:
        self.tally = Tally()
        self._client = client
        self._shots = itertools.cycle(shots)
        self._serial = itertools.count(time.time_ns())
        self._pause_s = every_s * senders
        self._most_open = most_open
        self._patience_s = patience_s
        self._stopping = threading.Event()
        self._give_up_at_s = float("inf")
        self._lock = threading.Lock()
        self._followers = ThreadPoolExecutor(most_open)
        self._followed: list[Future[None]] = []
        self._senders = [threading.Thread(target=self._send_all) for _ in range(senders)]

    def __enter__(self) -> "Stream":
        for place, sender in enumerate(self._senders):
            sender.start()
            if place < len(self._senders) - 1:
                time.sleep(self._pause_s / len(self._senders))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for sender in self._senders:
            sender.join()
        self._give_up_at_s = time.monotonic() + self._patience_s
        self._followers.shutdown(wait=True)
        for one in self._followed:
            one.result()

    def wait_until_recovered(self, since_s: float, *, patience_s: float = 120) -> None:
        """Until a photo that was sent after ``since_s`` is done and all before it have ended."""
        give_up_at = time.monotonic() + patience_s
        while time.monotonic() < give_up_at:
            photos = list(self.tally.accepted)
            later = [p for p in photos if p.at_s >= since_s and p.state == "done"]
            if later and all(p.ended_at_s for p in photos if p.at_s < since_s):
                return
            time.sleep(0.1)

    def _send_all(self) -> None:
        with self._client() as http:
            while not self._stopping.is_set():
                began = time.monotonic()
                if len(self.tally.open()) < self._most_open:
                    self._send(http)
                self._stopping.wait(max(0.0, self._pause_s - (time.monotonic() - began)))

    def _send(self, http: httpx.Client) -> None:
        with self._lock:
            shot, serial = next(self._shots), next(self._serial)
        answer, body = ask(http, "POST", "/v1/photos", content=stamped(shot.jpeg, serial))
        self.tally.uploads.append(answer)
        if answer.status == 202:
            photo = Accepted(str(body["id"]), shot, answer.at_s)
            self.tally.accepted.append(photo)
            self._followed.append(self._followers.submit(self._follow, photo))

    def _follow(self, photo: Accepted) -> None:
        with self._client() as http:
            found = self._ended(http, photo)
            if found is None:
                return
            faces = found["faces"] or []
            known = [face for face in faces if face["customer"]]
            photo.names = frozenset(face["customer"]["name"] for face in known)
            photo.error_code = (found["error"] or {}).get("code", "")
            photo.state = found["state"]
            photo.ended_at_s = time.monotonic()
            for face in known:
                self._insist(http, "POST", f"/v1/faces/{face['id']}/answer", "same_person")

    def _ended(self, http: httpx.Client, photo: Accepted) -> dict | None:
        while time.monotonic() < self._give_up_at_s:
            path = f"/v1/photos/{photo.id}"
            answer, body = ask(http, "GET", path, params={"wait_s": WAIT_S})
            self.tally.looks.append(answer)
            if answer.status == 200 and body["state"] in ("done", "failed"):
                return body
            if answer.status != 200:
                time.sleep(0.5)
        return None

    def _insist(self, http: httpx.Client, method: str, path: str, said: str) -> None:
        """As a person who presses the button again when it did not work."""
        while time.monotonic() < self._give_up_at_s:
            answer, _ = ask(http, method, path, json={"answer": said})
            self.tally.looks.append(answer)
            if answer.status not in TRANSIENT:
                return
            time.sleep(1)


def ask(http: httpx.Client, method: str, path: str, **request: object) -> tuple[Answer, dict]:
    """The answer and its JSON; whatever breaks is an answer with status 0."""
    began = time.monotonic()
    try:
        response = http.request(method, path, **request)
    except httpx.HTTPError as error:
        return Answer(began, time.monotonic() - began, 0, type(error).__name__), {}
    took_s = time.monotonic() - began
    is_json = "json" in response.headers.get("content-type", "")
    body = response.json() if is_json and response.content else {}
    code = "" if response.is_success else str(body.get("code", ""))
    return Answer(began, took_s, response.status_code, code), body
