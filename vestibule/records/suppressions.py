"""Digests of who was erased, for imports to leave them out."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from vestibule.records.database import Transaction
from vestibule.records.erasure_tables import Suppression


def add(
    transaction: Transaction,
    erasure_id: UUID,
    digests: Iterable[tuple[str, str]],
    *,
    now: datetime,
    ends_at: datetime,
) -> None:
    """``digests`` are kinds and digests; each is kept once an erasure."""
    for kind, digest in sorted(set(digests)):
        transaction.add(
            Suppression(
                erasure_id=erasure_id, kind=kind, digest=digest, made_at=now, ends_at=ends_at
            )
        )
    transaction.flush()


def holding(transaction: Transaction, digests: Iterable[str], *, now: datetime) -> set[str]:
    """Which of these are suppressed now."""
    query = select(Suppression.digest).where(
        Suppression.digest.in_(set(digests)), Suppression.ends_at > now
    )
    return set(transaction.scalars(query))


def of_erasure(transaction: Transaction, erasure_id: UUID) -> list[Suppression]:
    query = select(Suppression).where(Suppression.erasure_id == erasure_id)
    return list(transaction.scalars(query.order_by(Suppression.kind)))


def count(transaction: Transaction, *, now: datetime) -> int:
    return transaction.scalar(select(func.count()).where(Suppression.ends_at > now)) or 0


def remove_ended(transaction: Transaction, *, now: datetime) -> int:
    gone = delete(Suppression).where(Suppression.ends_at <= now).returning(Suppression.id)
    return len(list(transaction.scalars(gone)))
