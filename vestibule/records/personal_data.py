"""All that is on record of one person, over every file that was made one with theirs.

A table that comes to name customers belongs here too: a test compares with
``customer_references``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from vestibule.records import legal_holds, merges, personal_ends, retention_policies
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.offer_tables import Offer, OfferRound
from vestibule.records.personal_ends import End
from vestibule.records.purchase_tables import Purchase
from vestibule.records.rights_tables import DataRequest, DataRequestStep
from vestibule.records.tables import Consent, Customer, Face, Photo, Template, Venue
from vestibule.records.visit_tables import Visit
from vestibule.records.watchlist_tables import (
    WatchlistAppeal,
    WatchlistEntry,
    WatchlistProposal,
)

MOST_LOOKS = 500


@dataclass(frozen=True, slots=True)
class Held:
    """Rows as they are; ``files`` begins with the one that stands for all."""

    files: Sequence[Customer]
    venues: dict[UUID, str]
    consents: Sequence[Consent]
    templates: Sequence[Template]
    sightings: Sequence[tuple[Face, Photo]]
    visits: Sequence[Visit]
    purchases: Sequence[Purchase]
    offers: Sequence[tuple[Offer, str | None]]
    """With the segment for which it was made, if it was."""
    incidents: Sequence[tuple[Incident, str]]
    """With their part in it."""
    proposals: Sequence[WatchlistProposal]
    entries: Sequence[WatchlistEntry]
    appeals: Sequence[WatchlistAppeal]
    requests: Sequence[DataRequest]
    steps: Sequence[DataRequestStep]
    looks: Sequence[tuple[datetime, str]]
    """When something was done with their data and what, the latest first; not by whom."""
    ends: Sequence[End]
    """When what is held goes."""
    kept_back_until: datetime | None
    """Whatever the clocks say: somebody may need a part of it for a claim."""


COVERED = frozenset(
    {
        "consent",
        "data_request",
        "data_request_step",
        "face",
        "incident_person",
        "offer",
        "purchase",
        "template",
        "visit",
        "watchlist_entry",
        "watchlist_proposal",
    }
)
"""Tables that name customers and are told here, with what hangs on them."""


def collect(transaction: Transaction, customer_id: UUID, *, now: datetime) -> Held:
    """Of an ACTIVE customer."""
    ids = [customer_id, *merges.merged_into(transaction, customer_id)]

    def rows(table: type[Any], *order: Any) -> list[Any]:
        query = select(table).where(table.customer_id.in_(ids)).order_by(*order, table.id)
        return list(transaction.scalars(query))

    files = transaction.scalars(select(Customer).where(Customer.id.in_(ids)))
    days = retention_policies.in_force(transaction).policy.days
    entries = rows(WatchlistEntry, WatchlistEntry.starts_at.desc())
    requests = rows(DataRequest, DataRequest.created_at.desc())
    return Held(
        files=sorted(files, key=lambda one: ids.index(one.id)),
        venues=dict(transaction.execute(select(Venue.id, Venue.name)).all()),
        consents=rows(Consent, Consent.given_at.desc()),
        templates=rows(Template, Template.created_at.desc()),
        sightings=_sightings(transaction, ids),
        visits=rows(Visit, Visit.entered_at.desc()),
        purchases=rows(Purchase, Purchase.occurred_at.desc()),
        offers=_offers(transaction, ids),
        incidents=_incidents(transaction, ids),
        proposals=rows(WatchlistProposal, WatchlistProposal.created_at.desc()),
        entries=entries,
        appeals=_appeals(transaction, [entry.id for entry in entries]),
        requests=requests,
        steps=_steps(transaction, [one.id for one in requests]),
        looks=_looks(transaction, ids),
        ends=personal_ends.ends_of(transaction, ids, days=days, now=now),
        kept_back_until=legal_holds.ends_of(transaction, ids, now=now),
    )


def picture_key(transaction: Transaction, customer_id: UUID, picture_id: UUID) -> str | None:
    """Where the picture of one of their faces lies; None for anything that is not theirs."""
    ids = [customer_id, *merges.merged_into(transaction, customer_id)]
    template = transaction.get(Template, picture_id)
    if template is not None:
        return template.crop_key if template.customer_id in ids else None
    face = transaction.get(Face, picture_id)
    if face is None or face.customer_id not in ids or face.answer == "not_them":
        return None
    return face.crop_key


def _sightings(transaction: Transaction, ids: list[UUID]) -> list[tuple[Face, Photo]]:
    query = select(Face, Photo).join(Photo, Photo.id == Face.photo_id)
    query = query.where(
        Face.customer_id.in_(ids), or_(Face.answer.is_(None), Face.answer != "not_them")
    )
    rows = transaction.execute(query.order_by(Photo.created_at.desc(), Face.id))
    return [(face, photo) for face, photo in rows]


def _incidents(transaction: Transaction, ids: list[UUID]) -> list[tuple[Incident, str]]:
    query = (
        select(Incident, func.min(IncidentPerson.part))
        .join(IncidentPerson, IncidentPerson.incident_id == Incident.id)
        .where(IncidentPerson.customer_id.in_(ids))
        .group_by(Incident.id)
    )
    rows = transaction.execute(query.order_by(Incident.occurred_at.desc(), Incident.id))
    return [(incident, part) for incident, part in rows]


def _offers(transaction: Transaction, ids: list[UUID]) -> list[tuple[Offer, str | None]]:
    query = select(Offer, OfferRound.segment).outerjoin(OfferRound)
    query = query.where(Offer.customer_id.in_(ids)).order_by(Offer.made_at.desc(), Offer.id)
    return [(offer, segment) for offer, segment in transaction.execute(query)]


def _appeals(transaction: Transaction, entry_ids: list[UUID]) -> list[WatchlistAppeal]:
    query = select(WatchlistAppeal).where(WatchlistAppeal.entry_id.in_(entry_ids))
    return list(transaction.scalars(query.order_by(WatchlistAppeal.recorded_at)))


def _steps(transaction: Transaction, request_ids: list[UUID]) -> list[DataRequestStep]:
    query = select(DataRequestStep).where(DataRequestStep.request_id.in_(request_ids))
    return list(transaction.scalars(query.order_by(DataRequestStep.number)))


def _looks(transaction: Transaction, ids: list[UUID]) -> list[tuple[datetime, str]]:
    named = [
        one
        for customer_id in map(str, ids)
        for one in (
            AuditEntry.subject == f"customer:{customer_id}",
            AuditEntry.details.contains({"customer": customer_id}),
            AuditEntry.details.contains({"customers": [customer_id]}),
        )
    ]
    query = select(AuditEntry.at, AuditEntry.action).where(or_(*named))
    rows = transaction.execute(query.order_by(AuditEntry.number.desc()).limit(MOST_LOOKS))
    return [(at, action) for at, action in rows]
