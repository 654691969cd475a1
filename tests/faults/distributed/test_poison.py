"""A photo that ends or holds the process that reads it harms no other photo."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.faults.distributed.aftermath import look_at
from tests.faults.distributed.site import Site

CRASHES, HANGS = b"bench crashes the decoder", b"bench hangs the decoder"
"""As in ``poison/sitecustomize.py``."""
WORKERS = ("worker-1", "worker-2")
STUCK_AFTER_S = "12"


@pytest.fixture
def impatient_workers(site: Site) -> Iterator[None]:
    """Which give a photo a few seconds; by default it has most of a minute."""
    hurried = {
        "VESTIBULE_WORKER_STUCK_AFTER_S": STUCK_AFTER_S,
        "VESTIBULE_WORKER_APART_LIMIT_S": STUCK_AFTER_S,
    }
    for name in WORKERS:
        site.restart(name, **hurried)
    yield
    for name in WORKERS:
        for setting in hurried:
            site.stack[name].environment.pop(setting)
        site.restart(name)


def test_photo_that_crashes_its_reader_fails_alone(site: Site) -> None:
    assert _end_of(site, CRASHES, patience_s=120) == ("failed", "crashed_worker")


@pytest.mark.usefixtures("impatient_workers")
@pytest.mark.skipif(
    os.environ.get("FAULTS") != "all", reason="takes a minute: FAULTS=all (`make faults`)"
)
def test_photo_that_hangs_in_native_code_fails_alone(site: Site) -> None:
    assert _end_of(site, HANGS, patience_s=150) == ("failed", "hung_worker")


def _end_of(site: Site, comment: bytes, *, patience_s: float) -> tuple[str, str]:
    """How a photo with that comment ends, while others come and must all be done."""
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    good = site.shots[0].jpeg
    with site.client() as http, site.stream() as stream:
        time.sleep(1)
        sent = http.post("/v1/photos", content=good[:2] + segment + good[2:]).raise_for_status()
        give_up_at = time.monotonic() + patience_s
        while True:
            found = http.get(sent.headers["location"], params={"wait_s": 5}).json()
            if found["state"] in ("done", "failed") or time.monotonic() > give_up_at:
                break
    others = look_at(site.stack, stream.tally.accepted)
    assert (others.lost, others.doubled, others.wrong, dict(others.failed)) == ([], [], [], {})
    return found["state"], (found["error"] or {}).get("code", "")
