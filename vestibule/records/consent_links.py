"""One-time links for guests' phones."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, select

from vestibule.records.consent_tables import ConsentLink
from vestibule.records.database import Transaction


def add(transaction: Transaction, token: str, link: ConsentLink) -> None:
    link.token_sha256 = _digest(token)
    transaction.add(link)


def find(transaction: Transaction, token: str, *, now: datetime) -> ConsentLink | None:
    """One that still works, locked until the transaction ends: it answers once."""
    query = select(ConsentLink).where(
        ConsentLink.token_sha256 == _digest(token),
        ConsentLink.used_at.is_(None),
        ConsentLink.expires_at > now,
    )
    return transaction.scalar(query.with_for_update())


def remove_expired(transaction: Transaction, *, now: datetime) -> int:
    due = delete(ConsentLink).where(ConsentLink.expires_at <= now)
    return len(transaction.scalars(due.returning(ConsentLink.token_sha256)).all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
