"""The venue that the tests visit, brought to a known state over the API."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from services.serve import Product
from vestibule.workflows.demo_guests import GUESTS

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}


class Venue:
    """One running product and a client with its key."""

    def __init__(self, product: Product, http: httpx.Client) -> None:
        self.product = product
        self._http = http

    def get(self, path: str, **params: str | int) -> Any:
        return self._http.get(path, params=params).raise_for_status().json()

    def empty(self) -> None:
        """No guest, no photo, no demo."""
        self.forget_photos()
        if self.get("/v1/demo")["state"] == "loaded":
            self._http.delete("/v1/demo").raise_for_status()
        self._clear_guests()

    def with_demo_only(self) -> None:
        """The demo guests as they were loaded, and nobody else."""
        self.forget_photos()
        self._clear_guests()
        if len(self.guests()) < len(GUESTS):
            self.empty()
            self.product.load_demo()

    def guests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/v1/customers", limit=100)["items"]
        return found

    def guest(self, name: str) -> dict[str, Any]:
        listed = next(guest for guest in self.guests() if guest["name"] == name)
        found: dict[str, Any] = self.get(f"/v1/customers/{listed['id']}")
        return found

    def add_guest(self, name: str, notes: str = "") -> str:
        """A guest without a face; their id."""
        answer = self._http.post("/v1/customers", json={"name": name, "notes": notes})
        return str(answer.raise_for_status().json()["id"])

    def erase(self, guest_id: str) -> None:
        self._http.delete(f"/v1/customers/{guest_id}").raise_for_status()

    def enrol(self, content: bytes, name: str) -> str:
        """A new guest with a face; their id."""
        fields = {"name": name, **CONSENT}
        answer = self._http.post("/v1/enrolments", data=fields, files={"photo": ("p", content)})
        settled = self.get(answer.raise_for_status().headers["location"], wait_s=30)
        assert settled["outcome"] == "enrolled", settled
        return str(settled["customer_id"])

    def rejected(self, content: bytes, guest_id: str) -> dict[str, Any]:
        """A photo for a guest that the gate rejects; the enrolment."""
        fields = {"customer_id": guest_id, **CONSENT}
        answer = self._http.post("/v1/enrolments", data=fields, files={"photo": ("p", content)})
        settled: dict[str, Any] = self.get(answer.raise_for_status().headers["location"], wait_s=30)
        assert settled["outcome"] == "rejected", settled
        return settled

    def identify(self, content: bytes) -> dict[str, Any]:
        """Upload a photo and wait; the result."""
        found: dict[str, Any] = self.get(self.submit(content), wait_s=30)
        assert found["state"] == "done", found
        return found

    def submit(self, content: bytes) -> str:
        """Upload a photo; where its result will be."""
        answer = self._http.post("/v1/photos", content=content)
        return answer.raise_for_status().headers["location"]

    def leave_unknown_faces(self, photo_id: str) -> None:
        for face in self.get(f"/v1/photos/{photo_id}")["faces"]:
            if face["decision"] == "UNKNOWN":
                answer = self._http.post(f"/v1/faces/{face['id']}/answer", json={"answer": "leave"})
                answer.raise_for_status()

    def forget_photos(self) -> None:
        for photo in self.get("/v1/photos")["items"]:
            self._http.delete(f"/v1/photos/{photo['id']}").raise_for_status()

    def _clear_guests(self) -> None:
        for guest in self.guests():
            if not guest["is_demo"]:
                self.erase(guest["id"])


@contextmanager
def engine_held(product: Product, step: str) -> Iterator[Callable[[], None]]:
    """The engine's ``detect`` or ``embed`` waits until the yielded function is called."""
    engine = product.installation.runtime.engine
    released = threading.Event()
    go_on = getattr(engine, step)

    def wait_then_go_on(*arguments: object) -> object:
        released.wait(60)
        return go_on(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, step, wait_then_go_on)
        try:
            yield released.set
        finally:
            released.set()
