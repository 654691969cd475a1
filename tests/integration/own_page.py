"""A customer with something of every kind on file, and their way to their own page."""

import dataclasses
from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from tests.people import headers, sign_in_as
from vestibule.domain.permissions import Role
from vestibule.records import accounts, gallery, venues
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.purchase_tables import Purchase
from vestibule.records.tables import Customer, Template
from vestibule.records.visit_tables import Visit
from vestibule.records.watchlist_tables import WatchlistEntry, WatchlistProposal
from vestibule.wiring import Installation
from vestibule.workflows.record_consent import ConsentGiven, record_consent
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.runtime import Runtime


def a_guest(here: Installation, name: str = "Alex Morel", **profile: object) -> UUID:
    new = dataclasses.replace(NewCustomer(name), **profile)
    return register_customer(here.runtime, new, actor="test").id


def with_consent(here: Installation, customer_id: UUID) -> UUID:
    given = ConsentGiven(basis="explicit-consent", given_by="guest")
    return record_consent(here.runtime, customer_id, given, actor="test").id


def with_face(runtime: Runtime, customer_id: UUID, content: bytes = b"a face") -> UUID:
    template_id = uuid4()
    key = f"customers/{customer_id}/{template_id}.jpg"
    runtime.blobs.put(key, content)
    row = Template(
        id=template_id,
        customer_id=customer_id,
        space_id="somewhere",
        embedding=gallery.to_bytes([0.0, 1.0]),
        crop_key=key,
        source_sha256=template_id.hex * 2,
        quality={},
        created_at=runtime.clock.now(),
    )
    with runtime.database.begin() as transaction:
        transaction.add(row)
    return template_id


def with_history(here: Installation, customer_id: UUID, *, nights_ago: int = 3) -> None:
    """A visit, a purchase, an incident with another guest in it, an entry of the watchlist."""
    now = here.runtime.clock.now() - timedelta(days=nights_ago)
    other = a_guest(here, "Third Person")
    with here.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
        reporter = accounts.add(
            transaction, name="Reporter Name", email=None, status="ACTIVE", now=now
        )
        incident = Incident(
            id=uuid4(),
            venue_id=venue_id,
            kind="violence",
            severity=3,
            occurred_at=now,
            night=now.date(),
            account="Hit Third Person, says Reporter Name.",
            reporter_id=reporter.id,
            created_at=now,
            updated_at=now,
        )
        transaction.add(incident)
        transaction.flush()
        for whose, part in ((customer_id, "actor"), (other, "victim")):
            transaction.add(IncidentPerson(incident_id=incident.id, customer_id=whose, part=part))
        where = {"venue_id": venue_id, "night": now.date(), "customer_id": customer_id}
        transaction.add(Visit(entered_at=now, source="hand", recorded_by="Staff Name", **where))
        transaction.add(
            Purchase(
                till="bar",
                receipt=uuid4().hex,
                line=1,
                occurred_at=now,
                amount_minor=450,
                currency="EUR",
                category="soft",
                alcohol_hundredths=0,
                recorded_by="Staff Name",
                created_at=now,
                **where,
            )
        )


def with_entry(here: Installation, customer_id: UUID) -> UUID:
    now = here.runtime.clock.now()
    with here.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
        proposal = WatchlistProposal(
            id=uuid4(),
            customer_id=customer_id,
            venue_id=venue_id,
            origin="algorithm",
            state="APPROVED",
            policy_number=1,
            points=31_000,
            days=30,
            approvals_needed=1,
            evidence={},
            reason="Third Person was hurt.",
            proposed_by="Staff Name",
            created_at=now,
            expires_at=now + timedelta(days=9),
            closed_at=now,
        )
        transaction.add(proposal)
        transaction.flush()
        entry = WatchlistEntry(
            id=uuid4(),
            customer_id=customer_id,
            venue_id=venue_id,
            proposal_id=proposal.id,
            starts_at=now,
            ends_at=now + timedelta(days=30),
            first_ends_at=now + timedelta(days=30),
            created_at=now,
        )
        transaction.add(entry)
    return entry.id


async def link_of(client: httpx.AsyncClient, here: Installation, customer_id: UUID) -> str:
    """The token of a link that a host made."""
    host = headers(sign_in_as(here.runtime, Role.HOST))
    url = f"/v1/customers/{customer_id}/personal-links"
    made = await client.post(url, json={"identity": "known_in_person"}, headers=host)
    assert made.status_code == 201, made.text
    return made.json()["path"].removeprefix("/me#")


async def at_own_page(client: httpx.AsyncClient, here: Installation, customer_id: UUID) -> dict:
    token = await link_of(client, here, customer_id)
    opened = await client.post("/v1/me/session", json={"token": token, "source": uuid4().hex})
    assert opened.status_code == 201, opened.text
    return headers(opened.json()["access_token"])


def stored(here: Installation, customer_id: UUID) -> Customer:
    with here.runtime.database.look() as transaction:
        return transaction.get_one(Customer, customer_id)
