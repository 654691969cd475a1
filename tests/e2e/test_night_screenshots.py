"""The pictures of docs/nights.md and docs/privacy: the real pages with the demo's guests, whose
faces nobody has."""

from playwright.sync_api import expect

from services.serve import Product
from tests.e2e.browsing import DESKTOP, PHONE, Device, Visitor, Visits
from tests.e2e.consent_stops import draw
from tests.e2e.test_readme_screenshots import Drawings, keep
from tests.e2e.venue import Venue
from tests.people import link_for
from vestibule.domain.permissions import Role

TABLET = Device("tablet", 820, 1440, "en", is_touched=True)


def window(visits: Visits, product: Product, role: Role, *, device=DESKTOP, **options) -> Visitor:
    visitor = visits.arrive(device, language="en", **options)
    token = link_for(product.installation.runtime, role, name="Anna Rossi")
    visitor.page.goto(f"{product.url}/sign-in/{token}")
    return visitor


def test_night_screenshots_show_no_face(visit, demo_venue: Venue, served: Product):
    host = window(visit, served, Role.HOST, device=PHONE, device_scale_factor=2)
    drawings = Drawings(demo_venue, host.page)
    host.open(f"/guests/{demo_venue.guest('Livia Marchetti')['id']}")
    keep(host, drawings, "night-host")

    manager = window(visit, served, Role.MANAGER)
    drawings = Drawings(demo_venue, manager.page)
    for path, name in (("/incidents", "incidents"), ("/alerts", "alerts")):
        manager.open(path)
        keep(manager, drawings, f"night-manager-{name}")
    manager.open("/review")
    manager.press(manager.page.get_by_role("link", name="Bruno Castel"))
    expect(manager.page.locator(".desk-decision")).to_be_visible()
    keep(manager, drawings, "night-manager-review")

    dpo = window(visit, served, Role.DPO)
    drawings = Drawings(demo_venue, dpo.page)
    dpo.open("/privacy/audit")
    keep(dpo, drawings, "night-dpo")

    admin = window(visit, served, Role.ADMIN)
    drawings = Drawings(demo_venue, admin.page)
    admin.open("/system")
    keep(admin, drawings, "night-admin")


def test_consent_screenshots_show_no_face(visit, demo_venue: Venue, served: Product):
    """The tablet in a guest's hands, and what their own page tells them."""
    host = window(visit, served, Role.HOST, device=TABLET)
    drawings = Drawings(demo_venue, host.page)
    guest = f"/guests/{demo_venue.guest('Livia Marchetti')['id']}"
    host.open(f"{guest}/consent/sign")
    for purpose in ("recognition", "offers"):
        host.page.locator(f"[name=purpose_{purpose}]").check()
    draw(host.page.locator("canvas"))
    host.page.evaluate("scrollTo(0, 0)")
    keep(host, drawings, "consent-tablet")

    host.open(f"{guest}/own-page")
    host.press(host.page.get_by_role("button", name="Make a link"))
    link = host.page.locator("pre code").inner_text()
    phone = visit.arrive(PHONE, language="en", device_scale_factor=2)
    drawings = Drawings(demo_venue, phone.page)
    phone.page.goto(link)
    phone.press(phone.page.get_by_role("link", name="English"))
    expect(phone.page.locator("h1")).to_have_text("What we hold about you")
    keep(phone, drawings, "own-page-phone")
    phone.page.locator("#own-ends").evaluate("title => title.scrollIntoView()")
    keep(phone, drawings, "own-page-ends-phone")
