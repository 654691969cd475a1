"""Whose data may be used for what, beside recognition and offers: said once, in the query."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from vestibule.domain.jurisdiction import Purpose
from vestibule.records.audit_tables import AuditEntry
from vestibule.records.consents import agrees_to
from vestibule.records.database import Transaction
from vestibule.records.tables import AccessToken, Customer


def is_usable() -> ColumnElement[bool]:
    """Of rows of ``customer``: there, and not only kept."""
    return (Customer.status == "ACTIVE") & Customer.restricted_at.is_(None)


def counts_in_statistics(venue_id: UUID | None = None) -> ColumnElement[bool]:
    """Of rows of ``customer``: agreed to statistics, and did not object since.

    For figures that are worked out from people by name. How many are inside is none: that is
    counted for safety.
    """
    return and_(
        is_usable(),
        Customer.objects_to_statistics_at.is_(None),
        agrees_to(Purpose.STATISTICS.value, venue_id=venue_id),
    )


def may_be_segmented() -> ColumnElement[bool]:
    """Of rows of ``customer``: who objects to statistics or to offers is in no segment at all."""
    return and_(
        is_usable(),
        Customer.objects_to_statistics_at.is_(None),
        Customer.objects_to_offers_at.is_(None),
    )


def keys_that_read(transaction: Transaction, customer_id: UUID) -> list[tuple[datetime, str]]:
    """When programs were last given something of this customer, by the name of their key."""
    one = str(customer_id)
    named = or_(
        AuditEntry.subject == f"customer:{one}",
        AuditEntry.details.contains({"customer": one}),
        AuditEntry.details.contains({"customers": [one]}),
    )
    keys = select(AccessToken.actor).where(AccessToken.kind == "api_key")
    query = select(func.max(AuditEntry.at), AuditEntry.actor).where(
        named, AuditEntry.actor.in_(keys)
    )
    rows = transaction.execute(query.group_by(AuditEntry.actor).order_by(AuditEntry.actor))
    return [(at, actor) for at, actor in rows]


def exports_since(transaction: Transaction, moment: datetime) -> list[tuple[datetime, str]]:
    """When lists of customers were handed out and by whom: those people were sent the data."""
    query = select(AuditEntry.at, AuditEntry.actor).where(
        AuditEntry.action == "customers.export", AuditEntry.at >= moment
    )
    rows = transaction.execute(query.order_by(AuditEntry.number))
    return [(at, actor) for at, actor in rows]
