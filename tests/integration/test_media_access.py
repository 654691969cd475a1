"""Pictures and files: another venue's staff, a signed-out browser and an ended link get nothing.

Held against every route of the table in media.py, which test_media_routes keeps whole.
"""

import dataclasses
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from PIL import Image

from services.web.handed_out import LIFE_S, HandedOutLinks
from services.web.sessions import CookieSealer, WebSession
from tests.integration.media import CHAIN_ONLY, MEDIA
from tests.people import headers, link_for, sign_in_as
from vestibule.domain.faces import DetectedFace
from vestibule.domain.incidents import IncidentKind
from vestibule.domain.permissions import Grant, Role, rights_of
from vestibule.records import accounts
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.tables import (
    Consent,
    Enrolment,
    EnrolmentHold,
    Face,
    Job,
    Photo,
    Template,
    Venue,
)
from vestibule.workflows.attach_to_incident import attach_to_incident
from vestibule.workflows.hold_faces import as_frame, seal_pixels
from vestibule.workflows.load_demo import thumbnail_key
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.report_incident import NewIncident, report_incident
from vestibule.workflows.sign_in import Principal

pytestmark = pytest.mark.anyio


# ── a picture and a file of each kind, at one venue ─────────────────────────────────────────
def jpeg(brightness: int) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(np.full((160, 160, 3), brightness, np.uint8)).save(encoded, "JPEG")
    return encoded.getvalue()


@pytest.fixture(scope="module")
def quay(here) -> UUID:
    return opened(here, "Quay of pictures")


@pytest.fixture(scope="module")
def elsewhere(here) -> UUID:
    return opened(here, "Elsewhere")


def opened(here, name: str) -> UUID:
    """A venue's id."""
    with here.runtime.database.begin() as transaction:
        venue = Venue(
            name=name,
            timezone="Europe/Paris",
            closes_at_hour=8,
            created_at=here.runtime.clock.now(),
        )
        transaction.add(venue)
        transaction.flush()
        return venue.id


@pytest.fixture(scope="module")
def things(here, quay) -> dict[str, str]:
    """The id of each thing at the venue, by the name of its parameter."""
    runtime, now = here.runtime, here.runtime.clock.now()
    customer = register_customer(runtime, NewCustomer("Ada Quai", venue_id=quay), actor="test")
    photo, face, template, enrolment = uuid4(), uuid4(), uuid4(), uuid4()
    key = f"customers/{customer.id}/{template}.jpg"
    for name in (f"photos/{photo}/image.jpg", f"photos/{photo}/{face}.jpg", key):
        runtime.blobs.put(name, jpeg(90))
    runtime.blobs.put(thumbnail_key("s0"), jpeg(120))
    box = (40.0, 40.0, 120.0, 120.0)
    points = np.array([(60, 70), (100, 70), (80, 90), (65, 105), (95, 105)], np.float32)
    held = f"enrolments/{enrolment}/region"
    sealed = seal_pixels(runtime, held, np.full((160, 160, 3), 70, np.uint8))
    job = {
        "state": "DONE",
        "queue": "identify",
        "created_at": now,
        "sent_at": now,
        "finished_at": now,
    }
    with runtime.database.begin() as transaction:
        jobs = [
            Job(kind=kind, subject_id=one, **job)
            for kind, one in (("IDENTIFY", photo), ("ENROL", enrolment))
        ]
        transaction.add_all(jobs)
        transaction.add(
            Consent(
                customer_id=customer.id,
                venue_id=quay,
                purpose="recognition",
                basis="explicit-consent",
                notice_version="2026-11",
                given_by="test",
                recorded_by="test",
                given_at=now,
            )
        )
        transaction.flush()
        transaction.add(
            Photo(
                id=photo,
                venue_id=quay,
                job_id=jobs[0].id,
                sha256="0" * 64,
                upload_key=None,
                image_key=f"photos/{photo}/image.jpg",
                width_px=160,
                height_px=160,
                uploaded_by="test",
                created_at=now,
                expires_at=now + timedelta(days=2),
            )
        )
        transaction.add(
            Template(
                id=template,
                customer_id=customer.id,
                space_id=runtime.engine.space.id,
                embedding=np.ones(runtime.engine.space.dimension, np.float32).tobytes(),
                crop_key=key,
                source_sha256=template.hex * 2,
                quality={},
                created_at=now,
            )
        )
        transaction.flush()
        transaction.add(
            Face(
                id=face,
                photo_id=photo,
                number=1,
                box_x1_px=40,
                box_y1_px=40,
                box_x2_px=120,
                box_y2_px=120,
                detection_score=0.9,
                decision="MATCH",
                score=0.8,
                threshold=0.5,
                review_threshold=0.4,
                space_id=runtime.engine.space.id,
                customer_id=customer.id,
                template_id=template,
                crop_key=f"photos/{photo}/{face}.jpg",
            )
        )
        transaction.add(
            Enrolment(
                id=enrolment,
                customer_id=customer.id,
                job_id=jobs[1].id,
                upload_key=None,
                source_sha256="1" * 64,
                living_person_seen=True,
                outcome="rejected",
                reason="blurred",
                checks={},
                requested_by="test",
                created_at=now,
            )
        )
        transaction.flush()
        frame = {
            "width_px": 160,
            "height_px": 160,
            "faces": [as_frame(DetectedFace(box, points, 0.9))],
        }
        transaction.add(
            EnrolmentHold(
                enrolment_id=enrolment,
                region_key=held,
                sealing_key=sealed,
                frame=frame,
                expires_at=now + timedelta(hours=1),
            )
        )
        proof = ConsentProof(
            customer_id=customer.id,
            kind="given",
            method="phone",
            language="fr",
            typed_name="Ada Quai",
            recorded_by="test",
            recorded_at=now,
        )
        transaction.add(proof)
        transaction.flush()
        signed = proof.id
    incident, attachment = an_attachment(here, quay)
    ids = {"photo_id": photo, "face_id": face, "enrolment_id": enrolment,
           "customer_id": customer.id, "guest_id": customer.id, "proof_id": signed,
           "template_id": template, "incident_id": incident,
           "attachment_id": attachment}  # fmt: skip
    return {"sample_id": "s0", "ending": "csv", **{name: str(one) for name, one in ids.items()}}


