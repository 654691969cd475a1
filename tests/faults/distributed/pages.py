"""Somebody who is signed in and keeps opening a page while things break."""

import threading
import time
from collections import Counter

import httpx

from tests.faults.distributed.uploads import GIVE_UP_S, Answer

EVERY_S = 0.7
FAULTY_WORDS = ("Traceback", "Internal Server Error")


class Reader:
    """``with`` it the page with the latest photos is opened again and again."""

    def __init__(self, url: str, cookies: httpx.Cookies) -> None:
        self.answers: list[Answer] = []
        self.faulty: list[str] = []
        self._http = httpx.Client(base_url=url, cookies=cookies, timeout=GIVE_UP_S, trust_env=False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._http.close()

    def said(self) -> Counter[str]:
        return Counter(answer.words for answer in self.answers)

    def longest_s(self) -> float:
        return max((answer.took_s for answer in self.answers), default=0.0)

    def _read(self) -> None:
        while not self._stopping.wait(EVERY_S):
            began = time.monotonic()
            try:
                page = self._http.get("/")
            except httpx.HTTPError as error:
                status, code, words = 0, type(error).__name__, ""
            else:
                status, code, words = page.status_code, "", page.text
            self.answers.append(Answer(began, time.monotonic() - began, status, code))
            self.faulty += [word for word in FAULTY_WORDS if word in words]
