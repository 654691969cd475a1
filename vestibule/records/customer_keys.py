"""Rows of keys, wrapped: nothing here can open one."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.database import Transaction
from vestibule.records.key_tables import CustomerKey


def wrapped(transaction: Transaction, customer_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Of these customers, those who have a key, with it."""
    query = select(CustomerKey.customer_id, CustomerKey.wrapped).where(
        CustomerKey.customer_id.in_(customer_ids), CustomerKey.wrapped.is_not(None)
    )
    return dict(transaction.execute(query).all())  # type: ignore[arg-type]  # no NULL is among them


def add_unless_there(
    transaction: Transaction, customer_id: UUID, wrapped_key: bytes, *, now: datetime
) -> None:
    """Whoever is first has made the key; where one was destroyed, none is made again."""
    made = insert(CustomerKey).values(customer_id=customer_id, wrapped=wrapped_key, made_at=now)
    transaction.execute(made.on_conflict_do_nothing())


def destroy(transaction: Transaction, customer_id: UUID, *, now: datetime) -> bool:
    """Whether there was one. Safe to run twice; also where there never was a key."""
    nothing = insert(CustomerKey).values(customer_id=customer_id, made_at=now, destroyed_at=now)
    made = transaction.scalar(
        nothing.on_conflict_do_nothing().returning(CustomerKey.customer_id),
    )
    if made is not None:
        return False
    gone = (
        update(CustomerKey)
        .where(CustomerKey.customer_id == customer_id, CustomerKey.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=now)
        .returning(CustomerKey.customer_id)
    )
    return transaction.scalar(gone) is not None
