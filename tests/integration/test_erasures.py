"""An erasure reaches every store, goes on after whatever stops it, and its receipt is true."""

import dataclasses
import json
import subprocess
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.integration.test_customer_imports import previewed, run
from vestibule.domain.backup_places import Fate, GivenUp
from vestibule.domain.erasure_receipt import STORES
from vestibule.domain.errors import IndexUnavailableError, NotFoundError
from vestibule.domain.ids import CustomerId, new_uuid
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.records import customer_imports, erasures
from vestibule.records.erasure_tables import ErasureRecord, Suppression
from vestibule.records.tables import Customer
from vestibule.workflows import import_customers as importing
from vestibule.workflows.check_erasure import verify_erasure, verify_receipt
from vestibule.workflows.erase_customer import (
    Resumed,
    erase_customer,
    resume_erasure,
    resume_erasures,
)
from vestibule.workflows.erasure_subjects import SUPPRESSED_FOR
from vestibule.workflows.expire import expire
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.register_customer import NewCustomer, register_customer

WHO = NewCustomer(
    "Ada Marker-Lovelace", email="ada@marker.example", phone="+33612345678", reference="card-1815"
)


@pytest.fixture
def house(stage):
    return stage


def ada(house):
    guest = register_customer(house.runtime, WHO, actor="test")
    house.guests.append(guest.id)
    return guest


def record_of(house, erasure_id: UUID) -> ErasureRecord:
    with house.runtime.database.look() as reader:
        found = erasures.find(reader, erasure_id)
    assert found is not None
    return found


class Away:
    """An index that answers everything but deletions, until it is back."""

    def __init__(self, index: object) -> None:
        self._index, self.is_away = index, True

    def delete(self, generation, template_ids) -> None:
        if self.is_away and template_ids:
            raise IndexUnavailableError()
        self._index.delete(generation, template_ids)

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)


@pytest.mark.duty("GDPR 17")
def test_art_17_receipt_tells_every_store_and_that_nothing_is_left(house):
    guest = house.guest("Grace", house.axis(1), house.axis(2))
    house.identified(house.photo(house.axis(1)))
    told = erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")

    receipt = json.loads(record_of(house, told.erasure_id).receipt)
    assert tuple(receipt["found"]) == STORES and receipt["left"] == 0
    assert receipt["found"]["index"]["vectors"] == told.vectors == 2
    assert receipt["found"]["objects"]["objects"] == 2
    assert receipt["found"]["rows"]["template"] == 2
    assert {check["store"] for check in receipt["checked"]} >= {"rows", "index_files", "key"}
    assert "Grace" not in record_of(house, told.erasure_id).receipt
    assert next(kept["what"] for kept in receipt["kept"]) == "suppression"


@pytest.mark.duty("GDPR 5(2)")
def test_art_5_receipt_is_checked_by_openssl_and_by_the_product(house, tmp_path):
    guest = house.guest("Grace", house.axis(1))
    told = erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    record = record_of(house, told.erasure_id)
    (tmp_path / "receipt").write_bytes(record.receipt.encode())
    (tmp_path / "sig").write_bytes(record.signature)
    (tmp_path / "key").write_text(house.runtime.receipts.public_pem)
    command = "openssl pkeyutl -verify -pubin -inkey key -rawin -in receipt -sigfile sig"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)

    assert verify_erasure(house.runtime, told.erasure_id, actor="Inès").is_true
    forged = record.receipt.replace('"left": 0', '"left": 0 ')
    verified = verify_receipt(house.runtime, forged, record.signature, actor="Inès")
    assert verified.is_signed is False and not verified.is_true
    with pytest.raises(NotFoundError):
        verify_receipt(house.runtime, "{}", record.signature, actor="Inès")


def test_verification_finds_somebody_who_was_put_back_past_the_product(house):
    guest = house.guest("Grace", house.axis(1))
    venue_id = guest.venue_id
    told = erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    with house.runtime.database.begin() as transaction:
        now = house.runtime.clock.now()
        transaction.add(
            Customer(
                id=guest.id,
                venue_id=venue_id,
                name="Grace",
                folded_name="grace",
                created_at=now,
                updated_at=now,
            )
        )
    house.runtime.blobs.put(f"customers/{guest.id}/back.jpg", b"again")
    verified = verify_erasure(house.runtime, told.erasure_id, actor="Inès")
    left = {check.store: check.left for check in verified.checks if check.left}
    assert left == {"rows": 1, "objects": 1} and not verified.is_true

    again = erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    assert verify_erasure(house.runtime, again.erasure_id, actor="Inès").is_true
    assert verify_erasure(house.runtime, told.erasure_id, actor="Inès").is_true


