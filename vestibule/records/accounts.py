"""Accounts of the staff and what they may do."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from vestibule.domain.ids import new_uuid
from vestibule.domain.permissions import EVERY_ROLE, Grant, Role
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account, RoleGrant

_OWNER_LOCK = 0x6F776E72


def find(transaction: Transaction, account_id: UUID) -> Account | None:
    return transaction.get(Account, account_id)


def add(
    transaction: Transaction, *, name: str, email: str | None, status: str, now: datetime
) -> Account:
    account = Account(id=new_uuid(), name=name, email=email, status=status, created_at=now)
    transaction.add(account)
    transaction.flush()
    return account


def owner(transaction: Transaction, *, now: datetime) -> Account:
    """The account of whoever runs the installation; made at the first call, with every role."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OWNER_LOCK})
    found = transaction.scalar(select(Account).where(Account.is_owner))
    if found is not None:
        return found
    made = Account(
        id=new_uuid(), name="owner", email=None, status="ACTIVE", is_owner=True, created_at=now
    )
    transaction.add(made)
    transaction.flush()
    grant_roles(transaction, made.id, EVERY_ROLE, granted_by="system", now=now)
    return made


def grant_roles(
    transaction: Transaction,
    account_id: UUID,
    grants: Iterable[Grant],
    *,
    granted_by: str,
    now: datetime,
) -> None:
    for grant in grants:
        transaction.add(
            RoleGrant(
                account_id=account_id,
                role=grant.role.value,
                venue_id=grant.venue_id,
                granted_by=granted_by,
                granted_at=now,
            )
        )


def grants_of(transaction: Transaction, account_id: UUID) -> list[Grant]:
    query = select(RoleGrant.role, RoleGrant.venue_id).where(RoleGrant.account_id == account_id)
    return [Grant(Role(role), venue_id) for role, venue_id in transaction.execute(query)]
