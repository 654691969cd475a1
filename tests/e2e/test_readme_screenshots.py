"""The pictures that the README shows: the real pages, with drawn people where people would be.

No photo of a person may be in the repository, so every picture of one is answered with a drawing
before it reaches the browser, and a picture is only taken if all that it shows was drawn.
"""

import io
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from services.serve import Product
from tests.e2e.browsing import DESKTOP, PATIENCE_MS, PHONE, Visitor
from tests.e2e.conftest import PICTURES
from tests.e2e.illustrations import group, portrait
from tests.e2e.scenes import Scenes, retouched
from tests.e2e.venue import Venue
from vestibule.domain.night import night_of
from vestibule.records import venues, visits

# `make screenshots` sets it to docs/screenshots; other runs leave the repository as it is.
FOLDER = Path(os.environ.get("README_PICTURES", PICTURES / "readme"))
LIMIT_BYTES = 200_000

# Invented names; what their face is enrolled from, and how many nights ago they came.
GUESTS: Mapping[str, tuple[str | int | None, tuple[int, ...]]] = {
    "Amara Diallo": (2, (3, 10, 17, 24)),
    "Hana Novák": (3, (1, 2, 8, 15, 22)),
    "Chloé Martin": (4, (9,)),
    "Émile Okonkwo": ("obama", (2, 6)),
    "Ingrid Sørensen": ("astronaut", (8,)),
    "Tomás Ferreira": ("biden", (5, 12, 19)),
    "Zoé Lefèvre": (None, (4,)),
    "ليلى حداد": (None, ()),
}
# The six friends sit for: unknown, Amara, Hana, Chloé, unknown, unknown.
SEEDS = {name: seed for seed, name in enumerate(GUESTS, start=1)}
STRANGERS = {1: 6, 5: 4, 6: 11}


@pytest.fixture(scope="module")
def peopled_venue(venue: Venue, served: Product, scenes: Scenes):
    venue.empty()
    six = venue.identify(scenes.samples["six"])
    for name, (source, nights) in GUESTS.items():
        if source is None:
            guest_id = venue.add_guest(name)
        elif isinstance(source, int):
            box = six["faces"][source - 1]["box_xyxy_px"]
            guest_id = venue.enrol(scenes.one_of_six(box), name)
        else:
            guest_id = venue.enrol(scenes.samples[source], name)
        _add_visits(served, guest_id, nights)
    venue.forget_photos()
    for photo in (scenes.known(), scenes.samples["six"], scenes.samples["obama2"]):
        venue.identify(photo)
    yield venue
    venue.empty()


class Drawings:
    """Answers every request for a picture of a person with a drawing of an invented one."""

    def __init__(self, venue: Venue, page: Page) -> None:
        self._venue = venue
        self._page = page
        self._drawn: set[str] = set()
        page.route("**/photos/*/image*", self._answer_photo)
        page.route("**/faces/*/crop*", self._answer_crop)
        page.route("**/guests/*/portrait*", self._answer_portrait)

    def shows_only_drawings(self) -> bool:
        """Whether every picture on the page is one of these, or one of the product's own icons."""
        shown = self._page.evaluate("[...document.images].filter(i => i.src).map(i => i.src)")
        people = [url for url in shown if not urlsplit(url).path.startswith("/static/")]
        return all(url in self._drawn for url in people)

    def _answer_photo(self, route: Route) -> None:
        photo = self._venue.get(f"/v1{urlsplit(route.request.url).path.removesuffix('/image')}")
        faces = [
            (tuple(face["box_xyxy_px"]), _seed(face), face["customer"] is None)
            for face in photo["faces"]
        ]
        self._fulfil(route, group((photo["width_px"], photo["height_px"]), faces))

    def _answer_crop(self, route: Route) -> None:
        face_id = urlsplit(route.request.url).path.split("/")[2]
        self._fulfil(route, portrait(_seed(self._face(face_id)), at_night=True))

    def _answer_portrait(self, route: Route) -> None:
        guest = self._venue.get(f"/v1/customers/{urlsplit(route.request.url).path.split('/')[2]}")
        self._fulfil(route, portrait(SEEDS[guest["name"]]))

    def _face(self, face_id: str) -> dict[str, Any]:
        for listed in self._venue.get("/v1/photos")["items"]:
            for face in self._venue.get(f"/v1/photos/{listed['id']}")["faces"]:
                if face["id"] == face_id:
                    return dict(face)
        raise LookupError(face_id)

    def _fulfil(self, route: Route, content: bytes) -> None:
        self._drawn.add(route.request.url)
        route.fulfill(body=content, content_type="image/jpeg")


