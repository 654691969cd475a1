"""Every page and state, on a phone in French and on a desktop in English, in both themes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.browsing import DESKTOP, PHONE, Visitor, Visits
from tests.e2e.conftest import PICTURES
from tests.e2e.tour import tour

pytestmark = pytest.mark.timeout(1200)  # the tour is long, and other tests run beside it
THEMES = ("dark", "light")
# Axe takes long, and a theme's colours are the same at every width.
AXE_THEME = {"phone": "dark", "desktop": "light"}
WIDTHS_PX = (360, 768, 1440)
GRAVE = ("serious", "critical")

_SET_THEME = """theme => {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme;
}"""
# axe leaves style attributes behind, which the page's own scripts would carry on.
_TIDY_UP = "document.querySelectorAll('[style]').forEach(e => e.removeAttribute('style'))"
_SIDEWAYS = """() => {
  const boxes = [document.documentElement, ...document.querySelectorAll("dialog[open]")];
  const isWide = box => box.scrollWidth > box.clientWidth;
  const reachesOut = element => element.getBoundingClientRect().right > innerWidth + 1;
  if (!boxes.some(isWide)) return null;
  const culprits = [...document.querySelectorAll("body *")].filter(reachesOut);
  return culprits.map(element => element.outerHTML.slice(0, 80)).slice(0, 3);
}"""


@dataclass
class Findings:
    """What was seen on a whole tour."""

    stops: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    inaccessible: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=[PHONE, DESKTOP], ids=lambda device: device.name)
def findings(request, browser, served, venue, scenes, empty_photo) -> Iterator[Findings]:
    found = Findings()
    for stale in PICTURES.glob(f"{request.param.name}-*.png"):
        stale.unlink()
    venue.empty()
    with Visits(browser, served).all_closed_after() as visits:
        visitor = visits(request.param)
        for stop in tour(visitor, venue, scenes, empty_photo):
            found.stops.append(stop)
            _look_in_both_themes(visitor, stop, found)
            _look_at_every_width(visitor, stop, found)
        assert visits.complaints() == []
    yield found
    venue.empty()


def test_screenshot_is_kept_of_every_page_and_state(findings):
    assert len(findings.stops) > 35
    assert len(findings.pictures) == len(THEMES) * len(findings.stops)


def test_axe_finds_nothing_serious_on_any_page(findings):
    assert findings.inaccessible == []


def test_no_page_scrolls_sideways_at_any_width(findings):
    assert findings.sideways == []


def _look_in_both_themes(visitor: Visitor, stop: str, found: Findings) -> None:
    page, device = visitor.page, visitor.device
    page.evaluate("scrollTo(0, 0)")  # or what is fixed above the window shows in the long picture
    is_sheet = page.locator("dialog[open], [popover]:popover-open").count() > 0
    for theme in THEMES:
        page.evaluate(_SET_THEME, theme)
        name = f"{device.name}-{device.language}-{theme}-{len(found.stops):02}-{stop}.png"
        page.screenshot(path=PICTURES / name, full_page=not is_sheet, animations="disabled")
        found.pictures.append(name)
        if theme == AXE_THEME[device.name]:
            found.inaccessible += [f"{stop}: {grave}" for grave in _grave_violations(page)]
    page.evaluate(_SET_THEME, THEMES[0])
    page.evaluate(_TIDY_UP)


def _grave_violations(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} at {re.sub(r'[0-9a-f-]{36}', '…', str(node['target']))}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def _look_at_every_width(visitor: Visitor, stop: str, found: Findings) -> None:
    page, device = visitor.page, visitor.device
    for width in WIDTHS_PX:
        page.set_viewport_size({"width": width, "height": device.height})
        culprits = page.evaluate(_SIDEWAYS)
        if culprits is not None:
            found.sideways.append(f"{stop} at {width} px: {culprits}")
    page.set_viewport_size({"width": device.width, "height": device.height})