def test_trouble_is_told_and_the_erasure_goes_on_by_itself(house):
    guest = house.guest("Grace", house.axis(1))
    away = Away(house.runtime.index)
    runtime = dataclasses.replace(house.runtime, index=away)
    with pytest.raises(IndexUnavailableError):
        erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    with house.runtime.database.look() as reader:
        record = reader.scalar(select(ErasureRecord).where(ErasureRecord.customer_id == guest.id))
    assert (record.state, record.trouble) == ("RUNNING", "index_unavailable")
    assert house.who(house.photo(house.axis(1))) == [None]

    assert resume_erasures(runtime).finished == 0  # its pause is not over
    away.is_away = False
    house.runtime.clock.moment = record.held_until
    assert resume_erasures(runtime).finished == 1
    assert record_of(house, record.id).trouble is None
    assert record_of(house, record.id).receipt is not None


class Keyrings:
    """Copies beside backups, of which one cannot be reached."""

    def __init__(self, written_at: datetime) -> None:
        self.away, self.given_up, self._written_at = 1, None, written_at

    def copies(self) -> list[KeyringCopy]:
        return [
            KeyringCopy("a", self._written_at, is_behind=False),
            KeyringCopy("b", self._written_at, bool(self.away), self.given_up),
        ]

    def reaches(self, place: str) -> bool:
        return place == "a" or not self.away

    def rewrite(self) -> list[KeyringCopy]:
        return self.copies()


@pytest.mark.duty("GDPR 17")
def test_art_17_copy_of_the_key_that_was_not_reached_leaves_it_half_done(house):
    guest, keyrings = house.guest("Grace", house.axis(1)), Keyrings(datetime.now(UTC))
    house.runtime.customer_keys.sealer(guest.id)  # as with the first face that is sealed
    runtime = dataclasses.replace(house.runtime, keyrings=keyrings)
    told = erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    record = record_of(house, told.erasure_id)
    receipt = json.loads(record.receipt)
    assert (record.state, record.trouble) == ("RUNNING", "keyring_away")
    assert {"what": "keyring_copy_not_reached", "count": 1, "until": None, "law": None} in receipt[
        "kept"
    ]
    assert receipt["finished_at"] is None and receipt["left"] == 0

    house.runtime.clock.moment = record.held_until
    assert resume_erasures(runtime) == Resumed(finished=0, waiting=1, stopped=0)
    keyrings.away = 0
    house.runtime.clock.moment = record_of(house, told.erasure_id).held_until
    assert resume_erasures(runtime).finished == 1
    record = record_of(house, told.erasure_id)
    assert record.state == "DONE" and "keyring_copy" not in record.receipt
    assert verify_erasure(runtime, told.erasure_id, actor="Inès").is_true


DECLARED = GivenUp("b", Fate.DESTROYED, "Shredded; certificate 4711.", datetime.now(UTC))


@pytest.mark.duty("GDPR 17")
def test_art_17_place_given_up_is_told_on_the_receipt_and_never_called_looked_into(house):
    guest, keyrings = house.guest("Grace", house.axis(1)), Keyrings(datetime.now(UTC))
    house.runtime.customer_keys.sealer(guest.id)
    runtime = dataclasses.replace(house.runtime, keyrings=keyrings)
    told = erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    (away,) = verify_erasure(runtime, told.erasure_id, actor="Inès").places
    assert (away.place, away.state) == ("b", "away")

    keyrings.given_up = DECLARED
    resume_erasure(runtime, told.erasure_id)
    record = record_of(house, told.erasure_id)
    (place,) = json.loads(record.receipt)["backup_places_not_rewritten"]
    assert record.state == "DONE" and place["looked_into"] is False
    assert (place["place"], place["fate"]) == ("b", "destroyed")
    assert place["reason"] == DECLARED.reason and "could not be rewritten" in place["in_words"]
    verified = verify_erasure(runtime, told.erasure_id, actor="Inès")
    assert verified.is_true and [one.state for one in verified.places] == ["destroyed"]

    keyrings.away, keyrings.given_up = 0, None
    verified = verify_erasure(runtime, told.erasure_id, actor="Inès")
    assert [one.state for one in verified.places] == ["rewritten"]


def test_place_given_up_before_the_key_was_made_is_no_remark(house):
    guest = house.guest("Grace", house.axis(1))
    keyrings = Keyrings(datetime.now(UTC) - timedelta(days=2))
    keyrings.given_up = DECLARED
    house.runtime.customer_keys.sealer(guest.id)
    runtime = dataclasses.replace(house.runtime, keyrings=keyrings)
    told = erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    assert (
        json.loads(record_of(house, told.erasure_id).receipt)["backup_places_not_rewritten"] == []
    )
    assert verify_erasure(runtime, told.erasure_id, actor="Inès").places == ()


def test_one_that_is_stopped_does_not_keep_the_others(house):
    first, second = house.guest("Grace", house.axis(1)), house.guest("Ada")
    with house.runtime.database.begin() as transaction:
        for guest in (first, second):
            transaction.get_one(Customer, guest.id).status = "ERASING"
    runtime = dataclasses.replace(house.runtime, index=Away(house.runtime.index))
    assert resume_erasures(runtime) == Resumed(finished=1, waiting=0, stopped=1)
    with house.runtime.database.look() as reader:
        left = erasures.latest(reader, limit=5)
        assert [row.customer_id for row in left if row.state == "RUNNING"] == [first.id]
        assert reader.get(Customer, second.id) is None
    resume_erasure(house.runtime, left[0].id)


