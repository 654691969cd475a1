"""Who is calling: one-time links, sessions and API keys."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import NotSignedInError, SignInLinkSpentError
from vestibule.domain.permissions import (
    EVERYTHING,
    Permission,
    Rights,
    rights_in_scopes,
    rights_of,
)
from vestibule.ports import Clock
from vestibule.records import access, accounts, audit
from vestibule.records.database import Database, Transaction
from vestibule.records.tables import AccessToken


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who is known. ``expires_at`` is None for an API key without an end.

    ``account_id`` is None for a key: it is no person, so it decides nothing that people decide.
    """

    actor: str
    expires_at: datetime | None
    account_id: UUID | None
    rights: Rights

    def may(self, permission: Permission, venue_id: UUID | None = None) -> bool:
        """At that venue; without one, at any."""
        return self.rights.may(permission, venue_id)

    def venues(self, permission: Permission) -> frozenset[UUID] | None:
        """Where it holds: None is everywhere, an empty set nowhere."""
        return self.rights.venues(permission)


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


def exchange_link(database: Database, clock: Clock, token: str, *, life: timedelta) -> NewSession:
    """Raises SignInLinkSpentError for a link that is unknown, used or too old."""
    now = clock.now()
    with database.begin() as transaction:
        whose = access.use_link(transaction, token, now=now)
        session = NewSession(secrets.token_urlsafe(32), now + life)
        if whose is not None:
            access.add_token(
                transaction,
                session.access_token,
                kind="session",
                actor=whose.actor,
                account_id=whose.account_id or accounts.owner(transaction, now=now).id,
                now=now,
                expires_at=session.expires_at,
            )
        actor = whose.actor if whose else "unknown"
        action = "session.begin" if whose else "session.refused"
        audit.append(transaction, at=now, actor=actor, action=action, subject="session")
    if whose is None:
        raise SignInLinkSpentError()
    return session


def make_api_key(
    database: Database,
    clock: Clock,
    *,
    name: str,
    expires_at: datetime | None,
    scopes: Sequence[str] | None = None,
) -> str:
    """A token shown once; only its hash is stored. ``scopes`` None is every permission."""
    token, now = f"vst_{secrets.token_urlsafe(32)}", clock.now()
    with database.begin() as transaction:
        access.add_token(
            transaction,
            token,
            kind="api_key",
            actor=name,
            now=now,
            expires_at=expires_at,
            scopes=scopes,
        )
        audit.append(transaction, at=now, actor="system", action="api_key.make", subject=name)
    return token


def authenticate(database: Database, clock: Clock, token: str) -> Principal:
    """Raises NotSignedInError."""
    with database.look() as transaction:
        found = access.find_token(transaction, token, now=clock.now())
        rights = None if found is None else _rights(transaction, found)
    if found is None or rights is None:
        raise NotSignedInError()
    return Principal(
        actor=found.actor,
        expires_at=found.expires_at,
        account_id=found.account_id,
        rights=rights,
    )


def _rights(transaction: Transaction, token: AccessToken) -> Rights | None:
    """None for somebody who may not sign in any more."""
    if token.kind == "api_key":
        return EVERYTHING if token.scopes is None else rights_in_scopes(token.scopes)
    if token.account_id is None:  # a session of the release before, which knew one role
        return EVERYTHING
    account = accounts.find(transaction, token.account_id)
    if account is None or account.status != "ACTIVE":
        return None
    return rights_of(accounts.grants_of(transaction, account.id))


def end_session(database: Database, clock: Clock, token: str, *, actor: str) -> None:
    now = clock.now()
    with database.begin() as transaction:
        access.revoke(transaction, token, now=now)
        audit.append(transaction, at=now, actor=actor, action="session.end", subject="session")
