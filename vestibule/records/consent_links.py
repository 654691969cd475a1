"""One-time links for guests' phones."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select

from vestibule.records.consent_tables import ConsentLink
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent


def add(transaction: Transaction, token: str, link: ConsentLink) -> str:
    """Its id, by which it is asked for but not opened."""
    link.token_sha256 = _digest(token)
    transaction.add(link)
    return link.token_sha256


def find(transaction: Transaction, token: str, *, now: datetime) -> ConsentLink | None:
    """One that still works, locked until the transaction ends: it answers once."""
    query = select(ConsentLink).where(
        ConsentLink.token_sha256 == _digest(token),
        ConsentLink.used_at.is_(None),
        ConsentLink.expires_at > now,
    )
    return transaction.scalar(query.with_for_update())


def find_made(transaction: Transaction, customer_id: UUID, link_id: str) -> ConsentLink | None:
    """One that was made for that customer, spent or not. ``link_id`` opens nothing."""
    query = select(ConsentLink).where(
        ConsentLink.token_sha256 == link_id, ConsentLink.customer_id == customer_id
    )
    return transaction.scalar(query)


def was_answered(transaction: Transaction, link: ConsentLink, customer_id: UUID) -> bool:
    """Whether what the guest said on it stands in their consents already."""
    if link.used_at is None:
        return False
    given = (Consent.method == "phone") & (Consent.given_at >= link.used_at)
    said = given if link.asks == "give" else Consent.withdrawn_at >= link.used_at
    query = select(exists().where(Consent.customer_id == customer_id, said))
    return bool(transaction.scalar(query))


def remove_expired(transaction: Transaction, *, now: datetime) -> int:
    due = delete(ConsentLink).where(ConsentLink.expires_at <= now)
    return len(transaction.scalars(due.returning(ConsentLink.token_sha256)).all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