def test_list_is_followed_to_its_end_and_shows_each_once(house):
    with house.runtime.database.begin() as transaction:
        before = {row.id for row in erasures.latest(transaction, limit=1000)}
        at = house.runtime.clock.now()
        made = [_made(number % 2 == 0, at) for number in range(5)]
        transaction.add_all(made)
    shown, after = [], None
    with house.runtime.database.look() as reader:
        while page := erasures.latest(reader, limit=2, after=after):
            shown += page
            after = erasures.place_of(page[-1])
    assert len(shown) == len({row.id for row in shown}) == len(before) + 5
    assert [row.state for row in shown] == sorted((row.state for row in shown), reverse=True)
    with house.runtime.database.begin() as transaction:
        for row in made:
            transaction.delete(transaction.get_one(ErasureRecord, row.id))


def _made(is_done: bool, at: datetime) -> ErasureRecord:
    """All asked for at the same moment: the id decides."""
    return ErasureRecord(
        id=new_uuid(),
        customer_id=new_uuid(),
        subjects={"customers": [], "templates": []},
        state="DONE" if is_done else "RUNNING",
        requested_by="test",
        requested_at=at,
        receipt="{}" if is_done else None,
    )


def test_asked_twice_it_is_one_erasure(house):
    guest = house.guest("Grace", house.axis(1))
    runtime = dataclasses.replace(house.runtime, index=Away(house.runtime.index))
    for _ in range(2):
        with pytest.raises(IndexUnavailableError):
            erase_customer(runtime, CustomerId(guest.id), actor="Inès")
    erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    with house.runtime.database.look() as reader:
        assert erasures.count(reader, state="DONE") == 1
        assert erasures.count(reader, state="RUNNING") == 0
    with pytest.raises(NotFoundError):
        erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")


def test_merged_files_are_one_erasure(house):
    kept, merged = house.guest("Ada", house.axis(1)), house.guest("Ada L.", house.axis(2))
    merge_customers(house.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")
    told = erase_customer(house.runtime, CustomerId(merged.id), actor="Inès")
    receipt = json.loads(record_of(house, told.erasure_id).receipt)
    assert receipt["customers"] == [str(merged.id), str(kept.id)]


# ── suppression ─────────────────────────────────────────────────────────────────────────────
def test_digests_name_nobody_without_the_key(house):
    guest = ada(house)
    told = erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    with house.runtime.database.look() as reader:
        rows = list(
            reader.scalars(select(Suppression).where(Suppression.erasure_id == told.erasure_id))
        )
    assert {row.kind for row in rows} == {"email", "phone", "reference", "name"}
    assert all(len(row.digest) == 64 for row in rows)


# ── what keeps them out ─────────────────────────────────────────────────────────────────────
HEADINGS = "name;email;phone;card;birth date"


@pytest.mark.parametrize(
    "row",
    [
        "Somebody Else;ADA@marker.example;;;",
        "A. L.;;06 12 34 56 78;;",
        "A. L.;;;card-1815;",
        "ada  marker-LOVELACE;;;;",
    ],
)
@pytest.mark.duty("GDPR 17")
def test_art_17_no_list_brings_an_erased_person_back(house, row):
    erase_customer(house.runtime, CustomerId(ada(house).id), actor="Inès")
    text = f"{HEADINGS}\n{row}\nAda Marker-Lovelace;namesake@example.org;;;\n"

    seen = previewed(house, text)
    assert seen.problems == [{"row": 2, "field": "name", "code": "erased"}]
    done = run(house, seen.id)
    assert (done.created, done.refused) == (1, 1)
    with house.runtime.database.begin() as transaction:
        came = transaction.scalar(select(Customer).where(Customer.email == "namesake@example.org"))
    house.guests.append(came.id)


def test_list_that_waits_is_discarded_when_it_names_them(house):
    guest = ada(house)
    waiting = previewed(house, f"{HEADINGS}\nX;ada@marker.example;;;\n")
    other = previewed(house, f"{HEADINGS}\nX;x@example.org;;;\n")
    erase_customer(house.runtime, CustomerId(guest.id), actor="Inès")
    with house.runtime.database.begin() as transaction:
        assert customer_imports.find(transaction, waiting.id) is None
        assert customer_imports.find(transaction, other.id) is not None
    assert house.runtime.blobs.keys(f"imports/{waiting.id}") == []
    importing.discard_import(house.runtime, other.id, actor="test")


def test_person_who_agrees_anew_is_taken_in_by_hand(house):
    erase_customer(house.runtime, CustomerId(ada(house).id), actor="Inès")
    assert ada(house).email == WHO.email


def test_digests_end(house):
    erase_customer(house.runtime, CustomerId(ada(house).id), actor="Inès")
    house.runtime.clock.moment += SUPPRESSED_FOR + timedelta(days=1)
    expire(house.runtime)
    with house.runtime.database.look() as reader:
        assert list(reader.scalars(select(Suppression))) == []
