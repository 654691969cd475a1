"""Who is calling: one-time links, sessions and API keys."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ForbiddenError, NotSignedInError, SignInLinkSpentError
from vestibule.domain.permissions import (
    EVERY_ROLE,
    EVERYTHING,
    Grant,
    Permission,
    Rights,
    rights_in_scopes,
    rights_of,
)
from vestibule.ports import Clock
from vestibule.records import access, accounts, audit, venues
from vestibule.records.database import Database, Transaction
from vestibule.records.tables import AccessToken


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who is known. ``expires_at`` is None for an API key without an end.

    ``account_id`` is None for a key: it is no person, so it decides nothing that people decide.
    ``venue_id`` is where they are: photos and visits of theirs take place there.
    """

    actor: str
    expires_at: datetime | None
    account_id: UUID | None
    rights: Rights
    venue_id: UUID
    grants: tuple[Grant, ...] = ()

    def may(self, permission: Permission, venue_id: UUID | None = None) -> bool:
        """At that venue; without one, at any."""
        return self.rights.may(permission, venue_id)

    def require(self, permission: Permission, venue_id: UUID) -> None:
        """Raises ForbiddenError unless they may at that venue."""
        if not self.may(permission, venue_id):
            raise ForbiddenError(permission=permission.value, venue=str(venue_id))

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
        if found is None:
            raise NotSignedInError()
        grants = _grants(transaction, found)
        rights = _rights(found, grants)
        venue_id = _place(transaction, rights)
    return Principal(
        actor=found.actor,
        expires_at=found.expires_at,
        account_id=found.account_id,
        rights=rights,
        venue_id=venue_id,
        grants=grants,
    )


def _grants(transaction: Transaction, token: AccessToken) -> tuple[Grant, ...]:
    """The roles of a person; raises NotSignedInError for who may not sign in any more."""
    if token.kind == "api_key":
        return ()
    if token.account_id is None:  # a session of the release before, which knew one role
        return EVERY_ROLE
    account = accounts.find(transaction, token.account_id)
    if account is None or account.status != "ACTIVE":
        raise NotSignedInError()
    return tuple(accounts.grants_of(transaction, account.id))


def _rights(token: AccessToken, grants: tuple[Grant, ...]) -> Rights:
    if token.kind == "session":
        return rights_of(grants)
    return EVERYTHING if token.scopes is None else rights_in_scopes(token.scopes)


def _place(transaction: Transaction, rights: Rights) -> UUID:
    """The first venue of those where they may do anything; without any, the first there is."""
    opened = [venue.id for venue in venues.in_order(transaction)]
    return (rights.places(opened) or opened)[0]


def end_session(database: Database, clock: Clock, token: str, *, actor: str) -> None:
    now = clock.now()
    with database.begin() as transaction:
        access.revoke(transaction, token, now=now)
        audit.append(transaction, at=now, actor=actor, action="session.end", subject="session")
