"""Staff for tests: an account with roles, signed in."""

import secrets
from datetime import timedelta

from vestibule.domain.permissions import Grant, Role
from vestibule.records import access, accounts
from vestibule.workflows.runtime import Runtime


def grants(*roles: Role | Grant) -> list[Grant]:
    """A bare role holds in the whole chain."""
    return [role if isinstance(role, Grant) else Grant(role) for role in roles]


def sign_in_as(runtime: Runtime, *roles: Role | Grant, name: str = "Somebody") -> str:
    """The token of a new person's session."""
    token, now = secrets.token_urlsafe(16), runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = accounts.add(transaction, name=name, email=None, status="ACTIVE", now=now)
        accounts.grant_roles(transaction, account.id, grants(*roles), granted_by="test", now=now)
        access.add_token(
            transaction,
            token,
            kind="session",
            actor=name,
            account_id=account.id,
            now=now,
            expires_at=now + timedelta(hours=1),
        )
    return token


def link_for(runtime: Runtime, *roles: Role | Grant, name: str = "Somebody") -> str:
    """The secret part of a link that signs a new person in."""
    token, now = secrets.token_urlsafe(16), runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = accounts.add(transaction, name=name, email=None, status="ACTIVE", now=now)
        accounts.grant_roles(transaction, account.id, grants(*roles), granted_by="test", now=now)
        access.add_link(
            transaction,
            token,
            actor=name,
            account_id=account.id,
            now=now,
            expires_at=now + timedelta(hours=1),
        )
    return token
