"""Rows of keys, wrapped: nothing here can open one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.database import Transaction
from vestibule.records.key_tables import CustomerKey

_ROWS = cast(Table, CustomerKey.__table__)


def wrapped(transaction: Transaction, customer_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Of these customers, those who have a key, with it."""
    query = select(CustomerKey.customer_id, CustomerKey.wrapped).where(
        CustomerKey.customer_id.in_(customer_ids), CustomerKey.wrapped.is_not(None)
    )
    return dict(transaction.execute(query).all())  # type: ignore[arg-type]  # no NULL is among them


def add_unless_there(
    transaction: Transaction, wrapped_keys: Mapping[UUID, bytes], *, now: datetime
) -> None:
    """Whoever is first has made the key; where one was destroyed, none is made again."""
    rows = [
        {"customer_id": customer_id, "wrapped": key, "made_at": now}
        for customer_id, key in sorted(wrapped_keys.items())  # one order: nobody waits crosswise
    ]
    if rows:
        transaction.execute(insert(_ROWS).on_conflict_do_nothing(), rows)


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


def first_made_at(transaction: Transaction, customer_ids: Collection[UUID]) -> datetime | None:
    """When the oldest key of these was made, also of one that was destroyed."""
    query = select(func.min(CustomerKey.made_at)).where(CustomerKey.customer_id.in_(customer_ids))
    found: datetime | None = transaction.scalar(query)
    return found


def all_wrapped(transaction: Transaction) -> dict[UUID, bytes]:
    query = select(CustomerKey.customer_id, CustomerKey.wrapped)
    return dict(transaction.execute(query.where(CustomerKey.wrapped.is_not(None))).all())  # type: ignore[arg-type]  # as above


def all_destroyed(transaction: Transaction) -> dict[UUID, datetime]:
    query = select(CustomerKey.customer_id, CustomerKey.destroyed_at)
    return dict(transaction.execute(query.where(CustomerKey.wrapped.is_(None))).all())  # type: ignore[arg-type]  # as above
