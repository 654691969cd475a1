"""Failures to sign in, under hashed keys."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.sign_in_throttle import FORGOTTEN_AFTER, Count, Failures
from vestibule.records.database import Transaction
from vestibule.records.people_tables import SignInAttempts


def hold(
    transaction: Transaction, keys: Mapping[Count, str], *, now: datetime
) -> list[tuple[Count, Failures]]:
    """What is counted under these keys, locked until the transaction ends.

    Whoever tries under the same key waits, so attempts at the same time are counted one by one.
    """
    transaction.execute(
        delete(SignInAttempts).where(SignInAttempts.last_failed_at < now - FORGOTTEN_AFTER)
    )
    rows = [{"key": key, "failures": 0, "last_failed_at": now} for key in sorted(keys.values())]
    transaction.execute(insert(SignInAttempts).values(rows).on_conflict_do_nothing())
    query = select(SignInAttempts).where(SignInAttempts.key.in_(keys.values()))
    query = query.order_by(SignInAttempts.key).with_for_update()
    found = {row.key: row for row in transaction.scalars(query)}
    return [
        (count, Failures(found[key].failures, found[key].last_failed_at))
        for count, key in keys.items()
    ]


def add_failure(transaction: Transaction, keys: Mapping[Count, str], *, now: datetime) -> None:
    transaction.execute(
        update(SignInAttempts)
        .where(SignInAttempts.key.in_(keys.values()))
        .values(failures=SignInAttempts.failures + 1, last_failed_at=now)
    )


def count_held_back(transaction: Transaction, key: str, *, now: datetime) -> int | None:
    """One more came too early under the key that made it wait, whose row is locked.

    How many did, where the audit log was not told since the last failure, else None: however many
    come, the log gets one entry a delay.
    """
    row = transaction.get_one(SignInAttempts, key, populate_existing=True)
    row.held_back += 1
    if row.told_at is not None and row.told_at >= row.last_failed_at:
        return None
    count, row.held_back, row.told_at = row.held_back, 0, now
    return count


def take_back(transaction: Transaction, keys: Mapping[Count, str]) -> None:
    """After a success: one's own count begins anew, the shared ones lose what was put on them."""
    for count, key in sorted(keys.items(), key=lambda item: item[1]):
        row = update(SignInAttempts).where(SignInAttempts.key == key)
        if count in (Count.DEVICE, Count.ACCOUNT_AND_SOURCE):
            transaction.execute(row.values(failures=0))
        else:
            row = row.where(SignInAttempts.failures > 0)
            transaction.execute(row.values(failures=SignInAttempts.failures - 1))
