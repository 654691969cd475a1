"""The keyring as a whole: from when on faces are sealed, what a copy holds, where one lies."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.backup_places import Fate, GivenUp
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.records.database import BEFORE_SEALED_FACES, Transaction
from vestibule.records.key_tables import CustomerKey, KeyringState
from vestibule.records.key_tables import KeyringCopy as KeyringCopyRow
from vestibule.records.tables import Customer

_ONLY = 1
_LOCK = 0x6B657973
_DESTROYED = (
    select(func.count())
    .select_from(CustomerKey)
    .where(CustomerKey.wrapped.is_(None))
    .scalar_subquery()
)
_CONNECTED = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = :name)"
)


def seals_since(transaction: Transaction) -> datetime | None:
    return transaction.scalar(select(KeyringState.seals_since).where(KeyringState.id == _ONLY))


def begin_sealing(transaction: Transaction, *, now: datetime) -> None:
    """From now on, for good. Safe to run twice."""
    begun = insert(KeyringState).values(id=_ONLY, seals_since=now)
    transaction.execute(begun.on_conflict_do_nothing())


def release_before_is_connected(transaction: Transaction) -> bool:
    """Each of its processes holds a connection for as long as it runs."""
    return bool(transaction.scalar(_CONNECTED, {"name": BEFORE_SEALED_FACES}))


def destroy_strays(transaction: Transaction, *, made_before: datetime, now: datetime) -> None:
    is_known = exists().where(Customer.id == CustomerKey.customer_id)
    strays = update(CustomerKey).where(
        CustomerKey.wrapped.is_not(None), CustomerKey.made_at < made_before, ~is_known
    )
    transaction.execute(strays.values(wrapped=None, destroyed_at=now))


def one_at_a_time(transaction: Transaction) -> None:
    """Whoever writes a copy keeps others from it until the transaction ends. Call it first."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def note_copy(transaction: Transaction, place: str, *, now: datetime) -> bool:
    """Of what the transaction saw: a key that is destroyed after it leaves the copy behind.

    Whether the place had been given up, which it is no longer.
    """
    given_up = select(KeyringCopyRow.given_up_at).where(KeyringCopyRow.place == place)
    is_back = transaction.scalar(given_up) is not None
    state = {
        "written_at": now,
        "without": transaction.scalar(select(_DESTROYED)) or 0,
        **dict.fromkeys(("given_up_at", "given_up_by", "fate", "reason")),
    }
    written = insert(KeyringCopyRow).values(place=place, **state)
    transaction.execute(written.on_conflict_do_update(index_elements=["place"], set_=state))
    return is_back


def set_aside(transaction: Transaction, place: str, *, now: datetime) -> None:
    """What was written there is elsewhere or gone: it is known by another name from here on."""
    moved = update(KeyringCopyRow).where(KeyringCopyRow.place == place)
    transaction.execute(moved.values(place=f"{place} (until {now:%Y-%m-%d %H:%M:%S})"))


def forget(transaction: Transaction, place: str) -> None:
    """The same place is known by another name."""
    transaction.execute(delete(KeyringCopyRow).where(KeyringCopyRow.place == place))


def give_up(transaction: Transaction, declared: GivenUp, *, by: str) -> bool:
    """Whether there is such a place. What was declared of it before is replaced."""
    changed = update(KeyringCopyRow).where(KeyringCopyRow.place == declared.place)
    values = {
        "given_up_at": declared.at,
        "given_up_by": by,
        "fate": declared.fate.value,
        "reason": declared.reason,
    }
    place = transaction.scalar(changed.values(**values).returning(KeyringCopyRow.place))
    return place is not None


def copies(transaction: Transaction) -> list[KeyringCopy]:
    behind = KeyringCopyRow.without < _DESTROYED
    rows = transaction.execute(select(KeyringCopyRow, behind).order_by(KeyringCopyRow.place))
    return [
        KeyringCopy(row.place, row.written_at, is_behind, _declared(row)) for row, is_behind in rows
    ]


def _declared(row: KeyringCopyRow) -> GivenUp | None:
    if row.given_up_at is None or row.fate is None:
        return None
    return GivenUp(row.place, Fate(row.fate), row.reason or "", row.given_up_at)


def begin_erasing(transaction: Transaction, customer_ids: Collection[UUID]) -> list[UUID]:
    """Of these, those who are on file: nothing shows them any more, and the start erases them."""
    found = (
        update(Customer)
        .where(Customer.id.in_(customer_ids))
        .values(status="ERASING")
        .returning(Customer.id)
    )
    return list(transaction.scalars(found))


def on_file(transaction: Transaction) -> set[UUID]:
    """Every customer, in whatever state."""
    return set(transaction.scalars(select(Customer.id)))
