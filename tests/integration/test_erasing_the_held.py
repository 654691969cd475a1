"""GDPR 17(3)(e): under a hold what no claim needs goes at once, the rest when the hold ends."""

import json
from datetime import timedelta

import pytest

from services.api.incident_presenters import whole
from tests.integration.conftest import forget_erasures
from tests.integration.retention_home import Home, guest
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Grant, Role
from vestibule.records import customers, erasures, observation
from vestibule.records.incident_lists import people_by_incident
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.tables import Consent, Customer, Template
from vestibule.workflows.check_erasure import verify_erasure
from vestibule.workflows.edit_incident import IncidentEdit, edit_incident
from vestibule.workflows.erase_customer import erase_customer, resume_erasures
from vestibule.workflows.hold_from_expiry import lift_hold, list_holds
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.see_incidents import look_at_incident


@pytest.fixture
def home(stage) -> Home:
    made = Home(stage)
    yield made
    forget_erasures(made.runtime)
    made.strike()


def record_of(home, erasure_id):
    with home.runtime.database.look() as reader:
        return erasures.find(reader, erasure_id)


def there(home, table, one) -> int:
    column = table.id if table is Customer else table.customer_id
    return home.count(table, column == one)


@pytest.mark.duty("GDPR 17(3)")
def test_art_17_3_hold_keeps_what_its_claim_needs_and_nothing_else(home):
    one = guest(home)
    home.visit(one.id)
    incident_id = home.incident(one.id)
    with home.runtime.database.begin() as transaction:
        row = transaction.get_one(Customer, one.id)
        row.email, row.phone, row.notes = "ada@example.org", "+33612345678", "Likes gin."
    home.hold(customer_id=one.id, days=30)
    until = home.clock.now() + timedelta(days=30)
    told = erase_customer(home.runtime, one.id, actor="dpo")
    assert told.held_until == until

    assert home.stage.who(home.stage.photo(one.vector)) == [None]
    assert (there(home, Template, one.id), home.visits_of(one.id)) == (0, 1)
    assert home.runtime.blobs.keys(f"customers/{one.id}/") == []
    assert home.count(Consent, Consent.customer_id == one.id, Consent.withdrawn_at.is_(None)) == 0
    with home.runtime.database.look() as reader:
        row = reader.get_one(Customer, one.id)
        assert (row.email, row.phone, row.notes) == (None, None, "")
        assert customers.find_present(reader, one.id) is None, "shown to nobody"
        [person] = people_by_incident(reader, [incident_id])[incident_id]
        assert person.name is None
        assert observation.overdue_s(reader, now=until)["erasure"] == 0, "nothing is late"
        assert erasures.count_troubled(reader) == 0
    assert [name for _, name in list_holds(home.runtime, actor="dpo")] == ["Guest 1"]

    receipt = json.loads(record_of(home, told.erasure_id).receipt)
    assert (receipt["finished_at"], receipt["left"]) == (None, 0)
    kept = {one["what"]: one for one in receipt["kept"]}["legal_hold"]
    assert (kept["law"], kept["until"]) == ("GDPR 17(3)(e)", until.isoformat())
    assert kept["count"] >= 3 and "Guest 1" not in json.dumps(receipt)
    verified = verify_erasure(home.runtime, told.erasure_id, actor="dpo")
    assert verified.is_true and verified.held_until == until


