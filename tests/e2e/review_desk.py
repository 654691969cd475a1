"""The review desk, empty and in use."""

from collections.abc import Iterator
from uuid import UUID

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.venue import Venue
from vestibule.domain.permissions import Grant, Role, rights_of
from vestibule.records import accounts, venues
from vestibule.workflows.load_demo_watchlist import (
    GUESTS_NEEDED,
    DemoStaff,
    load_demo_watchlist,
)
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

NAME = "Dominique-Emmanuelle de Saint-Exupéry-Beauharnais {}"


def review_stops(visitor: Visitor, venue: Venue) -> Iterator[str]:
    page = visitor.page
    for name in ("", "/entries", "/appeals"):
        visitor.open(f"/review{name}")
        yield f"review{name.replace('/', '-')}-empty"
    guests = [UUID(venue.add_guest(NAME.format(n))) for n in range(GUESTS_NEEDED)]
    _fill(venue.product.installation.runtime, guests)
    visitor.open("/review")
    expect(page.locator(".queue-item").nth(2)).to_be_visible()
    yield "review"
    page.keyboard.press("j")
    expect(page.locator("#reason")).to_be_visible()
    yield "review-proposal"
    visitor.open("/review/entries")
    yield "review-entries"
    visitor.press(page.locator(".entry-row").first)
    expect(page.locator("#lift-reason")).to_be_visible()
    yield "review-entry"
    visitor.open("/review/appeals")
    yield "review-appeals"
    visitor.open(f"/review/guests/{guests[0]}")
    yield "review-guest"
    visitor.open(f"/guests/{guests[0]}/appeal")
    yield "review-record-appeal"
    yield from _the_policy(visitor)


def _the_policy(visitor: Visitor) -> Iterator[str]:
    page, say = visitor.page, visitor.say
    visitor.open("/review/policy")
    yield "review-policy"
    page.locator("#venue_threshold").fill("100")
    visitor.press(page.get_by_role("button", name=say("Show what it would have done")))
    expect(page.locator("#simulation-title")).to_be_visible()
    yield "review-policy-simulated"
    page.locator("#reporter_cap").fill("500")
    visitor.expect_refusal(422)
    visitor.press(page.get_by_role("button", name=say("Show what it would have done")))
    expect(page.locator("#reporter_cap-error")).to_be_visible()
    yield "review-policy-refused"


def _fill(runtime: Runtime, guests: list[UUID]) -> None:
    with runtime.database.begin() as transaction:
        home = venues.home(transaction).id

    def person(role: Role, name: str) -> Principal:
        with runtime.database.begin() as transaction:
            account = accounts.add(
                transaction, name=name, email=None, status="ACTIVE", now=runtime.clock.now()
            )
        return Principal(name, None, account.id, rights_of([Grant(role)]), home)

    staff = DemoStaff(
        doors=(person(Role.DOOR, "Noor"), person(Role.DOOR, "Ines")),
        managers=(
            person(Role.MANAGER, "Camille"),
            person(Role.MANAGER, "Dominique"),
            person(Role.MANAGER, "Sacha"),
        ),
        host=person(Role.HOST, "Ali"),
    )
    load_demo_watchlist(runtime, guests, staff, venue_id=home)
