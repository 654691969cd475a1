"""Searches go on while the index is rebuilt, the gallery embedded anew, switched and back."""

import dataclasses
import io
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from PIL import Image, ImageEnhance, ImageOps

from services.started_here import started_here
from vestibule.settings import Settings

CONSENT = {"consent_basis": "explicit-consent", "notice_shown": "true"}
GUESTS = ("obama", "biden", "astronaut")


def encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture
def http(make_data_dir):
    settings = Settings(_env_file=None, data_dir=make_data_dir(), min_free_bytes=0)
    with started_here(settings) as product:
        headers = {"Authorization": f"Bearer {product.api_key}"}
        with httpx.Client(
            base_url=product.url, headers=headers, timeout=60, trust_env=False
        ) as client:
            yield client


@dataclasses.dataclass
class Searching:
    """Asks for every guest again and again, each time with bytes that were never sent."""

    http: httpx.Client
    photos: dict[str, bytes]
    expected: dict[str, str]
    answers: list[tuple[str, str | None, str]] = dataclasses.field(default_factory=list)
    faults: list[str] = dataclasses.field(default_factory=list)
    stopping: threading.Event = dataclasses.field(default_factory=threading.Event)

    def run(self) -> None:
        number = 0
        while not self.stopping.is_set():
            for name, content in self.photos.items():
                number += 1
                try:
                    self.answers.append(self.ask(name, content, number))
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    self.faults.append(f"{name}: {error!r}")

    def ask(self, name: str, content: bytes, number: int) -> tuple[str, str | None, str]:
        image = Image.open(io.BytesIO(content))
        again = ImageEnhance.Brightness(image).enhance(1 + (number % 50) / 5_000)
        answer = self.http.post("/v1/photos", content=encoded(again))
        while answer.status_code == 429:
            time.sleep(1)
            answer = self.http.post("/v1/photos", content=encoded(again))
        photo = self.http.get(answer.headers["location"], params={"wait_s": 30}).json()
        (face,) = photo["faces"]
        who = face["customer"]["id"] if face["customer"] else None
        return name, who, face["space_id"]

    def wrong(self) -> list[tuple[str, str | None, str]]:
        return [a for a in self.answers if a[1] != self.expected[a[0]]]


def enrol(http: httpx.Client, name: str, content: bytes) -> str:
    answer = http.post(
        "/v1/enrolments", data={"name": name, **CONSENT}, files={"photo": ("p.jpg", content)}
    )
    settled = http.get(answer.headers["location"], params={"wait_s": 30}).json()
    assert settled["outcome"] == "enrolled", settled
    return str(settled["customer_id"])


def ended(http: httpx.Client, batch: dict) -> dict:
    until = time.monotonic() + 120
    while batch["state"] == "running" and time.monotonic() < until:
        time.sleep(0.1)
        batch = http.get(f"/v1/batches/{batch['id']}").json()
    return batch


def switch(http: httpx.Client, number: int) -> None:
    answer = http.post(f"/v1/index-generations/{number}/switch", json={"reason": "test"})
    assert answer.status_code == 200, answer.text


def test_no_search_misses_or_errs_while_generations_come_and_go(
    http: httpx.Client, encoded_photos: dict[str, bytes], record_property
) -> None:
    present = {name: encoded_photos[name] for name in GUESTS}
    guests = {name: enrol(http, name, content) for name, content in present.items()}
    searching = Searching(http, dict(present), dict(guests))
    threads = [threading.Thread(target=searching.run) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        rebuilt = ended(http, http.post("/v1/batches", json={"kind": "rebuild"}).json())
        assert rebuilt["state"] == "done", rebuilt
        switch(http, rebuilt["generation"])
        body = {"kind": "reembed", "low_light": "off"}
        reembedded = ended(http, http.post("/v1/batches", json=body).json())
        assert (reembedded["state"], reembedded["failed"]) == ("done", 0), reembedded
        mirrored = encoded(ImageOps.mirror(Image.open(io.BytesIO(encoded_photos["obama2"]))))
        late = http.post(
            "/v1/enrolments",
            data={"customer_id": guests["obama"], **CONSENT},
            files={"photo": ("p.jpg", mirrored)},
        )
        http.get(late.headers["location"], params={"wait_s": 30})
        spaces = []
        for number in (reembedded["generation"], 1, reembedded["generation"]):
            switch(http, number)
            seen = len(searching.answers)
            _wait(lambda seen=seen: len(searching.answers) >= seen + 2 * len(guests))
            spaces.append(searching.answers[-1][2])
    finally:
        searching.stopping.set()
        for thread in threads:
            thread.join(60)

    assert searching.faults == []
    assert searching.wrong() == []
    assert len(searching.answers) > 10 * len(guests)
    assert len(set(spaces)) == 2
    record_property("searches", len(searching.answers))


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)


def test_guest_who_is_enrolled_during_a_reembedding_is_found_before_and_after(
    http: httpx.Client, encoded_photos: dict[str, bytes]
) -> None:
    enrol(http, "biden", encoded_photos["biden"])
    batch = http.post(
        "/v1/batches", json={"kind": "reembed", "low_light": "off", "pace": "slow"}
    ).json()
    ada = enrol(http, "obama", encoded_photos["obama"])
    batch = ended(http, batch)
    searching = Searching(http, {}, {})

    before = searching.ask("obama", encoded_photos["obama2"], 1)
    switch(http, batch["generation"])
    after = searching.ask("obama", encoded_photos["obama2"], 2)

    assert (before[1], after[1]) == (ada, ada)
    assert before[2] != after[2]
