"""Accounts of the staff and what they may do."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, text

from vestibule.domain.ids import new_uuid
from vestibule.domain.names import folded
from vestibule.domain.permissions import EVERY_ROLE, Grant, Role
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account, RoleGrant

_OWNER_LOCK = 0x6F776E72
_PEOPLE_LOCK = 0x70656F70


def find(transaction: Transaction, account_id: UUID) -> Account | None:
    return transaction.get(Account, account_id)


def add(
    transaction: Transaction, *, name: str, email: str | None, status: str, now: datetime
) -> Account:
    account = Account(id=new_uuid(), name=name, email=email, status=status, created_at=now)
    transaction.add(account)
    transaction.flush()
    return account


_DEMO_DOMAIN = "@demo.invalid"
"""A domain that cannot exist: RFC 2606."""


def demo_email(name: str) -> str:
    return folded(name).replace(" ", ".") + _DEMO_DOMAIN


def demo_staff(transaction: Transaction) -> list[Account]:
    return list(transaction.scalars(select(Account).where(Account.email.endswith(_DEMO_DOMAIN))))


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


def find_for_change(transaction: Transaction, account_id: UUID) -> Account | None:
    return transaction.scalar(select(Account).where(Account.id == account_id).with_for_update())


def by_email(transaction: Transaction, email: str) -> Account | None:
    return transaction.scalar(select(Account).where(Account.email == email.strip().lower()))


def by_subject(transaction: Transaction, *, issuer: str, subject: str) -> Account | None:
    """Whoever an identity provider knows by that subject."""
    query = select(Account).where(Account.oidc_issuer == issuer, Account.oidc_subject == subject)
    return transaction.scalar(query)


def in_order(transaction: Transaction) -> list[Account]:
    """All of them, by name."""
    return list(transaction.scalars(select(Account).order_by(func.lower(Account.name), Account.id)))


def hold_people(transaction: Transaction) -> None:
    """Changes of roles and of who may sign in happen one after the other from here on."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PEOPLE_LOCK})


def has_admin(transaction: Transaction) -> bool:
    """Whether somebody who may sign in is an administrator of the whole chain."""
    query = select(RoleGrant.id).join(Account, Account.id == RoleGrant.account_id)
    query = query.where(
        RoleGrant.role == Role.ADMIN.value,
        RoleGrant.venue_id.is_(None),
        Account.status == "ACTIVE",
    )
    return transaction.scalar(query.limit(1)) is not None


def count_at(transaction: Transaction, venue_id: UUID) -> int:
    """People who may sign in and have a role at that venue or in the whole chain."""
    query = select(func.count(Account.id.distinct())).join(
        RoleGrant, RoleGrant.account_id == Account.id
    )
    is_there = or_(RoleGrant.venue_id.is_(None), RoleGrant.venue_id == venue_id)
    return transaction.scalar(query.where(is_there, Account.status == "ACTIVE")) or 0


def replace_grants(
    transaction: Transaction,
    account_id: UUID,
    grants: Iterable[Grant],
    *,
    granted_by: str,
    now: datetime,
) -> None:
    """Those that stay keep who granted them and when."""
    wanted, rows = set(grants), grant_rows(transaction, account_id)
    for row in rows:
        if Grant(Role(row.role), row.venue_id) not in wanted:
            transaction.delete(row)
    held = {Grant(Role(row.role), row.venue_id) for row in rows}
    transaction.flush()
    grant_roles(transaction, account_id, wanted - held, granted_by=granted_by, now=now)
    transaction.flush()


def grant_rows(transaction: Transaction, account_id: UUID) -> list[RoleGrant]:
    query = select(RoleGrant).where(RoleGrant.account_id == account_id)
    return list(transaction.scalars(query.order_by(RoleGrant.role, RoleGrant.venue_id)))


def grants_of(transaction: Transaction, account_id: UUID) -> list[Grant]:
    query = select(RoleGrant.role, RoleGrant.venue_id).where(RoleGrant.account_id == account_id)
    return [Grant(Role(role), venue_id) for role, venue_id in transaction.execute(query)]
