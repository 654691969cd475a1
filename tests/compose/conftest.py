import json
import time
from collections.abc import Iterator
from secrets import token_hex

import httpx
import pytest

from tests.compose.stack import START_PATIENCE_S, Stack
from tests.containers.fixtures import engine_or_skip, tell
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.settings import Settings


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """The whole stack with two APIs, up once for all tests that look at it."""
    running = Stack(engine_or_skip(), f"vestibule-test-{token_hex(4)}")
    try:
        try:
            running.up("--scale=api=2")
        except RuntimeError as error:
            pytest.fail(f"{error}\n{running.logs()[-6000:]}")
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="package")
def portraits(stack: Stack) -> dict[str, bytes]:
    """The demo's guests, loaded by the worker through the entry, and a photo of each."""
    # Before it is asked for: the stack reads what is in the folder that it was given, no more.
    samples = PackagedSamplePhotos(Settings(_env_file=None).models_dir / "samples").fetch()
    with stack.api() as http:
        http.post("/v1/demo").raise_for_status()
        give_up_at = time.monotonic() + START_PATIENCE_S
        while http.get("/v1/demo").json()["state"] != "loaded":
            assert time.monotonic() < give_up_at
            time.sleep(0.5)
    return {sample.person: sample.content for sample in samples if sample.person}


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    with stack.api() as http:
        yield http


@pytest.fixture
def inspected(stack: Stack) -> dict[str, dict]:
    """Every container of the installation, those that ended too, by its service's name."""
    ids = stack.compose("ps", "--all", "--quiet").stdout.split()
    found = json.loads(stack.engine.docker("inspect", *ids).stdout)
    return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell(terminalreporter, "tests/compose")
