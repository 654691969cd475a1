"""A place of backups that is no more: who may say so, in which order, and what follows."""

import dataclasses
from datetime import UTC, datetime

import pytest

from tests.integration.test_erasures import Keyrings
from vestibule.domain.backup_places import Fate, PlaceReachedError
from vestibule.domain.errors import InvalidInputError, NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import erasures, keyring
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.give_up_place import give_up_place

REASON = "The contract of that bucket ended; nobody has access."


@pytest.fixture
def house(stage):
    return stage


def give_up(runtime, place: str = "b", *, confirmation: str = "b"):
    return give_up_place(
        runtime,
        place,
        fate=Fate.UNREACHABLE,
        reason=REASON,
        confirmation=confirmation,
        actor="dpo",
    )


def test_place_is_given_up_by_its_name_alone_and_what_waits_goes_on_at_once(house):
    keyrings = Keyrings(datetime.now(UTC))
    runtime = dataclasses.replace(house.runtime, keyrings=keyrings)
    guest = house.guest("Grace", house.axis(1))
    runtime.customer_keys.sealer(guest.id)
    told = erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    with runtime.database.begin() as transaction:
        assert erasures.count_waiting(transaction, erasures.KEYRING_AWAY) == 1
        keyring.note_copy(transaction, "b", now=runtime.clock.now())
    with pytest.raises(InvalidInputError):
        give_up(runtime, confirmation="")
    with pytest.raises(NotFoundError):
        give_up(runtime, "c", confirmation="c")
    with pytest.raises(PlaceReachedError):
        give_up(runtime, "a", confirmation="a")
    give_up(runtime)
    with runtime.database.look() as reader:
        (row,) = [copy for copy in keyring.copies(reader) if copy.place == "b"]
        left = erasures.nobody_works_on(reader, now=runtime.clock.now())
    assert row.given_up is not None and row.given_up.reason == REASON
    assert left == [told.erasure_id]
