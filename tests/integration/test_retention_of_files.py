"""The whole file of a guest who has not come for years: announced, then erased everywhere."""

import dataclasses
import json
from datetime import timedelta

import pytest

from tests.integration.conftest import forget_erasures
from tests.integration.retention_home import DAYS, Home, guest
from tests.integration.test_erasures import Away
from tests.integration.watchlisted import keep_out
from vestibule.domain.retention import NOTICE, Kept
from vestibule.records import erasures
from vestibule.records.erasure_tables import Suppression
from vestibule.records.rights_tables import DataRequest
from vestibule.records.tables import Customer
from vestibule.workflows.erase_customer import resume_erasures
from vestibule.workflows.keep_no_longer import remove_everything_due, remove_some
from vestibule.workflows.remind_of_faces import reminded_guests
from vestibule.workflows.show_kept import show_kept
from vestibule.workflows.show_retention import retention_overdue_s, show_retention

AWAY = DAYS[Kept.CUSTOMER]


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    forget_erasures(made.runtime)
    made.strike()


def is_there(home: Home, one) -> bool:
    return home.count(Customer, Customer.id == one) == 1


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_file_goes_with_a_receipt_after_it_was_announced_and_not_before(home):
    one, other = guest(home, 1).id, guest(home, 2).id
    home.pass_days(AWAY)
    home.visit(other)
    assert remove_everything_due(home.runtime)[Kept.CUSTOMER] == 0, "nobody was told yet"
    goes_at = home.clock.now() + NOTICE
    told = [guest for guest in reminded_guests(home.runtime, actor="dpo") if guest.id == one]
    assert [(guest.what, guest.goes_at) for guest in told] == [("file", goes_at)]
    assert show_kept(home.runtime, one, actor="host").file_goes_at == goes_at
    assert (
        sum(
            show_retention(home.runtime, venue_id=home.house.venue_id)
            .outlooks["customer"]
            .days.values()
        )
        == 1
    )
    home.pass_days(NOTICE.days - 0.01)
    remove_everything_due(home.runtime)
    assert is_there(home, one)
    home.pass_days(0.02)
    assert retention_overdue_s(home.runtime)["customer"] == pytest.approx(864, abs=5)
    assert remove_everything_due(home.runtime)[Kept.CUSTOMER] == 1
    assert not is_there(home, one) and is_there(home, other)
    with home.runtime.database.look() as reader:
        [record] = erasures.latest(reader, limit=5)
    assert (record.state, record.cause) == ("DONE", "RETENTION")
    assert json.loads(record.receipt)["left"] == 0
    assert home.count(Suppression) == 0, "who never asked to stay out is not kept out"


def test_file_stays_while_it_is_held_or_something_waits_for_an_answer(home):
    held, asked, listed = (guest(home, axis).id for axis in (1, 2, 3))
    request = DataRequest(
        customer_id=asked,
        right="access",
        channel="letter",
        received_on=home.clock.now().date(),
        due_on=home.clock.now().date(),
        created_at=home.clock.now(),
    )
    with home.runtime.database.begin() as transaction:
        transaction.add(request)
    keep_out(home.runtime, listed, days=AWAY)
    home.pass_days(AWAY)
    remove_everything_due(home.runtime)
    home.hold(customer_id=held, days=NOTICE.days + 10)
    home.pass_days(NOTICE.days)
    assert remove_everything_due(home.runtime)[Kept.CUSTOMER] == 0
    assert all(is_there(home, one) for one in (held, asked, listed))
    home.pass_days(10)
    remove_everything_due(home.runtime)
    assert [is_there(home, one) for one in (held, asked, listed)] == [False, True, True]


def test_who_comes_again_keeps_their_file_and_is_told_anew(home):
    one = guest(home).id
    home.pass_days(AWAY)
    remove_everything_due(home.runtime)
    home.pass_days(NOTICE.days - 1)
    home.visit(one)
    home.pass_days(100)
    remove_everything_due(home.runtime)
    assert is_there(home, one)
    assert show_kept(home.runtime, one, actor="host").file_goes_at is None


def test_store_that_is_away_leaves_a_file_that_nobody_finds_and_that_goes_next(home):
    one = guest(home)
    home.pass_days(AWAY)
    remove_everything_due(home.runtime)
    home.pass_days(NOTICE.days)
    home.stage.template(one.id, one.vector, created_at=home.clock.now() - timedelta(days=AWAY + 9))
    away = Away(home.runtime.index)
    runtime = dataclasses.replace(home.runtime, index=away)
    remove_some(runtime, Kept.CUSTOMER)
    assert is_there(home, one.id) and home.stage.who(home.stage.photo(one.vector)) == [None]
    away.is_away = False
    home.pass_days(1)
    assert resume_erasures(home.runtime).finished == 1
    assert not is_there(home, one.id)
