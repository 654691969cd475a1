"""The till says things twice, late, of strangers, at once; what is kept is right all the same."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.integration.incident_house import House, at_once
from vestibule.domain.consumption import Care, ConsumptionPolicy, Money
from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PersonNeededError,
)
from vestibule.domain.ids import CustomerId
from vestibule.domain.permissions import EVERYTHING, Role
from vestibule.records import incidents, purchases
from vestibule.workflows.correct_purchase import (
    PurchaseCorrection,
    correct_purchase,
    void_purchase,
    void_receipt,
)
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.record_purchases import SoldLine, record_purchases
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.show_consumption import (
    adopt_consumption_policy,
    list_purchases,
    policy_in_force,
    show_consumption,
)
from vestibule.workflows.sign_in import Principal


class Till:
    """A bar of the house that sells to guests."""

    def __init__(self, stage) -> None:
        self.house = House(stage)
        self.runtime = stage.runtime
        self.host = self.house.staff(Role.HOST)
        self.name = f"bar-{uuid4().hex[:8]}"

    def line(
        self, guest=None, *, line: int = 1, ago: timedelta | None = None, **fields
    ) -> SoldLine:
        sold = {
            "till": self.name,
            "receipt": "r1",
            "line": line,
            "occurred_at": self.runtime.clock.now() - (ago or timedelta(0)),
            "amount_minor": 1250,
            "currency": "EUR",
            "category": "cocktail",
            "alcohol_hundredths": 200,
            "customer_id": guest.id if guest else None,
        }
        return SoldLine(**{**sold, **fields})

    def sell(self, *lines: SoldLine, by: Principal | None = None) -> list[str]:
        return [o.value for o in record_purchases(self.runtime, lines, by=by or self.host)]

    def shown(self, guest):
        return show_consumption(self.runtime, guest.id, by=self.host)

    def rows(self, guest):
        return list_purchases(self.runtime, guest.id, limit=100, after=None, by=self.host).items


@pytest.fixture
def till(stage) -> Till:
    return Till(stage)


# ── once ────────────────────────────────────────────────────────────────────────────────────
def test_line_that_is_sent_twice_is_kept_once(till):
    guest = till.house.stage.guest("Zoé")
    line = till.line(guest)

    assert till.sell(line) == ["recorded"]
    assert till.sell(line, line) == ["repeated", "repeated"]
    assert till.shown(guest).tonight.money == (Money(1250, "EUR"),)


def test_line_that_comes_from_many_sides_at_once_is_kept_once(till):
    guest, outcomes = till.house.stage.guest("Zoé"), []
    lines = [till.line(guest, line=n) for n in range(5)]

    def send() -> None:
        outcomes.extend(till.sell(*lines))

    at_once([send] * 6)

    assert sorted(outcomes) == ["recorded"] * 5 + ["repeated"] * 25
    assert len(till.rows(guest)) == 5


def test_line_that_says_something_else_now_is_told_and_changes_nothing(till):
    guest = till.house.stage.guest("Zoé")
    till.sell(till.line(guest))

    assert till.sell(till.line(guest, amount_minor=1)) == ["recorded_differently"]
    assert till.rows(guest)[0].amount_minor == 1250


# ── whose ───────────────────────────────────────────────────────────────────────────────────
def test_loyalty_number_finds_the_customer(till):
    number = f"L-{uuid4().hex[:8]}"
    new = NewCustomer("Zoé", reference=number)
    guest = register_customer(till.runtime, new, actor="test")
    till.house.stage.guests.append(guest.id)

    assert till.sell(till.line(loyalty_number=number)) == ["recorded"]
    assert len(till.rows(guest)) == 1


def test_purchases_of_nobody_known_are_counted_and_not_kept(till):
    guest = till.house.stage.guest("Zoé")
    strangers = [till.line(loyalty_number=f"nobody-{n}", line=n) for n in range(2, 4)]
    venue_id, night = till.host.venue_id, None
    till.sell(till.line(guest))
    night = till.rows(guest)[0].night
    with till.runtime.database.begin() as transaction:
        before = purchases.unknown_on(transaction, venue_id, night)

    assert till.sell(*strangers, till.line(guest)) == ["unknown_customer"] * 2 + ["repeated"]

    with till.runtime.database.begin() as transaction:
        assert purchases.unknown_on(transaction, venue_id, night) == before + 2
        lines = [(venue_id, till.name, "r1", n) for n in range(2, 4)]
        assert purchases.by_line(transaction, lines) == {}


def test_erased_customer_takes_their_purchases_along(till):
    guest = till.house.stage.guest("Zoé")
    till.sell(till.line(guest))

    erase_customer(till.runtime, CustomerId(guest.id), actor="test")

    with till.runtime.database.begin() as transaction:
        assert purchases.by_line(transaction, [(till.host.venue_id, till.name, "r1", 1)]) == {}
    assert till.sell(till.line(guest)) == ["unknown_customer"]
    with pytest.raises(NotFoundError):
        till.shown(guest)


def test_nobody_sells_at_a_venue_where_they_do_not_work(till):
    elsewhere = till.house.other_venue()
    guest = till.house.stage.guest("Zoé")
    with pytest.raises(ForbiddenError):
        till.sell(till.line(guest, venue_id=elsewhere))
    with pytest.raises(ForbiddenError):
        till.sell(till.line(guest), by=till.house.staff(Role.DOOR))


# ── corrected, voided ───────────────────────────────────────────────────────────────────────
def test_correction_is_kept_beside_what_was_before(till):
    guest = till.house.stage.guest("Zoé")
    till.sell(till.line(guest))
    purchase_id = till.rows(guest)[0].id
    smaller = PurchaseCorrection(amount_minor=950, alcohol_hundredths=150)

    for _ in range(2):
        correct_purchase(till.runtime, purchase_id, smaller, reason="Size.", by=till.host)

    assert till.shown(guest).tonight.money == (Money(950, "EUR"),)
    with till.runtime.database.begin() as transaction:
        changes = [change.changes for change in purchases.changes_of(transaction, purchase_id)]
    assert changes == [
        {"amount_minor": {"was": 1250, "is": 950}, "alcohol_hundredths": {"was": 200, "is": 150}}
    ]


def test_voided_line_counts_nothing_and_does_not_come_back(till):
    guest = till.house.stage.guest("Zoé")
    line = till.line(guest)
    till.sell(line, till.line(guest, line=2))

    void_purchase(till.runtime, till.rows(guest)[0].id, reason="Sent back.", by=till.host)
    assert till.shown(guest).tonight.purchases == 1
    where = {"venue_id": None, "till": till.name, "receipt": "r1", "line": None}
    assert void_receipt(till.runtime, **where, reason="Cancelled.", by=till.host) == 1
    assert void_receipt(till.runtime, **where, reason="Cancelled.", by=till.host) == 0

    assert till.sell(line) == ["repeated"]
    assert till.shown(guest).tonight.purchases == 0
    with pytest.raises(ConflictError):
        correction = PurchaseCorrection(amount_minor=1)
        correct_purchase(
            till.runtime, till.rows(guest)[0].id, correction, reason="No.", by=till.host
        )


# ── care ────────────────────────────────────────────────────────────────────────────────────
def test_care_is_asked_for_within_the_window_and_is_over_after_it(till):
    guest = till.house.stage.guest("Zoé")
    hour = timedelta(hours=1)
    till.sell(*(till.line(guest, line=n, ago=n * hour, alcohol_hundredths=250) for n in range(6)))

    shown = till.shown(guest)

    assert (shown.units_hundredths, shown.care) == (1000, Care.CARE)
    till.runtime.clock.moment += hour
    assert till.shown(guest).care is Care.WATCH
    till.runtime.clock.moment += 4 * hour
    assert till.shown(guest).care is None


def test_care_is_no_incident_and_gains_nobody_points(till):
    guest = till.house.stage.guest("Zoé")
    till.sell(till.line(guest, alcohol_hundredths=5_000))

    with till.runtime.database.begin() as transaction:
        assert incidents.past_of(transaction, guest.id) == []
        cared = purchases.who_needs_care(
            transaction, [guest.id, uuid4()], now=till.runtime.clock.now()
        )
    assert cared == {guest.id: Care.CARE}


def test_figures_are_kept_apart_by_night_month_and_currency(till):
    guest = till.house.stage.guest("Zoé")
    days = timedelta(days=1)
    till.sell(
        till.line(guest, line=1),
        till.line(guest, line=2, currency="CHF", amount_minor=1500),
        till.line(guest, line=3, ago=10 * days, category="beer"),
        till.line(guest, line=4, ago=11 * days, category="beer"),
        till.line(guest, line=5, ago=60 * days, category="beer", amount_minor=99_999),
    )

    shown = till.shown(guest)

    assert shown.tonight.money == (Money(1500, "CHF"), Money(1250, "EUR"))
    assert shown.recently.money == (Money(1500, "CHF"), Money(3750, "EUR"))
    assert shown.favourites == [("beer", 3), ("cocktail", 2)]


# ── thresholds ──────────────────────────────────────────────────────────────────────────────
def test_of_two_who_change_the_thresholds_at_once_one_succeeds(till):
    manager, results = till.house.staff(Role.MANAGER), []
    _, version = policy_in_force(till.runtime)

    def adopt() -> None:
        wanted = ConsumptionPolicy(timedelta(hours=4), 600, 1000)
        try:
            adopt_consumption_policy(
                till.runtime, wanted, seen_version=version, reason="As agreed.", by=manager
            )
            results.append("adopted")
        except ConflictError:
            results.append("refused")

    at_once([adopt] * 4)

    assert sorted(results) == ["adopted", "refused", "refused", "refused"]
    assert policy_in_force(till.runtime)[1] == version + 1
    key = Principal("till", None, None, EVERYTHING, manager.venue_id)
    with pytest.raises(PersonNeededError):
        wanted = ConsumptionPolicy(timedelta(hours=4), 600, 1000)
        adopt_consumption_policy(
            till.runtime, wanted, seen_version=version + 1, reason="No.", by=key
        )
