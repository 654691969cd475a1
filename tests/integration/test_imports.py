"""What an import does: guests with consent, refusals with reasons, names that go again."""

import pytest
from sqlalchemy import select

from tests.integration.generations import open_jobs
from tests.integration.import_places import Place
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, batches, customers
from vestibule.records.audit_tables import AuditEntry
from vestibule.workflows import import_photo
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.expire import FILE_NAMES_KEPT, expire
from vestibule.workflows.record_consent import withdraw_consent
from vestibule.workflows.run_job import run_job


@pytest.fixture(autouse=True)
def nobody_is_waited_for_long(monkeypatch):
    """Photos that other tests left waiting in the same database would hold up every step."""
    monkeypatch.setattr("vestibule.workflows.work_on_chunk.DOOR_PATIENCE_S", 0.05)


def test_guests_are_on_file_with_consent_and_findable(place: Place) -> None:
    place.guest("Zoé_Ünal", 1, photos=2)
    place.guest("M-17", 2)
    batch = place.run()

    assert (batch.state, place.progress(batch)) == ("DONE", batches.Progress(3, 3, 0))
    assert place.faces() == {"Zoé Ünal": 2, "M-17": 1}
    assert len(place.searchable("Zoé_Ünal")) == 2
    with place.runtime.database.begin() as transaction:
        given = customers.active_consent(transaction, place.named("M-17").id)
    assert (given.basis, given.given_by, given.recorded_by) == (
        "explicit-consent",
        "each guest, on paper",
        "test",
    )
    probe = place.stage.photo(place.stage.near(place.stage.axis(2), 0.95, towards=180))
    assert place.stage.who(probe) == [place.named("M-17").id]


def test_second_import_adds_what_is_new_and_nothing_twice(place: Place) -> None:
    place.guest("Ada", 1, photos=2)
    place.run()
    place.guest("Béa", 2)
    batch = place.run()

    assert place.progress(batch) == batches.Progress(3, 3, 0)
    assert place.faces() == {"Ada": 2, "Béa": 1}


def test_every_refused_file_is_named_with_its_reason_and_stops_nobody(place: Place) -> None:
    held_before = place.runtime.blobs.keys("holds/")  # by what ran earlier on the same store
    stranger = place.stage.guest("On file already", place.stage.axis(5))
    place.put("Ada/0.txt", b"no picture at all")
    place.put("Ada/1.png", place.stage.photo())
    place.put("Béa/0.png", place.stage.photo(place.stage.axis(5)))
    place.put("Ced/0.png", b"")
    place.guest("Dan", 3)
    batch = place.run()

    assert batch.state == "DONE"
    assert place.failures(batch) == {
        "Ada/0.txt": "not_an_image",
        "Ada/1.png": "no_face",
        "Béa/0.png": "resembles_other",
        "Ced/0.png": "empty_upload",
    }
    assert place.progress(batch) == batches.Progress(5, 5, 4)
    assert place.faces()["Dan"] == 1 and sum(place.faces().values()) == 1
    assert place.runtime.blobs.keys("holds/") == held_before
    assert stranger.id is not None


def test_names_leave_the_chunks_when_they_are_done_and_failures_after_a_month(
    place: Place,
) -> None:
    place.guest("Ada", 1, photos=2)
    place.put("Béa/0.png", b"nothing")
    batch = place.run()

    assert all(chunk.items == [] for chunk in place.chunks(batch))
    assert list(place.failures(batch)) == ["Béa/0.png"]
    place.runtime.clock.moment += FILE_NAMES_KEPT * 1.01
    expire(place.runtime)
    assert list(place.failures(batch)) == [None]


def test_empty_place_ends_at_once(place: Place) -> None:
    batch = place.run()
    assert (batch.state, place.progress(batch)) == ("DONE", batches.Progress(0, 0, 0))


def test_listing_cuts_chunks_that_are_worked_on_while_it_goes_on(folder: Place) -> None:
    for axis, name in enumerate(("Ada", "Béa", "Ced")):
        folder.guest(name, axis, photos=3)
    batch = folder.request()
    (listing,) = open_jobs(folder.runtime)
    run_job(folder.runtime, listing)

    assert [(c.kind, c.size) for c in folder.chunks(batch)] == [
        ("LIST", 0),
        ("WORK", 3),
        ("WORK", 3),
        ("WORK", 3),
    ]
    assert len(open_jobs(folder.runtime)) == batch.at_once


# ── consent and people ──────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 7(3)")
def test_consent_that_was_taken_back_is_not_given_again(folder: Place) -> None:
    folder.guest("Ada", 1)
    folder.run()
    guest = folder.named("Ada")
    with folder.runtime.database.begin() as transaction:
        given = customers.active_consent(transaction, guest.id)
    withdraw_consent(folder.runtime, guest.id, given.id, actor="test")
    folder.guest("Ada", 1, photos=2)
    batch = folder.run()

    assert folder.failures(batch) == {
        "Ada/0.png": "consent_withdrawn",
        "Ada/1.png": "consent_withdrawn",
    }
    with folder.runtime.database.begin() as transaction:
        assert customers.active_consent(transaction, guest.id) is None
    assert folder.searchable("Ada") == set()


def test_consent_taken_back_while_a_photo_is_looked_at_keeps_it_out(
    folder: Place, monkeypatch
) -> None:
    folder.guest("Ada", 1, photos=2)
    real, calls = import_photo.template_from_source, []

    def withdrawn_meanwhile(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            guest = folder.named("Ada")
            with folder.runtime.database.begin() as transaction:
                given = customers.active_consent(transaction, guest.id)
            withdraw_consent(folder.runtime, guest.id, given.id, actor="test")
        return real(*arguments, **options)

    monkeypatch.setattr(import_photo, "template_from_source", withdrawn_meanwhile)
    batch = folder.run()

    assert folder.failures(batch) == {"Ada/1.png": "consent_withdrawn"}
    assert folder.faces() == {"Ada": 1}
    assert len(folder.runtime.blobs.keys(f"customers/{folder.named('Ada').id}/")) == 1


def test_failures_go_with_the_guest_who_is_erased(folder: Place) -> None:
    folder.guest("Ada", 1)
    folder.put("Ada/1.png", b"no picture")
    batch = folder.run()
    assert list(folder.failures(batch)) == ["Ada/1.png"]

    erase_customer(folder.runtime, CustomerId(folder.named("Ada").id), actor="test")

    assert folder.failures(batch) == {}


def test_each_decision_is_audited_and_the_chain_holds(folder: Place) -> None:
    folder.guest("Ada", 1)
    folder.put("Ada/1.png", folder.stage.photo())
    batch = folder.run()

    with folder.runtime.database.begin() as transaction:
        query = select(AuditEntry).where(AuditEntry.details["batch"].astext == str(batch.id))
        entries = list(transaction.scalars(query.order_by(AuditEntry.number)))
        broken_at = audit.verify(transaction).broken_at
    assert [(e.action, e.details.get("outcome")) for e in entries] == [
        ("consent.give", None),
        ("enrolment.decide", "enrolled"),
        ("enrolment.decide", "rejected"),
    ]
    assert "Ada" not in str([entry.details for entry in entries])
    assert broken_at is None
