"""Sign-in links, sessions and API keys. Tokens are stored as SHA-256 only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from vestibule.records.database import Transaction
from vestibule.records.tables import AccessToken, SignInLink


def digest(token: str) -> str:
    """Tokens carry 256 random bits, so one round of SHA-256 keeps them safe at rest."""
    return hashlib.sha256(token.encode()).hexdigest()


HANDLE_LENGTH = 16
"""So many characters of a token's hash name it in lists: they lead nowhere."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How somebody signed in, ``link``, ``password`` or ``oidc``, and with what browser."""

    signed_in_by: str | None = None
    device: str | None = None


def handle(token: AccessToken) -> str:
    return token.token_sha256[:HANDLE_LENGTH]


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """Whom a link signs in; ``account_id`` None is the owner of the installation."""

    actor: str
    account_id: UUID | None


def add_link(
    transaction: Transaction,
    token: str,
    *,
    actor: str,
    now: datetime,
    expires_at: datetime,
    account_id: UUID | None = None,
) -> None:
    transaction.add(
        SignInLink(
            token_sha256=digest(token),
            actor=actor,
            account_id=account_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


def use_link(transaction: Transaction, token: str, *, now: datetime) -> LinkOwner | None:
    """Whom the link was made for, once; None if it is unknown, used or too old."""
    used = transaction.execute(
        update(SignInLink)
        .where(
            SignInLink.token_sha256 == digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.actor, SignInLink.account_id)
    ).first()
    return None if used is None else LinkOwner(used.actor, used.account_id)


def add_session(
    transaction: Transaction,
    token: str,
    *,
    actor: str,
    account_id: UUID,
    now: datetime,
    expires_at: datetime,
    origin: Origin | None = None,
) -> None:
    origin = origin or Origin()
    transaction.add(
        AccessToken(
            token_sha256=digest(token),
            kind="session",
            actor=actor,
            account_id=account_id,
            created_at=now,
            expires_at=expires_at,
            signed_in_by=origin.signed_in_by,
            device=origin.device,
            last_used_at=now,
        )
    )


def add_key(
    transaction: Transaction,
    token: str,
    *,
    name: str,
    now: datetime,
    expires_at: datetime | None,
    scopes: Sequence[str] | None,
    made_by: UUID | None,
) -> None:
    """``scopes`` None is every permission; ``made_by`` None a key of the machine itself."""
    transaction.add(
        AccessToken(
            token_sha256=digest(token),
            kind="api_key",
            actor=name,
            scopes=None if scopes is None else sorted(scopes),
            created_at=now,
            expires_at=expires_at,
            made_by=made_by,
        )
    )


def find_token(transaction: Transaction, token: str, *, now: datetime) -> AccessToken | None:
    """A token that is neither revoked nor expired."""
    found = transaction.get(AccessToken, digest(token))
    if found is None or found.revoked_at is not None:
        return None
    return found if found.expires_at is None or found.expires_at > now else None


def revoke(transaction: Transaction, token: str, *, now: datetime) -> None:
    transaction.execute(
        update(AccessToken)
        .where(AccessToken.token_sha256 == digest(token), AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _alive(now: datetime) -> ColumnElement[bool]:
    is_open = or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now)
    return AccessToken.revoked_at.is_(None) & is_open


def sessions_of(transaction: Transaction, account_id: UUID, *, now: datetime) -> list[AccessToken]:
    """Those that work, the latest used first."""
    query = select(AccessToken).where(
        AccessToken.account_id == account_id, AccessToken.kind == "session", _alive(now)
    )
    return list(transaction.scalars(query.order_by(AccessToken.last_used_at.desc().nulls_last())))


def last_seen(transaction: Transaction, account_id: UUID) -> datetime | None:
    query = select(func.max(AccessToken.last_used_at)).where(AccessToken.account_id == account_id)
    return transaction.scalar(query)


def keys(transaction: Transaction, *, now: datetime) -> list[AccessToken]:
    """API keys that work, without those of the command line, the newest first."""
    query = select(AccessToken).where(
        AccessToken.kind == "api_key", AccessToken.made_by.is_not(None), _alive(now)
    )
    return list(transaction.scalars(query.order_by(AccessToken.created_at.desc())))


def revoke_by_handle(
    transaction: Transaction, handle: str, *, kind: str, now: datetime, account_id: UUID | None
) -> AccessToken | None:
    """The token that was revoked; ``account_id`` is whose session it must be."""
    query = select(AccessToken).where(
        func.left(AccessToken.token_sha256, HANDLE_LENGTH) == handle,
        AccessToken.kind == kind,
        _alive(now),
    )
    if kind == "session":
        query = query.where(AccessToken.account_id == account_id)
    found = transaction.scalar(query.limit(1).with_for_update())
    if found is not None:
        found.revoked_at = now
    return found


def revoke_sessions(
    transaction: Transaction, account_id: UUID, *, now: datetime, but: str | None = None
) -> int:
    """All of an account, but the one with the token ``but``; how many there were."""
    ended = update(AccessToken).where(
        AccessToken.account_id == account_id, AccessToken.kind == "session", _alive(now)
    )
    if but is not None:
        ended = ended.where(AccessToken.token_sha256 != digest(but))
    rows = transaction.execute(ended.values(revoked_at=now).returning(AccessToken.kind))
    return len(rows.all())


def mark_used(transaction: Transaction, token_sha256: str, *, now: datetime) -> None:
    transaction.execute(
        update(AccessToken).where(AccessToken.token_sha256 == token_sha256).values(last_used_at=now)
    )


def move_session(transaction: Transaction, token: str, venue_id: UUID) -> None:
    transaction.execute(
        update(AccessToken)
        .where(AccessToken.token_sha256 == digest(token))
        .values(venue_id=venue_id)
    )