def an_attachment(here, quay: UUID) -> tuple[UUID, UUID]:
    runtime, now = here.runtime, here.runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = accounts.add(transaction, name="M", email=None, status="ACTIVE", now=now)
    by = Principal("M", None, account.id, rights_of([Grant(Role.MANAGER, quay)]), quay)
    new = NewIncident(
        id=uuid4(), kind=IncidentKind.VIOLENCE, severity=2, account="Pushed.", people=()
    )
    incident_id = report_incident(runtime, new, by=by)
    attached = attach_to_incident(runtime, incident_id, jpeg(60), name="stairs", by=by)
    return incident_id, attached.id


def filled(path: str, things: dict[str, str], api_path: str) -> str:
    first = re.findall(r"\{(\w+)\}", api_path)
    return re.sub(
        r"\{(\w+)\}", lambda found: things[first[0] if found[1] == "id" else found[1]], path
    )


ids = [one.api for one in MEDIA]


@pytest.mark.parametrize("one", MEDIA, ids=ids)
@pytest.mark.duty("GDPR 5(1)(f)")
async def test_art_5_api_gives_it_to_its_venue_and_to_nobody_else(
    client, here, quay, elsewhere, things, one
):
    path = filled(one.api, things, one.api)
    everywhere = headers(sign_in_as(here.runtime, one.role))
    assert (await client.get(path, headers=everywhere)).status_code == 200
    assert (await client.get(path)).status_code == 401
    ended = headers("no-session-of-anybody")
    assert (await client.get(path, headers=ended)).status_code == 401

    there = headers(sign_in_as(here.runtime, Grant(one.role, quay)))
    stranger = headers(sign_in_as(here.runtime, Grant(one.role, elsewhere)))
    at_home, refused = [await client.get(path, headers=who) for who in (there, stranger)]
    if one.api in CHAIN_ONLY:
        assert {at_home.status_code, refused.status_code} == {403}
        return
    assert at_home.status_code == 200
    assert "no-store" in at_home.headers["cache-control"]
    if one.api == "/v1/customer-export":
        assert "Ada Quai" in at_home.text
        assert refused.status_code == 200 and "Ada Quai" not in refused.text
    elif one.of_a_venue:
        assert refused.status_code in (403, 404)
        assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("one", MEDIA, ids=ids)
@pytest.mark.duty("GDPR 5(1)(f)")
async def test_art_5_page_gives_it_by_a_link_of_the_session_and_by_no_other(web, here, things, one):
    path = filled(one.page, things, one.api)
    links = HandedOutLinks(b"k" * 32)
    signed_out = await web.get(path)
    assert signed_out.status_code == 303
    assert signed_out.headers["location"].startswith("/sign-in")

    session = await browsing(web, here, one.role)
    now = datetime.now(UTC)
    given = await web.get(links.signed(path, session, now=now))
    assert given.status_code == 200, given.text
    assert "no-store" in given.headers["cache-control"]
    assert given.headers["referrer-policy"] == "same-origin"

    other_session = dataclasses.replace(session, access_token="somebody else's")
    for url in (
        path,
        f"{path}?pass=",
        f"{path}?pass={10**10}.{'A' * 22}",
        links.signed(path, session, now=now - timedelta(seconds=2 * LIFE_S)),
        links.signed(path, other_session, now=now),
        f"{path}?{links.signed('/guests/1/portrait', session, now=now).partition('?')[2]}",
        HandedOutLinks(b"x" * 32).signed(path, session, now=now),
    ):
        refused = await web.get(url)
        assert refused.status_code == 404, url
        assert "text/html" in refused.headers["content-type"]
        assert "Ada Quai" not in refused.text


async def browsing(web, here, role: Role) -> WebSession:
    """Signed in; the session is read from the browser's own cookie."""
    await web.get(f"/sign-in/{link_for(here.runtime, role)}")
    opened = CookieSealer(b"k" * 32).open(web.cookies["vestibule"])
    assert isinstance(opened, dict)
    return WebSession(opened["token"], datetime.fromisoformat(opened["expires_at"]))


async def test_ended_session_opens_nothing_with_a_link_that_still_holds(web, client, here, things):
    session = await browsing(web, here, Role.HOST)
    path = f"/guests/{things['customer_id']}/portrait"
    link = HandedOutLinks(b"k" * 32).signed(path, session, now=datetime.now(UTC))
    assert (await web.get(link)).status_code == 200
    await client.delete("/v1/session", headers=headers(session.access_token))
    assert (await web.get(link)).status_code == 303