@pytest.mark.duty("GDPR 17(3)")
def test_art_17_3_erasure_completes_by_itself_when_the_hold_ends_and_not_before(home):
    one = guest(home).id
    home.visit(one)
    home.hold(customer_id=one, days=30)
    told = erase_customer(home.runtime, one, actor="dpo")
    home.pass_days(29.9)
    resumed = resume_erasures(home.runtime, is_alone=True)
    assert (resumed.finished, resumed.waiting) == (0, 1)
    assert there(home, Customer, one) == 1
    assert erase_customer(home.runtime, one, actor="dpo").held_until is not None, "asked again"
    home.pass_days(0.2)
    assert resume_erasures(home.runtime).finished == 1
    assert there(home, Customer, one) == 0
    record = record_of(home, told.erasure_id)
    receipt = json.loads(record.receipt)
    assert record.state == "DONE" and receipt["finished_at"] and receipt["found"]["key"]
    assert [k["count"] for k in receipt["kept"] if k["what"] == "legal_hold"] == [0]
    verified = verify_erasure(home.runtime, told.erasure_id, actor="dpo")
    assert verified.is_true and verified.held_until is None
    with pytest.raises(NotFoundError):
        erase_customer(home.runtime, one, actor="dpo")


@pytest.mark.duty("GDPR 17(3)")
def test_art_17_3_hold_that_is_lifted_lets_the_erasure_go_on_at_once(home):
    kept, merged = guest(home, 1).id, guest(home, 2).id
    merge_customers(home.runtime, kept_id=kept, merged_id=merged, actor="test")
    hold_id = home.hold(customer_id=kept, days=500)
    erase_customer(home.runtime, merged, actor="dpo")
    dpo = home.house.principal(Grant(Role.DPO), home.house.staff(Role.DPO).account_id)
    lift_hold(home.runtime, hold_id, reason="Settled.", by=dpo)
    assert resume_erasures(home.runtime).finished == 1
    assert home.count(Customer, Customer.id.in_([kept, merged])) == 0


@pytest.mark.duty("GDPR 17(3)")
def test_art_17_3_hold_on_an_incident_keeps_who_is_in_it(home):
    one = guest(home).id
    incident_id = home.incident(one)
    home.hold(incident_id=incident_id, days=30)
    assert erase_customer(home.runtime, one, actor="dpo").held_until is not None
    assert home.count(IncidentPerson, IncidentPerson.customer_id == one) == 1


def _two_in_one(home):
    """An incident of two guests whose words name both; the first is erased and held."""
    one = home.stage.guest("Zoé Le Bœuf").id
    other = home.stage.guest("Jean Martin").id
    incident_id = home.incident(one)
    with home.runtime.database.begin() as transaction:
        transaction.add(IncidentPerson(incident_id=incident_id, customer_id=other, part="victim"))
        transaction.get_one(Incident, incident_id).account = "ZOE LE BOEUF hit Jean. Zoé fled."
    return one, incident_id


@pytest.mark.duty("GDPR 17(3)")
def test_art_17_3_name_in_the_words_of_an_incident_is_the_officers_alone_and_then_goes(home):
    one, incident_id = _two_in_one(home)
    home.hold(customer_id=one, days=30)
    told = erase_customer(home.runtime, one, actor="dpo")
    kept = json.loads(record_of(home, told.erasure_id).receipt)["kept"]
    assert [k["count"] for k in kept if k["what"] == "names_in_words_of_incidents"] == [1]

    manager = home.house.staff(Role.MANAGER)
    seen = look_at_incident(home.runtime, incident_id, by=manager)
    assert whole(seen).account == "[…] hit Jean. […] fled."
    assert seen.erased_kept_until == told.held_until
    dpo = home.house.principal(Grant(Role.DPO), home.house.staff(Role.DPO).account_id)
    assert "ZOE LE BOEUF" in whole(look_at_incident(home.runtime, incident_id, by=dpo)).account
    sent_back = IncidentEdit(account="[…] hit Jean. […] fled.")
    edit_incident(home.runtime, incident_id, sent_back, seen_version=1, by=manager)
    assert "ZOE" in home.house.row(incident_id).account, "the claim needs it"

    home.pass_days(31)
    assert resume_erasures(home.runtime).finished == 1
    assert home.house.row(incident_id).account == "[…] hit Jean. […] fled."
    kept = json.loads(record_of(home, told.erasure_id).receipt)["kept"]
    assert "names_in_words_of_incidents" not in [k["what"] for k in kept]
