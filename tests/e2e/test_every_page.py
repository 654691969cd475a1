"""Every page and state, on a phone in French and dark, on a desktop in English and light.

With THEMES=both each is also kept in the other theme.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from services.web.main import page_routes
from tests.e2e.browsing import DESKTOP, PHONE, Visitor, Visits
from tests.e2e.conftest import PICTURES
from tests.e2e.tour import tour

pytestmark = pytest.mark.timeout(1200)  # the tour is long, and other tests run beside it
# Pictures and axe take long, and a theme's colours are the same at every width.
USUAL_THEME = {"phone": "dark", "desktop": "light"}
WIDTHS_PX = (360, 768, 1440)
_FILE, _PART, _PICTURE, _LEADS_ON = "a file", "a part of a page", "a picture", "leads elsewhere"
WITHOUT_A_STOP = {
    "/alerts/events": _PART,
    "/alerts/list": _PART,
    "/demo/progress": _PART,
    "/demo/samples/{id}/thumbnail": _PICTURE,
    "/door/recent": _PART,
    "/enrol/matches": _PART,
    "/enrolments/{id:uuid}/picture": _PICTURE,
    "/faces/{id:uuid}/crop": _PICTURE,
    "/guests/export": _FILE,
    "/guests/{guest_id:uuid}/own-page/data.zip": _FILE,
    "/guests/{guest_id:uuid}/proofs/{proof_id:uuid}": _FILE,
    "/guests/{id:uuid}/portrait": _PICTURE,
    "/healthz": "for machines",
    "/incidents/{incident_id:uuid}/attachments/{attachment_id:uuid}": _FILE,
    "/manifest.webmanifest": _FILE,
    "/me/data.zip": _FILE,
    "/me/pictures/{picture_id:uuid}": _PICTURE,
    "/photos/{id:uuid}/image": _PICTURE,
    "/photos/{photo_id:uuid}/events": _PART,
    "/photos/{photo_id:uuid}/faces/{face_id:uuid}": _PART,
    "/preferences": _LEADS_ON,
    "/privacy": _LEADS_ON,
    "/privacy/audit/export.{ending}": _FILE,
    "/privacy/erasures/key.pem": _FILE,
    "/privacy/erasures/{id:uuid}/receipt.{ending}": _FILE,
    "/readyz": "for machines",
    "/sign-in/code": "between a password and a code: test_signing_in.py",
    "/sign-in/company": _LEADS_ON,
    "/sign-in/company/callback": _LEADS_ON,
    "/system/batches/{id:uuid}/cancellation": "while one runs, and like a generation's change",
    "/templates/{id:uuid}/crop": _PICTURE,
    "/tonight/now": _PART,
}
"""Addresses that are no page of their own, or whose page is looked at elsewhere."""
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
    paths: set[str] = field(default_factory=set)
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
            found.paths.add(urlsplit(visitor.page.url).path)
            _look_in_both_themes(visitor, stop, found)
            _look_at_every_width(visitor, stop, found)
        assert visits.complaints() == []
    yield found
    venue.empty()


def test_screenshot_is_kept_of_every_page_and_state(findings):
    assert len(findings.stops) > 35
    assert len(findings.pictures) in (len(findings.stops), 2 * len(findings.stops))


def test_every_page_has_a_stop_or_says_why_it_has_none(findings):
    pages = [route for route in page_routes() if "GET" in (route.methods or ())]
    without = {
        page.path
        for page in pages
        if not any(page.path_regex.match(path) for path in findings.paths)
    }
    assert without == WITHOUT_A_STOP.keys()


def test_axe_finds_nothing_serious_on_any_page(findings):
    assert findings.inaccessible == []


def test_no_page_scrolls_sideways_at_any_width(findings):
    assert findings.sideways == []


def _look_in_both_themes(visitor: Visitor, stop: str, found: Findings) -> None:
    page, device = visitor.page, visitor.device
    page.evaluate("scrollTo(0, 0)")  # or what is fixed above the window shows in the long picture
    is_sheet = page.locator("dialog[open], [popover]:popover-open").count() > 0
    for theme in _themes(device.name):
        page.evaluate(_SET_THEME, theme)
        name = f"{device.name}-{device.language}-{theme}-{len(found.stops):02}-{stop}.png"
        page.screenshot(path=PICTURES / name, full_page=not is_sheet, animations="disabled")
        found.pictures.append(name)
        if theme == USUAL_THEME[device.name]:
            found.inaccessible += [f"{stop}: {grave}" for grave in _grave_violations(page)]
    page.evaluate(_SET_THEME, "dark")
    page.evaluate(_TIDY_UP)


def _themes(device: str) -> list[str]:
    usual = USUAL_THEME[device]
    both = os.environ.get("THEMES") == "both"
    return sorted({*USUAL_THEME.values()} if both else {usual})


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
    for width in sorted(WIDTHS_PX, key=lambda width: width != device.width):
        if width != device.width:
            page.set_viewport_size({"width": width, "height": device.height})
        culprits = page.evaluate(_SIDEWAYS)
        if culprits is not None:
            found.sideways.append(f"{stop} at {width} px: {culprits}")
    page.set_viewport_size({"width": device.width, "height": device.height})
