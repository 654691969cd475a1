"""Several processes on real servers are one product: what one takes, every other one knows."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import CONSENT_FIELDS
from tests.stack.stack import Stack, whole_product
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.settings import Settings

PATIENCE_S = 60


@pytest.fixture(scope="module")
def stack(make_data_dir) -> Iterator[Stack]:
    with whole_product(Path(make_data_dir()) / "stack", apis=2, workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def portraits(stack: Stack) -> dict[str, bytes]:
    """The demo's guests, loaded by a worker, and a photo of each."""
    with stack.client() as http:
        http.post("/v1/demo").raise_for_status()
        give_up_at = time.monotonic() + PATIENCE_S
        while http.get("/v1/demo").json()["state"] != "loaded":
            assert time.monotonic() < give_up_at
            time.sleep(0.2)
    samples = PackagedSamplePhotos(Settings(_env_file=None).models_dir / "samples").fetch()
    return {sample.person: sample.content for sample in samples if sample.person}


def settled(http: httpx.Client, path: str) -> dict:
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        found = http.get(path, params={"wait_s": 30}).raise_for_status().json()
        if found["state"] in ("done", "failed"):
            return found
        assert time.monotonic() < give_up_at


def names(photo: dict) -> set[str]:
    return {face["customer"]["name"] for face in photo["faces"] if face["customer"]}


def test_photo_taken_by_one_api_is_shown_by_the_other(
    stack: Stack, portraits: dict[str, bytes]
) -> None:
    person, content = next(iter(portraits.items()))
    with stack.client("api-1") as one, stack.client("api-2") as other:
        taken = one.post("/v1/photos", content=content)
        assert taken.status_code == 202
        found = settled(other, taken.headers["location"])
        assert names(found) == {person}
        image = other.get(f"/v1/photos/{found['id']}/image")
        assert image.headers["content-type"] == "image/jpeg"


def test_progress_is_followed_at_another_copy(stack: Stack, portraits: dict[str, bytes]) -> None:
    content = next(iter(portraits.values()))
    with stack.client("api-1") as one, stack.client("api-2") as other:
        location = one.post("/v1/photos", content=content).headers["location"]
        with other.stream("GET", f"{location}/events", timeout=PATIENCE_S) as events:
            told = [
                json.loads(line.removeprefix("data: "))["stage"]
                for line in events.iter_lines()
                if line.startswith("data: ")
            ]
    assert told[0] == "received"
    assert told[-1] == "done"


def test_enrolled_at_one_copy_is_found_and_erased_at_the_other(
    stack: Stack, portraits: dict[str, bytes]
) -> None:
    content = list(portraits.values())[1]
    with stack.client("api-1") as one, stack.client("api-2") as other:
        for guest in other.get("/v1/customers", params={"limit": 100}).json()["items"]:
            if guest["name"] == list(portraits)[1]:
                other.delete(f"/v1/customers/{guest['id']}").raise_for_status()
        asked = one.post(
            "/v1/enrolments",
            data={"name": "Newcomer", **CONSENT_FIELDS},
            files={"photo": ("p", content)},
        )
        enrolment = settled(other, asked.raise_for_status().headers["location"])
        assert enrolment["outcome"] == "enrolled", enrolment
        first = settled(other, other.post("/v1/photos", content=content).headers["location"])
        assert "Newcomer" in names(first)
        one.delete(f"/v1/customers/{enrolment['customer_id']}").raise_for_status()
        after = settled(other, other.post("/v1/photos", content=content).headers["location"])
        assert "Newcomer" not in names(after)


def test_photos_sent_at_once_are_done_once_each(stack: Stack, portraits: dict[str, bytes]) -> None:
    contents = list(portraits.values()) * 4
    with stack.client("api-1") as one, stack.client("api-2") as other:
        sent = [
            (one, other)[at % 2].post("/v1/photos", content=content)
            for at, content in enumerate(contents)
        ]
        found = [settled(one, answer.headers["location"]) for answer in sent]
    assert {photo["state"] for photo in found} == {"done"}
    assert len({photo["id"] for photo in found}) == len(contents)


def test_pages_by_themselves_lead_to_sign_in_and_know_the_api(stack: Stack) -> None:
    link = stack.run("sign-in-link", beside="api-1").strip()
    path = "/" + link.split("/", 3)[3]
    with httpx.Client(base_url=stack.url("web"), follow_redirects=True, trust_env=False) as browser:
        assert browser.get("/").url.path == "/sign-in"
        page = browser.get(path)
        assert page.status_code == 200
        assert browser.get("/readyz").json()["status"] == "ready"


def test_audit_chain_that_many_processes_wrote_fits(
    stack: Stack, portraits: dict[str, bytes]
) -> None:
    assert portraits
    with stack.client() as http:
        report = http.post("/v1/audit/verification").json()
    assert report["broken_at"] is None
    assert report["entries"] > len(portraits)


def test_asked_to_stop_every_process_ends_well(stack: Stack) -> None:
    extra = [stack.add("api", 9), stack.add("worker", 9), stack.add("scheduler", 9)]
    for process in extra:
        process.start()
    assert [process.stop() for process in extra] == [0, 0, 0]
