"""Files are merged while people report and tills send: nothing goes to a file that is gone."""

from uuid import uuid4

import pytest

from tests.integration.incident_house import House, at_once
from tests.integration.test_purchases import Till
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.ids import CustomerId
from vestibule.domain.incidents import Involved, Part
from vestibule.domain.permissions import Role
from vestibule.records import incidents
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.register_customer import NewCustomer, register_customer


@pytest.fixture
def house(stage) -> House:
    return House(stage)


@pytest.fixture
def till(stage) -> Till:
    return Till(stage)


def merge(runtime, *, kept, merged) -> None:
    merge_customers(runtime, kept_id=kept.id, merged_id=merged.id, actor="test")


def test_till_that_knows_the_merged_file_sells_to_the_kept_one(till):
    number = f"L-{uuid4().hex[:8]}"
    kept = till.house.stage.guest("Zoé")
    new = NewCustomer("Zoe L.", reference=number)
    merged = register_customer(till.runtime, new, actor="test")
    till.sell(till.line(merged))
    merge(till.runtime, kept=kept, merged=merged)

    again = [till.line(merged), till.line(merged, line=2), till.line(loyalty_number=number, line=3)]

    assert till.sell(*again) == ["repeated", "recorded", "recorded"]
    assert {row.customer_id for row in till.rows(kept)} == {kept.id}
    assert len(till.rows(merged)) == 3


def test_merge_while_a_till_sends_loses_nothing(till):
    for _ in range(4):
        kept, merged = till.house.stage.guest("Zoé"), till.house.stage.guest("Zoe L.")
        receipt = uuid4().hex
        lines = [till.line(merged, line=n, receipt=receipt) for n in range(10)]

        at_once(
            [
                lambda lines=lines: till.sell(*lines),
                lambda kept=kept, merged=merged: merge(till.runtime, kept=kept, merged=merged),
            ]
        )

        assert len(till.rows(kept)) == 10


def test_report_names_the_kept_file_whoever_was_meant(house):
    kept, merged = house.stage.guest("Zoé"), house.stage.guest("Zoe L.")
    merge(house.runtime, kept=kept, merged=merged)
    door = house.staff(Role.DOOR)

    incident_id = house.report(door, Involved(Part.ACTOR, merged.id))

    with house.runtime.database.begin() as transaction:
        assert incidents.customers_in(transaction, incident_id) == [kept.id]
    with pytest.raises(InvalidInputError):
        house.report(door, Involved(Part.ACTOR, merged.id), Involved(Part.VICTIM, kept.id))


def test_erasure_takes_out_every_name_that_the_person_had(house):
    kept, merged = house.stage.guest("Zoé Lefèvre"), house.stage.guest("Zoe Lefevre-Roy")
    other, door = house.stage.guest("Ana"), house.staff(Role.DOOR)
    people = [Involved(Part.ACTOR, merged.id), Involved(Part.VICTIM, other.id)]
    words = "Zoe Lefevre-Roy, that is Zoé Lefèvre, pushed Ana."
    incident_id = house.report(door, *people, account=words)
    merge(house.runtime, kept=kept, merged=merged)

    erase_customer(house.runtime, CustomerId(kept.id), actor="test")

    assert house.row(incident_id).account == "[…], that is […], pushed Ana."
