"""A photo that crashes or hangs the process that reads it, in the whole distributed product.

Postgres, Redis and the S3 server are real; the index is a stand-in (``tests/servers``).
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from services.heartbeat import is_alive
from services.worker.signs import read_signs
from tests.faults.poisoned_worker import CRASHING, HANGING, SLOW
from tests.stack.stack import Stack, whole_product
from vestibule.settings import Settings

CLEAR_WITHIN_S = 100
"""How soon whoever uploaded is told, whatever happens; the machine may be busy with other tests."""


@pytest.fixture(scope="module")
def stack(make_data_dir: Callable[[], Path]) -> Iterator[Stack]:
    with whole_product(make_data_dir() / "stack", workers=0) as running:
        yield running


@pytest.fixture(scope="module")
def worker(stack: Stack) -> Iterator[Settings]:
    """One worker, two threads, that can be poisoned; it hangs by shorter limits than usual."""
    folder = stack.folder / "processes" / "poisoned"
    template = stack.add("worker", 1)
    environment = {
        **os.environ,
        **template.environment,
        "VESTIBULE_DATA_DIR": str(folder),
        "VESTIBULE_WORKER_THREADS": "2",
        "VESTIBULE_WORKER_STUCK_AFTER_S": "8",
        "VESTIBULE_WORKER_APART_LIMIT_S": "8",
    }
    with (stack.folder / "processes" / "poisoned.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.poisoned_worker"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    settings = Settings(_env_file=None, data_dir=folder)
    assert until(lambda: is_alive(settings, "worker"), within_s=90)
    yield settings
    process.terminate()
    assert process.wait(60) == 0


def until(condition: Callable[[], bool], *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def upload(api: httpx.Client, photo: bytes) -> str:
    answer = api.post("/v1/photos", content=photo, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["photo_url"])


def outcome(api: httpx.Client, url: str) -> dict:
    deadline = time.monotonic() + CLEAR_WITHIN_S
    while time.monotonic() < deadline:
        photo = api.get(url, params={"wait_s": 10}).json()
        if photo["state"] in ("done", "failed"):
            return photo
    raise AssertionError(f"nobody was told within {CLEAR_WITHIN_S} s: {photo['state']}")


def child_of(worker: Settings) -> int:
    signs = read_signs(worker.data_dir / "run" / "worker-child.json")
    return signs.pid if signs is not None and signs.phase == "taking" else 0


@pytest.mark.parametrize(
    ("poison", "code"), [(CRASHING, "crashed_worker"), (HANGING, "hung_worker")]
)
def test_poison_fails_itself_and_what_was_beside_it_succeeds(
    stack, worker, empty_photo, poison, code
):
    assert until(lambda: child_of(worker) > 0, within_s=60)
    child = child_of(worker)
    began = time.monotonic()
    with stack.client() as api:
        innocent = upload(api, empty_photo + SLOW)
        poisonous = upload(api, empty_photo + poison)
        later = [upload(api, empty_photo) for _ in range(3)]

        failed = outcome(api, poisonous)
        told_after_s = time.monotonic() - began
        assert (failed["state"], failed["error"]["code"]) == ("failed", code)
        for url in (innocent, *later):
            assert outcome(api, url)["state"] == "done"
    assert until(lambda: child_of(worker) not in (0, child), within_s=60)
    sys.stdout.write(f"{code}: told after {told_after_s:.1f} s\n")


def test_worker_that_is_killed_is_back_and_the_next_photo_is_done(stack, worker, empty_photo):
    assert until(lambda: child_of(worker) > 0, within_s=60)
    child = child_of(worker)
    with stack.client() as api:
        slow = upload(api, empty_photo + SLOW)
        time.sleep(0.5)
        os.kill(child, 9)
        assert outcome(api, slow)["state"] == "done"
        assert outcome(api, upload(api, empty_photo))["state"] == "done"
