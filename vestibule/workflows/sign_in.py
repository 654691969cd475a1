"""In by a one-time link, out again; keys for programs."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vestibule.domain.errors import SignInLinkSpentError
from vestibule.domain.permissions import Grant, Role
from vestibule.ports import Clock
from vestibule.records import access, accounts, audit
from vestibule.records.database import Database, Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.principal import Principal, authenticate

__all__ = ["Principal", "authenticate"]


@dataclass(frozen=True, slots=True)
class NewSession:
    access_token: str
    expires_at: datetime


def make_sign_in_link(database: Database, clock: Clock, *, actor: str, life: timedelta) -> str:
    """A token of 256 random bits that can be exchanged once."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with database.begin() as transaction:
        access.add_link(transaction, token, actor=actor, now=now, expires_at=now + life)
        audit.append(transaction, at=now, actor="system", action="link.make", subject=actor)
    return token


def restore_owner(database: Database, clock: Clock, *, actor: str) -> None:
    """Whoever holds the machine gets in: the owner may sign in and manage people again."""
    now, admin = clock.now(), Grant(Role.ADMIN)
    with database.begin() as transaction:
        account = accounts.owner(transaction, now=now)
        held = accounts.grants_of(transaction, account.id)
        if account.status == "ACTIVE" and admin in held:
            return
        account.status = "ACTIVE"
        if admin not in held:
            accounts.grant_roles(transaction, account.id, [admin], granted_by=actor, now=now)
        transaction.flush()
        subject = f"account:{account.id}"
        audit.append(transaction, at=now, actor=actor, action="account.restore", subject=subject)


def exchange_link(
    database: Database, clock: Clock, token: str, *, life: timedelta, device: str | None = None
) -> NewSession:
    """Raises SignInLinkSpentError for a link that is unknown, used or too old."""
    now = clock.now()
    with database.begin() as transaction:
        whose = access.use_link(transaction, token, now=now)
        account = None
        if whose is not None:
            account = (
                accounts.find(transaction, whose.account_id)
                if whose.account_id
                else accounts.owner(transaction, now=now)
            )
        begun = None
        if whose is not None and account is not None and account.status == "ACTIVE":
            origin = access.Origin(signed_in_by="link", device=device)
            begun = begin_session(
                transaction, account, actor=whose.actor, now=now, life=life, origin=origin
            )
        audit.append(
            transaction,
            at=now,
            actor=whose.actor if whose else "unknown",
            action="session.begin" if begun else "session.refused",
            subject="session",
            by="link",
        )
    if begun is None:
        raise SignInLinkSpentError()
    return begun


def begin_session(
    transaction: Transaction,
    account: Account,
    *,
    actor: str,
    now: datetime,
    life: timedelta,
    origin: access.Origin,
) -> NewSession:
    """The row alone: whoever signs somebody in writes the audit entry."""
    session = NewSession(secrets.token_urlsafe(32), now + life)
    access.add_session(
        transaction,
        session.access_token,
        actor=actor,
        account_id=account.id,
        now=now,
        expires_at=session.expires_at,
        origin=origin,
    )
    return session


def make_api_key(
    database: Database,
    clock: Clock,
    *,
    name: str,
    expires_at: datetime | None,
    scopes: Sequence[str] | None = None,
    made_by: Principal | None = None,
) -> str:
    """A token shown once; only its hash is stored. ``scopes`` None is every permission.

    ``made_by`` None is the machine itself, as at its start.
    """
    token, now = f"vst_{secrets.token_urlsafe(32)}", clock.now()
    with database.begin() as transaction:
        access.add_key(
            transaction,
            token,
            name=name,
            now=now,
            expires_at=expires_at,
            scopes=scopes,
            made_by=made_by.account_id if made_by else None,
        )
        audit.append(
            transaction,
            at=now,
            actor=made_by.actor if made_by else "system",
            action="api_key.make",
            subject=name,
            scopes=None if scopes is None else sorted(scopes),
        )
    return token


def end_session(database: Database, clock: Clock, token: str, *, actor: str) -> None:
    now = clock.now()
    with database.begin() as transaction:
        access.revoke(transaction, token, now=now)
        audit.append(transaction, at=now, actor=actor, action="session.end", subject="session")
