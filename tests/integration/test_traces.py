"""One photo, one trace: from the page that sent it, over the queue, to the stored result."""

import re
import time

import httpx
import pytest

from services.started_here import started_here
from tests.collector import Collector, Seen

STAGES = {"decode", "detect", "assess", "embed", "search", "decide", "store"}


@pytest.fixture(scope="module")
def collector():
    with Collector() as listening:
        yield listening


@pytest.fixture(scope="module")
def traced(collector, make_settings):
    with started_here(make_settings(traces_endpoint=collector.endpoint)) as running:
        yield running


@pytest.fixture
def browser(traced):
    with httpx.Client(base_url=traced.url, trust_env=False, follow_redirects=True) as browser:
        page = browser.get(traced.sign_in_url())
        token = re.search(r'data-csrf="([^"]+)"', page.text)
        browser.headers["x-csrf-token"] = token.group(1)
        yield browser


def trace_with(collector: Collector, name: str, *, patience_s: float = 30) -> list[Seen]:
    """All spans of the latest trace in which a span of that name came."""
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        for span in reversed(collector.spans):
            if span.name == name:
                time.sleep(1.5)  # spans are sent every second; parents end last
                return collector.of_trace(span.trace_id)
        time.sleep(0.1)
    raise AssertionError(f"no span called {name} came")


def uploaded(browser: httpx.Client, photo: bytes) -> None:
    """Whoever asks for the trace of its job waits for its end."""
    headers = {"content-type": "image/jpeg", "accept": "application/json"}
    answer = browser.post("/photos", content=photo, headers=headers)
    assert answer.status_code == 202, answer.text


def test_upload_in_the_browser_is_one_connected_trace_to_the_result(
    collector, browser, empty_photo
):
    collector.spans.clear()
    uploaded(browser, empty_photo + b"traced")
    spans = trace_with(collector, "job IDENTIFY")
    by_id = {span.span_id: span for span in spans}
    parent = {span.name: by_id.get(span.parent_id) for span in spans}

    roots = [span for span in spans if not span.parent_id]
    assert [(span.name, span.kind) for span in roots] == [("POST /photos", "server")]
    assert all(span.parent_id in by_id for span in spans if span.parent_id)
    assert parent["api post"].name == "POST /photos"
    assert parent["POST /v1/photos"].name == "api post"
    assert parent["blobs put"].name in ("POST /v1/photos", "store")
    assert parent["queue enqueue"].name == "POST /v1/photos"
    assert parent["job IDENTIFY"].name == "POST /v1/photos"
    assert {
        name for name, above in parent.items() if above and above.name == "job IDENTIFY"
    } >= STAGES
    kinds = {span.name: span.kind for span in spans}
    assert kinds["queue enqueue"] == "producer"
    assert kinds["job IDENTIFY"] == "consumer"
    assert kinds["database insert photo"] == "client"


def test_trace_tells_ids_and_counts(collector, browser, empty_photo):
    collector.spans.clear()
    uploaded(browser, empty_photo + b"counted for traces")
    job = next(s for s in trace_with(collector, "job IDENTIFY") if s.name == "job IDENTIFY")

    assert job.attributes["vestibule.outcome"] == "done"
    assert job.attributes["vestibule.faces"] == 0
    assert job.attributes["vestibule.attempt"] == 1
    assert job.attributes["vestibule.queue"] == "identify"
    assert re.fullmatch(r"[0-9a-f-]{36}", str(job.attributes["vestibule.job_id"]))


def test_nothing_of_a_person_leaves_in_a_trace(collector, traced, browser):
    headers = {"Authorization": f"Bearer {traced.api_key}"}
    name = "Zenobia Quillfeather"
    with httpx.Client(base_url=traced.url, headers=headers, trust_env=False) as api:
        made = api.post("/v1/customers", json={"name": name, "notes": "likes absinthe"})
        assert made.status_code == 201, made.text
        api.get("/v1/customers", params={"q": name})
        api.post("/v1/customers", json={"name": name, "consent": 7})
        api.get(f"/v1/customers/{made.json()['id']}")
    browser.get("/sign-in/a-secret-token-of-somebody")
    trace_with(collector, "GET /sign-in/{token}")

    sent = b"".join(collector.bodies)
    for secret in (b"Zenobia", b"absinthe", b"a-secret-token", traced.api_key.encode()):
        assert secret not in sent
    assert made.json()["id"].encode() not in sent


def test_health_and_metrics_are_not_traced(collector, traced):
    collector.spans.clear()
    with httpx.Client(base_url=traced.url, trust_env=False) as http:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert http.get(path).status_code == 200
        http.get("/v1/status")
    trace_with(collector, "GET /v1/status")
    assert not {s.name for s in collector.spans} & {"GET /healthz", "GET /readyz", "GET /metrics"}


def test_caller_of_the_api_may_continue_its_own_trace(collector, traced, empty_photo):
    theirs = "0123456789abcdef0123456789abcdef"
    headers = {
        "Authorization": f"Bearer {traced.api_key}",
        "traceparent": f"00-{theirs}-0123456789abcdef-01",
    }
    with httpx.Client(base_url=traced.url, headers=headers, trust_env=False) as http:
        http.post("/v1/photos", content=empty_photo + b"their trace").raise_for_status()
    give_up_at = time.monotonic() + 10
    while not any(s.name == "job IDENTIFY" for s in collector.of_trace(theirs)):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_photo_is_recognised_while_the_collector_is_away(make_settings, empty_photo):
    with started_here(make_settings(traces_endpoint="http://127.0.0.1:9")) as alone:
        headers = {"Authorization": f"Bearer {alone.api_key}"}
        with httpx.Client(base_url=alone.url, headers=headers, trust_env=False) as http:
            sent = http.post("/v1/photos", content=empty_photo).json()
            done = http.get(sent["photo_url"], params={"wait_s": 30}, timeout=60).json()
    assert done["state"] == "done"
