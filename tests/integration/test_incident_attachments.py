"""Files of incidents: checked, sealed, removed; and what an erasure takes out of incidents."""

import io
from uuid import uuid4

import pytest
from PIL import Image

from tests.integration.incident_house import House, at_once
from vestibule.domain.errors import (
    AttachmentRefusedError,
    ConflictError,
    DamagedImageError,
    InvalidInputError,
    NotFoundError,
    TooManyAttachmentsError,
)
from vestibule.domain.ids import CustomerId
from vestibule.domain.incidents import Involved, Part
from vestibule.domain.permissions import Role
from vestibule.records import incidents
from vestibule.workflows.attach_to_incident import (
    AT_MOST,
    open_attachment,
    remove_attachment,
)
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.expire import orphans

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def house(stage) -> House:
    return House(stage)


def picture(**options) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(encoded, "JPEG", **options)
    return encoded.getvalue()


# ── attachments ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 5(1)(c)")
def test_picture_is_stored_sealed_and_without_what_the_camera_wrote(house):
    exif = Image.Exif()
    exif[0x010F] = "SpyCam 3000"
    manager = house.staff(Role.MANAGER)
    incident_id = house.report(house.staff(Role.DOOR))

    row = house.attach(incident_id, manager, picture(exif=exif))

    stored = house.runtime.blobs.get(row.object_key)
    shown = open_attachment(house.runtime, incident_id, row.id, by=manager)
    assert not stored.startswith(b"\xff\xd8")
    assert shown.content.startswith(b"\xff\xd8")
    assert b"SpyCam" not in shown.content
    assert "incident.view_attachment" in house.audited(incident_id)


def test_document_comes_back_as_it_was(house):
    door = house.staff(Role.DOOR)
    incident_id = house.report(door)

    row = house.attach(incident_id, door, PDF, "statement.pdf")

    opened = open_attachment(house.runtime, incident_id, row.id, by=door)
    assert (opened.content, opened.media_type) == (PDF, "application/pdf")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04 a zip",
        b"%PDF-1.7 cut short",
        picture()[:200],
    ],
)
def test_what_is_no_picture_and_no_document_leaves_nothing_behind(house, content):
    door = house.staff(Role.DOOR)
    incident_id = house.report(door)
    before = house.runtime.blobs.keys("incidents/")

    with pytest.raises((AttachmentRefusedError, DamagedImageError)):
        house.attach(incident_id, door, content)
    assert house.runtime.blobs.keys("incidents/") == before
    assert house.version(incident_id) == 1


def test_no_more_than_so_many_are_attached_alsoat_once(house):
    door = house.staff(Role.DOOR)
    incident_id, refused = house.report(door), []

    def attach() -> None:
        try:
            house.attach(incident_id, door, PDF)
        except TooManyAttachmentsError:
            refused.append(1)

    at_once([attach] * (AT_MOST + 3))

    assert len(refused) == 3
    assert len(house.look(incident_id, door).attachments) == AT_MOST
    assert not [key for key in orphans(house.runtime) if key.startswith("incidents/")]


def test_removed_attachment_is_gone_and_the_history_says_so(house):
    manager = house.staff(Role.MANAGER)
    incident_id = house.report(house.staff(Role.DOOR))
    row = house.attach(incident_id, manager, PDF, "wrong.pdf")

    remove_attachment(house.runtime, incident_id, row.id, reason="Another guest.", by=manager)

    assert row.object_key not in house.runtime.blobs.keys("incidents/")
    assert house.look(incident_id, manager).revisions[-1].reason == "Another guest."
    with pytest.raises(NotFoundError):
        open_attachment(house.runtime, incident_id, row.id, by=manager)


@pytest.mark.duty("GDPR 5(1)(f)")
def test_art_5_attachment_is_for_whoever_sees_the_incident(house):
    door, other = house.staff(Role.DOOR), house.staff(Role.DOOR)
    incident_id = house.report(door)
    row = house.attach(incident_id, door, PDF)

    with pytest.raises(NotFoundError):
        open_attachment(house.runtime, incident_id, row.id, by=other)
    with pytest.raises(NotFoundError):
        open_attachment(house.runtime, house.report(other), row.id, by=other)


# ── erasure ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 17")
def test_erased_customer_is_in_no_incident_and_in_no_words_of_one(house):
    guest, manager = house.stage.guest("Zoé Lefèvre"), house.staff(Role.MANAGER)
    door = house.staff(Role.DOOR)
    words = "Zoé Lefèvre threw a glass."
    incident_id = house.report(door, Involved(Part.ACTOR, guest.id), account=words)
    row = house.attach(incident_id, door, PDF)
    house.edit(incident_id, door, account=f"{words} Twice.")
    house.edit(incident_id, door, people=[Involved(Part.VICTIM, guest.id)])

    erase_customer(house.runtime, CustomerId(guest.id), actor="test")

    whole = house.look(incident_id, manager)
    assert whole.listed.people == ()
    assert whole.listed.incident.account == ""
    assert whole.attachments == []
    assert row.object_key not in house.runtime.blobs.keys("incidents/")
    history = str([(r.reason, r.changes) for r in whole.revisions])
    assert "Lefèvre" not in history
    assert str(guest.id) not in history


def test_what_concerns_others_stays_when_one_is_erased(house):
    gone, stays = house.stage.guest("Zoé Lefèvre"), house.stage.guest("Ana")
    door, manager = house.staff(Role.DOOR), house.staff(Role.MANAGER)
    people = [Involved(Part.ACTOR, gone.id), Involved(Part.VICTIM, stays.id)]
    incident_id = house.report(door, *people, account="zoé lefèvre pushed Ana.")
    house.attach(incident_id, door, PDF)

    erase_customer(house.runtime, CustomerId(gone.id), actor="test")

    whole = house.look(incident_id, manager)
    assert [one.name for one in whole.listed.people] == ["Ana"]
    assert whole.listed.incident.account == "[…] pushed Ana."
    assert len(whole.attachments) == 1


def test_customer_who_is_gone_cannot_be_named(house):
    door = house.staff(Role.DOOR)
    with pytest.raises(ConflictError):
        house.report(door, Involved(Part.ACTOR, uuid4()))
    guest = house.stage.guest("Zoé")
    with pytest.raises(InvalidInputError):
        house.report(door, Involved(Part.ACTOR, guest.id), Involved(Part.VICTIM, guest.id))


def test_customer_who_is_in_an_incident_twice_after_a_merge_counts_once(house):
    guest, door = house.stage.guest("Zoé"), house.staff(Role.DOOR)
    incident_id = house.report(door)
    with house.runtime.database.begin() as transaction:
        parts = [Involved(Part.WITNESS, guest.id), Involved(Part.ACTOR, guest.id)]
        incidents.set_involved(transaction, incident_id, parts)

    with house.runtime.database.begin() as transaction:
        past = incidents.past_of(transaction, guest.id)
    assert [(one.incident_id, one.part) for one in past] == [(incident_id, Part.ACTOR)]
