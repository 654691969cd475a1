"""The stack that the compose file starts, used through its one entry."""

import json
import time

import httpx
import pytest

from tests.compose.stack import Stack

pytestmark = pytest.mark.timeout(900)  # the first test builds images and starts everything


def identified(http: httpx.Client, content: bytes) -> dict:
    location = http.post("/v1/photos", content=content).raise_for_status().headers["location"]
    give_up_at = time.monotonic() + 90
    while True:
        photo = http.get(location, params={"wait_s": 20}).raise_for_status().json()
        if photo["state"] in ("done", "failed"):
            return photo
        assert time.monotonic() < give_up_at


def names(photo: dict) -> set[str]:
    return {face["customer"]["name"] for face in photo["faces"] if face["customer"]}


def test_photo_that_is_sent_through_the_entry_is_identified(
    api: httpx.Client, portraits: dict[str, bytes]
) -> None:
    person, content = next(iter(portraits.items()))
    photo = identified(api, content)
    assert names(photo) == {person}
    image = api.get(f"/v1/photos/{photo['id']}/image")
    assert image.headers["content-type"] == "image/jpeg"


def test_progress_passes_the_entry_as_it_happens(
    api: httpx.Client, portraits: dict[str, bytes]
) -> None:
    location = api.post("/v1/photos", content=next(iter(portraits.values()))).headers["location"]
    seen = []
    with api.stream("GET", f"{location}/events", timeout=90) as events:
        for line in events.iter_lines():
            if line.startswith("data: "):
                seen.append((json.loads(line.removeprefix("data: "))["stage"], time.monotonic()))
    assert [stage for stage, _ in seen][-1] == "done"
    assert len(seen) > 1
    assert seen[-1][1] - seen[0][1] > 0.01, "everything came at once, as from a buffer"


def test_sign_in_link_leads_to_the_pages(stack: Stack) -> None:
    link = stack.run_in("api", "vestibule", "sign-in-link").strip()
    assert link.startswith(f"{stack.url}/sign-in/")
    with stack.client() as browser:
        assert browser.get("/", follow_redirects=True).url.path == "/sign-in"
        browser.get(link, follow_redirects=True).raise_for_status()
        for cookie in browser.cookies.jar:
            assert cookie.secure


def test_plain_http_is_sent_on_to_https(stack: Stack) -> None:
    answer = httpx.get(f"http://localhost:{stack.http_port}/guests", trust_env=False)
    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://localhost")


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/sign-in", "/nothing"])
def test_every_answer_tells_browsers_what_to_refuse(stack: Stack, path: str) -> None:
    with stack.client() as http:
        headers = http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"] == "max-age=0"
    assert "no-store" in headers["cache-control"]
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/METRICS", "/v1/../metrics"])
def test_figures_are_not_shown_outside(stack: Stack, path: str) -> None:
    with stack.client() as http:
        answer = http.get(path)
    assert answer.status_code in (303, 404)
    assert "vestibule_" not in answer.text
    inside = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/metrics').read())"
    assert "vestibule_" in stack.run_in("api", "python", "-c", inside)


def test_request_beyond_the_limit_is_refused_before_it_is_read(api: httpx.Client) -> None:
    began = time.monotonic()
    answer = api.post("/v1/photos", content=bytes(26_000_000))
    assert (answer.status_code, answer.text) == (413, "The request is too large.")
    assert time.monotonic() - began < 5


def test_request_that_hides_its_length_is_cut_off(api: httpx.Client) -> None:
    """Debian's Caddy calls it 502, later ones 413; neither passes it on."""
    answer = api.post("/v1/photos", content=(bytes(1_000_000) for _ in range(26)))
    assert answer.status_code in (413, 502)


def test_photo_beyond_the_products_own_limit_is_refused_in_its_words(api: httpx.Client) -> None:
    answer = api.post("/v1/photos", content=bytes(22_000_000))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_copy_of_the_api_may_go_without_anybody_noticing(stack: Stack) -> None:
    with stack.client() as http:
        copies = stack.compose("ps", "--quiet", "api").stdout.split()
        assert len(copies) == 2
        stack.engine.docker("stop", "--time=5", copies[1])
        try:
            answers = {http.get("/v1/openapi.json").status_code for _ in range(20)}
        finally:
            stack.engine.docker("start", copies[1])
    assert answers == {200}


def test_stopped_and_started_again_everything_is_still_there(
    stack: Stack, portraits: dict[str, bytes]
) -> None:
    with stack.api() as http:
        before = http.get("/v1/customers", params={"limit": 100}).json()["items"]
    certificate = stack.run_in("entry", "cat", "/state/data/caddy/pki/authorities/local/root.crt")
    stack.compose("down", "--timeout=20", timeout_s=180)
    stack.up("--scale=api=2")
    person, content = next(iter(portraits.items()))
    with stack.api() as http:
        after = http.get("/v1/customers", params={"limit": 100}).json()["items"]
        assert names(identified(http, content)) == {person}
    assert before
    assert [guest["id"] for guest in after] == [guest["id"] for guest in before]
    assert stack.run_in("entry", "cat", "/state/data/caddy/pki/authorities/local/root.crt") == (
        certificate
    )
