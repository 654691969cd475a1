"""Provisions of law on which faces may be compared with those of people on the watchlist."""

from uuid import UUID

from sqlalchemy import select

from vestibule.records.consent_tables import LegalProvision
from vestibule.records.consents import NOW
from vestibule.records.database import Transaction
from vestibule.records.tables import Template
from vestibule.records.watchlist_tables import WatchlistEntry


def add(transaction: Transaction, provision: LegalProvision) -> None:
    transaction.add(provision)
    transaction.flush()


def all_of_them(transaction: Transaction) -> list[LegalProvision]:
    """The latest first."""
    query = select(LegalProvision).order_by(LegalProvision.proposed_at.desc(), LegalProvision.id)
    return list(transaction.scalars(query))


def find_for_change(transaction: Transaction, provision_id: UUID) -> LegalProvision | None:
    query = select(LegalProvision).where(LegalProvision.id == provision_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def templates_on_the_watchlist(transaction: Transaction) -> list[UUID]:
    """Of everybody who is kept out now, whether or not a photo may find them."""
    kept_out = select(WatchlistEntry.customer_id).where(
        WatchlistEntry.starts_at <= NOW,
        WatchlistEntry.ends_at > NOW,
        WatchlistEntry.lifted_at.is_(None),
    )
    query = select(Template.id).where(Template.customer_id.in_(kept_out))
    return list(transaction.scalars(query.order_by(Template.id)))
