"""Who is calling: one-time links, sessions and API keys."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from vestibule.domain.errors import NotSignedInError, SignInLinkSpentError
from vestibule.domain.permissions import Permission
from vestibule.ports import Clock
from vestibule.records import access, audit
from vestibule.records.database import Database


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who is known. ``expires_at`` is None for an API key without an end."""

    actor: str
    expires_at: datetime | None

    def may(self, _permission: Permission) -> bool:
        """There is one role so far, and it may do everything."""
        return True


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
        actor = access.use_link(transaction, token, now=now)
        action = "session.begin" if actor else "session.refused"
        audit.append(
            transaction, at=now, actor=actor or "unknown", action=action, subject="session"
        )
        session = NewSession(secrets.token_urlsafe(32), now + life)
        if actor is not None:
            access.add_token(
                transaction,
                session.access_token,
                kind="session",
                actor=actor,
                now=now,
                expires_at=session.expires_at,
            )
    if actor is None:
        raise SignInLinkSpentError()
    return session


def make_api_key(
    database: Database, clock: Clock, *, name: str, expires_at: datetime | None
) -> str:
    """A token shown once; only its hash is stored."""
    token, now = f"vst_{secrets.token_urlsafe(32)}", clock.now()
    with database.begin() as transaction:
        access.add_token(
            transaction, token, kind="api_key", actor=name, now=now, expires_at=expires_at
        )
        audit.append(transaction, at=now, actor="system", action="api_key.make", subject=name)
    return token


def authenticate(database: Database, clock: Clock, token: str) -> Principal:
    """Raises NotSignedInError."""
    with database.look() as transaction:
        found = access.find_token(transaction, token, now=clock.now())
    if found is None:
        raise NotSignedInError()
    return Principal(actor=found.actor, expires_at=found.expires_at)


def end_session(database: Database, clock: Clock, token: str, *, actor: str) -> None:
    now = clock.now()
    with database.begin() as transaction:
        access.revoke(transaction, token, now=now)
        audit.append(transaction, at=now, actor=actor, action="session.end", subject="session")
