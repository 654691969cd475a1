"""Alerts and the audit log, empty and in use."""

from collections.abc import Iterator
from uuid import UUID

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue
from tests.integration.watchlisted import home, keep_out, manager
from vestibule.domain.permissions import EVERY_ROLE, rights_of
from vestibule.workflows.load_demo_alerts import load_demo_alerts
from vestibule.workflows.sign_in import Principal

NAME = "Apolline-Marguerite de Montmorency-Luxembourg"


def alert_stops(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/alerts")
    waiting = page.locator("article.alert")
    before = waiting.count()
    yield "alerts-of-the-demo" if before else "alerts-empty"
    runtime = venue.product.installation.runtime
    guest = UUID(venue.add_guest(NAME))
    keep_out(runtime, guest)
    venue_id = home(runtime)
    somebody = Principal(
        actor="Rosa",
        expires_at=None,
        account_id=manager(runtime),
        rights=rights_of(EVERY_ROLE),
        venue_id=venue_id,
    )
    assert load_demo_alerts(runtime, [guest], somebody, venue_id=venue_id)
    visitor.open("/alerts")
    expect(waiting).to_have_count(before + 1)
    yield "alerts"
    hers = waiting.filter(has_text=NAME)
    visitor.press(hers.get_by_role("button", name=say("Same person")))
    expect(waiting).to_have_count(before)
    yield "alerts-answered"
    visitor.open("/privacy/audit")
    yield "audit"
    visitor.press(page.get_by_role("button", name=say("Verify the chain")))
    expect(page.locator("#report-title")).to_be_visible()
    visitor.press(page.locator(".audit-list summary").first)
    yield "audit-verified"
