"""Guests who have had nothing to do with the chain for so long that their whole file goes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from vestibule.records.announced_end import AnnouncedEnd
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.legal_holds import Held
from vestibule.records.offer_tables import Offer
from vestibule.records.purchase_tables import Purchase
from vestibule.records.retention_tables import FileReminder
from vestibule.records.rights_tables import DataRequest
from vestibule.records.tables import Consent, Customer, Template
from vestibule.records.visit_tables import Visit
from vestibule.records.watchlist_tables import WatchlistAppeal, WatchlistEntry, WatchlistProposal


def last_contact() -> ColumnElement[datetime]:
    """What a guest did or asked, and what was done with them; their first day at the least."""
    moments = [
        select(func.max(column)).where(owner == Customer.id).scalar_subquery()
        for column, owner in (
            (Visit.entered_at, Visit.customer_id),
            (Purchase.occurred_at, Purchase.customer_id),
            (Consent.given_at, Consent.customer_id),
            (Template.created_at, Template.customer_id),
            (Offer.redeemed_at, Offer.customer_id),
            (DataRequest.created_at, DataRequest.customer_id),
            (WatchlistEntry.ends_at, WatchlistEntry.customer_id),
        )
    ]
    happened = (
        select(func.max(Incident.occurred_at))
        .join(IncidentPerson, IncidentPerson.incident_id == Incident.id)
        .where(IncidentPerson.customer_id == Customer.id)
        .scalar_subquery()
    )
    return func.greatest(Customer.created_at, happened, *moments)


def _nothing_waits() -> ColumnElement[bool]:
    """No request, proposal or appeal of theirs that nobody has answered."""
    request = select(DataRequest.id).where(
        DataRequest.customer_id == Customer.id, DataRequest.closed_at.is_(None)
    )
    proposal = select(WatchlistProposal.id).where(
        WatchlistProposal.customer_id == Customer.id, WatchlistProposal.closed_at.is_(None)
    )
    appeal = (
        select(WatchlistAppeal.id)
        .join(WatchlistEntry, WatchlistEntry.id == WatchlistAppeal.entry_id)
        .where(WatchlistEntry.customer_id == Customer.id, WatchlistAppeal.outcome.is_(None))
    )
    return ~or_(request.exists(), proposal.exists(), appeal.exists())


def _in_contact(until: datetime) -> Select[UUID, datetime]:
    contact = last_contact().label("last_at")
    return select(Customer.id.label("id"), contact).where(
        Customer.status == "ACTIVE", Customer.created_at <= until, _nothing_waits()
    )


END = AnnouncedEnd(_in_contact, FileReminder)


def due(
    transaction: Transaction, *, kept_days: int, now: datetime, held: Held, limit: int
) -> list[UUID]:
    query = _due(kept_days, now, held)
    return list(transaction.scalars(query.limit(limit)))


def is_due(
    transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime, held: Held
) -> bool:
    query = _due(kept_days, now, held)
    return transaction.scalar(query.where(query.selected_columns[0] == customer_id)) is not None


def _due(kept_days: int, now: datetime, held: Held) -> Select[Any]:
    rows = END.told_in_time(kept_days=kept_days, now=now).subquery()
    query = select(rows.c.id)
    return query.where(rows.c.id.not_in(held.customers)) if held.customers else query
