"""Guests who have had nothing to do with the chain for so long that their whole file goes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.retention import NOTICE
from vestibule.records.database import Transaction
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.legal_holds import Held
from vestibule.records.offer_tables import Offer
from vestibule.records.purchase_tables import Purchase
from vestibule.records.retention import Outlook, counted
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


def _idle(until: datetime) -> Select[Any]:
    """Files without a contact since; an announcement counts if it came after the last one."""
    contact = last_contact().label("contact_at")
    inner = (
        select(Customer.id.label("id"), contact)
        .where(Customer.status == "ACTIVE", Customer.created_at <= until, _nothing_waits())
        .subquery()
    )
    return (
        select(inner.c.id, inner.c.contact_at, FileReminder.made_at)
        .outerjoin(
            FileReminder,
            and_(
                FileReminder.customer_id == inner.c.id, FileReminder.made_at >= inner.c.contact_at
            ),
        )
        .where(inner.c.contact_at <= until)
    )


def to_announce(
    transaction: Transaction, *, kept_days: int, now: datetime, limit: int
) -> list[UUID]:
    """Which would go within ``NOTICE``, and nobody was told yet."""
    query = _idle(now - timedelta(days=kept_days) + NOTICE).where(FileReminder.made_at.is_(None))
    return [row[0] for row in transaction.execute(query.limit(limit))]


def announce(transaction: Transaction, customer_ids: list[UUID], *, now: datetime) -> None:
    row = insert(FileReminder).values(
        [{"customer_id": one, "made_at": now} for one in customer_ids]
    )
    transaction.execute(
        row.on_conflict_do_update(
            index_elements=["customer_id"], set_={"made_at": row.excluded.made_at}
        )
    )


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
    idle = _idle(now - timedelta(days=kept_days)).where(FileReminder.made_at <= now - NOTICE)
    rows = idle.subquery()
    query = select(rows.c.id)
    return query.where(rows.c.id.not_in(held.customers)) if held.customers else query


def goes_at_of(
    transaction: Transaction, customer_id: UUID, *, kept_days: int, now: datetime
) -> datetime | None:
    """When this guest's file goes, where that is announced; None before."""
    announced = _idle(now).where(FileReminder.made_at.is_not(None)).subquery()
    goes = select(_goes_at(announced, kept_days, now)).where(announced.c.id == customer_id)
    found: datetime | None = transaction.scalar(goes)
    return found


def announced(
    transaction: Transaction, *, kept_days: int, now: datetime, limit: int
) -> list[tuple[UUID, str, datetime]]:
    """Guests whose file goes, with name and day; the first to go first."""
    idle = _idle(now).where(FileReminder.made_at.is_not(None)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    query = select(idle.c.id, Customer.name, goes_at).join(Customer, Customer.id == idle.c.id)
    query = query.order_by(goes_at, idle.c.id).limit(limit)
    return [(row[0], row[1], row[2]) for row in transaction.execute(query)]


def _goes_at(idle: Any, kept_days: int, now: datetime) -> ColumnElement[datetime]:
    made_at = func.coalesce(idle.c.made_at, now)
    return func.greatest(idle.c.contact_at + timedelta(days=kept_days), made_at + NOTICE)


def outlook(
    transaction: Transaction,
    *,
    kept_days: int,
    now: datetime,
    until: datetime,
    timezone: str,
    held: Held,
) -> Outlook:
    idle = _idle(until - timedelta(days=kept_days)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    is_held = idle.c.id.in_(held.customers) if held.customers else false()
    rows = select(goes_at.label("goes_at"), is_held.label("held")).where(goes_at <= until)
    return counted(transaction, rows, now=now, timezone=timezone)


def overdue_since(
    transaction: Transaction, *, kept_days: int, now: datetime, held: Held
) -> datetime | None:
    idle = _idle(now - timedelta(days=kept_days)).subquery()
    goes_at = _goes_at(idle, kept_days, now)
    query = select(func.min(goes_at)).where(goes_at <= now)
    if held.customers:
        query = query.where(idle.c.id.not_in(held.customers))
    found: datetime | None = transaction.scalar(query)
    return found
