"""Offers: to those alone who agreed, redeemed once whatever two doors do, gone with a consent."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.api import personal_presenters
from tests.integration.incident_house import at_once
from tests.integration.offering_bar import Bar
from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OfferNotOpenError,
    OffersNotAgreedError,
    UnderAgeError,
)
from vestibule.domain.ids import CustomerId
from vestibule.domain.permissions import Grant, Role
from vestibule.domain.segmentation import Segment
from vestibule.records import customers, offers, personal_data
from vestibule.records.offer_gate import may_be_offered
from vestibule.records.tables import Customer
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.redeem_offer import redeem_offer, take_offer_back, undo_redemption
from vestibule.workflows.show_offers import count_segments

DAY = timedelta(days=1)


@pytest.fixture
def bar(stage) -> Bar:
    return Bar(stage)


# ── who agreed ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 5(1)(b)")
def test_art_5_consent_to_be_recognised_is_none_to_offers(bar):
    guest = bar.guest(0, agrees=False)
    bar.consent(guest, "recognition")
    with pytest.raises(OffersNotAgreedError):
        bar.offer(guest)
    assert set(count_segments(bar.runtime, venue_id=bar.here, by=bar.manager).values()) == {0}


def test_nothing_is_offered_to_who_did_not_agree(bar):
    guest = bar.guest(0, agrees=False)
    with pytest.raises(OffersNotAgreedError):
        bar.offer(guest)
    assert not bar.listed(guest).may_be_offered


@pytest.mark.duty("GDPR 7(3)")
def test_art_7_withdrawal_hides_what_is_open_at_once_and_keeps_what_was_redeemed(bar):
    guest = bar.guest(0)
    taken, still_open, waiting = (
        bar.offer(guest),
        bar.offer(guest),
        bar.offer(guest, starts_at=bar.now + DAY),
    )
    redeem_offer(bar.runtime, taken.id, by=bar.door)
    assert bar.at_the_door(guest) == [still_open.id]

    bar.withdraw(guest)

    assert bar.at_the_door(guest) == []
    assert [row.id for row in bar.listed(guest).page.items] == [taken.id]
    assert [event.id for event in bar.history(guest)] == [taken.id]
    for offer in (still_open, waiting):
        with pytest.raises(OfferNotOpenError):
            redeem_offer(bar.runtime, offer.id, by=bar.door)


def test_consent_of_one_venue_holds_there_and_sharing_carries_it_further(bar):
    elsewhere, guest = bar.house.other_venue(), bar.guest(0, agrees=False)
    bar.consent(guest, "offers", venue_id=bar.here)

    def where() -> list[bool]:
        with bar.runtime.database.begin() as transaction:
            return [
                bool(may_be_offered(transaction, [guest.id], venue_id=at, now=bar.now))
                for at in (bar.here, elsewhere, None)
            ]

    assert where() == [True, False, False]
    bar.consent(guest, "sharing", venue_id=bar.here)
    assert where() == [True, True, True]


def test_consent_that_expired_hides_what_is_open(bar):
    guest = bar.guest(0)
    bar.offer(guest)
    with bar.runtime.database.begin() as transaction:
        for consent in customers.consents_of(transaction, guest.id):
            consent.expires_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert bar.at_the_door(guest) == []


@pytest.mark.duty("GDPR 21")
@pytest.mark.parametrize("flag", ["objects_to_offers_at", "restricted_at"])
def test_art_21_who_objects_is_offered_nothing_more_and_is_in_no_segment(bar, flag):
    guest = bar.guest(0)
    offer = bar.offer(guest)
    with bar.runtime.database.begin() as transaction:
        setattr(transaction.get_one(Customer, guest.id), flag, bar.now)

    assert bar.at_the_door(guest) == []
    with pytest.raises(OfferNotOpenError):
        redeem_offer(bar.runtime, offer.id, by=bar.door)
    with pytest.raises(OffersNotAgreedError):
        bar.offer(guest)
    assert count_segments(bar.runtime, venue_id=bar.here, by=bar.manager)[Segment.NEW] == 0


def test_who_turns_out_to_be_a_minor_is_offered_nothing_from_that_day(bar):
    guest = bar.guest(0)
    offer = bar.offer(guest)
    with bar.runtime.database.begin() as transaction:
        transaction.get_one(Customer, guest.id).birth_date = date(2008, 11, 23)

    assert bar.at_the_door(guest) == []
    with pytest.raises(UnderAgeError):
        bar.offer(guest)
    bar.runtime.clock.moment += DAY  # in Paris it is the 23rd now
    assert bar.at_the_door(guest) == [offer.id]


def test_gate_asks_all_at_once(bar):
    yes, no = bar.guest(), bar.guest(agrees=False)
    with bar.runtime.database.begin() as transaction:
        asked = [yes.id, no.id, uuid4()]
        assert may_be_offered(transaction, asked, venue_id=None, now=bar.now) == {yes.id}


# ── once ────────────────────────────────────────────────────────────────────────────────────
def test_of_two_doors_at_once_one_redeems_it(bar):
    offer, won, refused = bar.offer(bar.guest(0)), [], []

    def redeem() -> None:
        try:
            won.append(redeem_offer(bar.runtime, offer.id, by=bar.door))
        except OfferNotOpenError as error:
            refused.append(error.facts["state"])

    at_once([redeem] * 6)

    assert len(won) == 1
    assert refused == ["redeemed"] * 5


def test_offer_that_is_taken_back_and_redeemed_at_once_is_one_of_them(bar):
    offer, done = bar.offer(bar.guest(0)), []

    def attempt(what, by) -> None:
        with suppress(OfferNotOpenError):
            done.append(what(bar.runtime, offer.id, by=by))

    at_once([lambda: attempt(redeem_offer, bar.door), lambda: attempt(take_offer_back, bar.host)])

    assert len(done) == 1


def test_slip_of_the_thumb_is_undone_for_minutes_and_no_longer(bar):
    guest = bar.guest(0)
    offer = bar.offer(guest)
    redeem_offer(bar.runtime, offer.id, by=bar.door)
    for _ in range(2):
        undo_redemption(bar.runtime, offer.id, by=bar.door)
    assert bar.at_the_door(guest) == [offer.id]

    redeem_offer(bar.runtime, offer.id, by=bar.door)
    bar.runtime.clock.moment += timedelta(minutes=16)
    with pytest.raises(OfferNotOpenError):
        undo_redemption(bar.runtime, offer.id, by=bar.door)


def test_offer_holds_from_its_start_to_its_end_and_not_after_it_was_taken_back(bar):
    guest = bar.guest(0)
    later = bar.offer(guest, starts_at=bar.now + DAY, ends_at=bar.now + 2 * DAY)
    back = bar.offer(guest, ends_at=bar.now + 4 * DAY)
    for _ in range(2):
        take_offer_back(bar.runtime, back.id, by=bar.host)

    assert bar.at_the_door(guest) == []
    bar.runtime.clock.moment += DAY
    assert bar.at_the_door(guest) == [later.id]
    bar.runtime.clock.moment += DAY
    assert bar.at_the_door(guest) == []
    for offer in (later, back):
        with pytest.raises(OfferNotOpenError):
            redeem_offer(bar.runtime, offer.id, by=bar.door)


def test_offer_that_is_sent_again_is_the_same_one(bar):
    guest, other, key = bar.guest(), bar.guest(), uuid4()
    at_once([lambda: bar.offer(guest, offer_id=key)] * 4)

    assert [row.id for row in bar.listed(guest).page.items] == [key]
    with pytest.raises(ConflictError):
        bar.offer(other, offer_id=key)


# ── where and by whom ───────────────────────────────────────────────────────────────────────
def test_offer_of_a_venue_holds_there_alone_and_one_of_the_chain_everywhere(bar):
    elsewhere, guest = bar.house.other_venue(), bar.guest()
    chain_host = bar.house.principal(Grant(Role.HOST), uuid4())
    here, everywhere = bar.offer(guest), bar.offer(guest, venue_id=None, by=chain_host)

    assert set(bar.at_the_door(guest)) == {here.id, everywhere.id}
    assert bar.at_the_door(guest, elsewhere) == [everywhere.id]
    there = bar.house.staff(Role.DOOR, venue_id=elsewhere)
    with pytest.raises(OfferNotOpenError):
        redeem_offer(bar.runtime, here.id, by=there)
    assert redeem_offer(bar.runtime, everywhere.id, by=there).redeemed_venue_id == elsewhere


def test_nobody_offers_redeems_or_plans_where_they_may_not(bar):
    elsewhere, guest = bar.house.other_venue(), bar.guest(0)
    offer, there = bar.offer(guest), bar.house.staff(Role.MANAGER, venue_id=elsewhere)
    for refused in (
        lambda: bar.offer(guest, by=bar.door),
        lambda: bar.offer(guest, by=there),
        lambda: bar.offer(guest, venue_id=None),
        lambda: take_offer_back(bar.runtime, offer.id, by=there),
        lambda: redeem_offer(bar.runtime, offer.id, venue_id=bar.here, by=there),
        lambda: bar.round(by=bar.host),
        lambda: bar.round(by=there),
        lambda: bar.round(venue_id=None),
        lambda: count_segments(bar.runtime, venue_id=None, by=bar.manager),
        lambda: count_segments(bar.runtime, venue_id=bar.here, by=bar.host),
    ):
        with pytest.raises(ForbiddenError):
            refused()


# ── files that change ───────────────────────────────────────────────────────────────────────
def test_merged_guest_takes_their_offers_along(bar):
    kept, merged = bar.guest(0), bar.guest(1)
    offer = bar.offer(merged)
    merge_customers(bar.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")

    assert bar.at_the_door(kept) == [offer.id]
    assert bar.at_the_door(merged) == [offer.id], "the former number leads to the present file"


def test_erased_guest_takes_their_offers_along(bar):
    guest = bar.guest(0)
    offer = bar.offer(guest)
    erase_customer(bar.runtime, CustomerId(guest.id), actor="test")

    with bar.runtime.database.begin() as transaction:
        assert offers.find(transaction, offer.id) is None
    with pytest.raises(NotFoundError):
        bar.listed(guest)


@pytest.mark.duty("GDPR 15")
def test_art_15_guest_is_told_what_they_were_offered_and_why_hidden_ones_too(bar):
    guest = bar.guest(0)
    bar.offer(guest)
    bar.round()
    bar.withdraw(guest)

    with bar.runtime.database.begin() as transaction:
        held = personal_data.collect(transaction, guest.id, now=bar.now)
    told = personal_presenters.personal_data(held, now=bar.now).offers
    assert {one.segment for one in told} == {None, "new"}
    assert {one.words_fr for one in told} == {"Un verre"}