def test_readme_screenshots_of_the_phone_show_drawn_people(visit, peopled_venue, scenes):
    visitor = visit(PHONE, language="en", device_scale_factor=2)
    drawings = Drawings(peopled_venue, visitor.page)
    visitor.open("/")
    keep(visitor, drawings, "door-phone")
    visitor.upload_and_see(retouched(scenes.samples["six"]))
    expect(visitor.page.locator("article.card-known")).to_have_count(3)
    keep(visitor, drawings, "result-phone")
    visitor.press(visitor.card("unknown").get_by_role("link", name="Enrol"))
    sheet = visitor.page.locator("dialog#sheet")
    sheet.locator("#enrol-name").press_sequentially("Lef")
    expect(sheet.locator(".option")).to_have_count(2)
    keep(visitor, drawings, "enrol-phone")


def test_readme_screenshots_of_the_desktop_show_drawn_people(visit, peopled_venue, scenes):
    visitor = visit(DESKTOP)
    drawings = Drawings(peopled_venue, visitor.page)
    visitor.upload_and_see(retouched(retouched(scenes.samples["six"])))
    expect(visitor.page.locator("article.card-known")).to_have_count(3)
    keep(visitor, drawings, "result-desktop")
    visitor.open("/guests")
    expect(visitor.page.locator(".row-name")).to_have_count(len(GUESTS))
    keep(visitor, drawings, "guests-desktop")


def _seed(face: dict[str, Any]) -> int:
    guest = face["customer"]
    return SEEDS[guest["name"]] if guest else STRANGERS.get(face["number"], 9)


def keep(visitor: Visitor, drawings: Drawings, name: str) -> None:
    """One picture of the window, small enough for a repository."""
    page = visitor.page
    _wait_until(page, "[...document.images].every(i => i.complete || i.loading === 'lazy')")
    _wait_until(page, "document.fonts.status === 'loaded'")
    page.evaluate("document.activeElement.matches('input') || document.activeElement.blur()")
    picture = page.screenshot(animations="disabled")
    assert drawings.shows_only_drawings()
    content = _small_png(picture)
    assert len(content) < LIMIT_BYTES
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(content)


def _wait_until(page: Page, condition: str) -> None:
    """The page's own policy forbids what Playwright's waiting does after its first look."""
    give_up_at = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < give_up_at, condition
        page.wait_for_timeout(50)


def _small_png(picture: bytes) -> bytes:
    """In full colour where that is small enough, else with as many colours as fit."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (None, 256, 128, 64):
        reduced = image
        if colours is not None:
            palette = image.quantize(colours, method=Image.Quantize.MEDIANCUT)
            reduced = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        buffer = io.BytesIO()
        reduced.save(buffer, "PNG", optimize=True)
        if buffer.tell() < LIMIT_BYTES:
            break
    return buffer.getvalue()


def _add_visits(product: Product, guest_id: str, nights: tuple[int, ...]) -> None:
    """Visits of earlier nights, as the demo guests have them."""
    runtime = product.installation.runtime
    with runtime.database.begin() as transaction:
        venue = venues.home(transaction)
        for days in nights:
            entered_at = runtime.clock.now() - timedelta(days=days)
            night = night_of(
                entered_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour
            )
            visits.add_visit(
                transaction,
                guest_id,
                venue_id=venue.id,
                night=night,
                entered_at=entered_at,
            )
