"""Sign-in links, sessions and API keys. Tokens are stored as SHA-256 only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from vestibule.records.database import Transaction
from vestibule.records.tables import AccessToken, SignInLink


def digest(token: str) -> str:
    """Tokens carry 256 random bits, so one round of SHA-256 keeps them safe at rest."""
    return hashlib.sha256(token.encode()).hexdigest()


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


def add_token(
    transaction: Transaction,
    token: str,
    *,
    kind: str,
    actor: str,
    now: datetime,
    expires_at: datetime | None,
    account_id: UUID | None = None,
    scopes: Sequence[str] | None = None,
) -> None:
    transaction.add(
        AccessToken(
            token_sha256=digest(token),
            kind=kind,
            actor=actor,
            account_id=account_id,
            scopes=None if scopes is None else sorted(scopes),
            created_at=now,
            expires_at=expires_at,
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
