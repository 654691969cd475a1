"""A browser, and one product that every page of this tier is shown by."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, Playwright, expect, sync_playwright

from services.serve import Product
from services.started_here import started_here
from tests.e2e.browsing import PATIENCE_MS, Visits
from tests.e2e.scenes import Scenes, as_frames
from tests.e2e.venue import Venue

REPOSITORY = Path(__file__).parents[2]
PICTURES = REPOSITORY / "build" / "screenshots"
UPLOAD_LIMIT_BYTES = 1_500_000

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
_NO_BROWSER = "NO BROWSER: the end-to-end tests did not run; `make browser` tries to get one"
_failed = pytest.StashKey[bool]()


def _executable() -> str | None:
    """What `make browser` found, else the distribution's; None leaves it to Playwright."""
    note = REPOSITORY / "build" / "browser"
    noted = note.read_text().strip() if note.is_file() else ""
    candidates = [noted, "/usr/bin/chromium", shutil.which("chromium") or ""]
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


# A module's, not the session's: while Playwright is open, no other test can run an event loop.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(playwright: Playwright, film: Path) -> Iterator[Browser]:
    """Its camera plays a portrait. Permission is each window's own matter."""
    flags = [*_FLAGS, f"--use-file-for-fake-video-capture={film}"]
    try:
        browser = playwright.chromium.launch(executable_path=_executable(), args=flags)
    except Error as error:
        pytest.skip(f"{_NO_BROWSER} ({error.message.splitlines()[0]})")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def served(make_settings, tmp_path_factory) -> Iterator[Product]:
    """Its folder for imports holds one guest, and a file that is no photo."""
    imports = tmp_path_factory.mktemp("imports")
    (imports / "Jules_Marchand").mkdir()
    (imports / "Jules_Marchand" / "list.txt").write_bytes(b"no photo")
    settings = make_settings(max_upload_bytes=UPLOAD_LIMIT_BYTES, import_dir=imports)
    with started_here(settings) as product:
        yield product


@pytest.fixture(scope="session")
def venue(served: Product) -> Iterator[Venue]:
    headers = {"Authorization": f"Bearer {served.api_key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as http:
        yield Venue(served, http)


@pytest.fixture(scope="session")
def scenes(served: Product) -> Scenes:
    samples = served.installation.runtime.samples.fetch()
    return Scenes({sample.id: sample.content for sample in samples})


@pytest.fixture(scope="session")
def film(scenes: Scenes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("camera") / "portrait.mjpeg"
    path.write_bytes(as_frames(scenes.samples["astronaut"]))
    return path


@pytest.fixture
def empty_venue(venue: Venue) -> Venue:
    venue.empty()
    return venue


@pytest.fixture
def demo_venue(venue: Venue) -> Venue:
    venue.with_demo_only()
    return venue


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, served: Product) -> Iterator[Visits]:
    """Opens windows; a console error, a fault or a bad answer in any of them fails the test."""
    with Visits(browser, served).all_closed_after() as visits:
        yield visits
        if request.node.stash.get(_failed, False):
            visits.picture_windows(PICTURES, request.node.name)
        assert visits.complaints() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(_NO_BROWSER in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(_NO_BROWSER, red=True, bold=True)
