"""Staff for tests: an account with roles, signed in."""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta

import httpx
from sqlalchemy import select

from vestibule.domain.permissions import Grant, Role
from vestibule.records import access, accounts
from vestibule.records.audit_tables import AuditEntry
from vestibule.wiring import Installation
from vestibule.workflows.runtime import Runtime


def grants(*roles: Role | Grant) -> list[Grant]:
    """A bare role holds in the whole chain."""
    return [role if isinstance(role, Grant) else Grant(role) for role in roles]


def sign_in_as(runtime: Runtime, *roles: Role | Grant, name: str = "Somebody") -> str:
    """The token of a new person's session."""
    return _token_of_new_person(runtime, access.add_session, roles, name)


def link_for(runtime: Runtime, *roles: Role | Grant, name: str = "Somebody") -> str:
    """The secret part of a link that signs a new person in."""
    return _token_of_new_person(runtime, access.add_link, roles, name)


def _token_of_new_person(
    runtime: Runtime, add: Callable[..., object], roles: Iterable[Role | Grant], name: str
) -> str:
    """``add`` says what the token opens for an hour."""
    token, now = secrets.token_urlsafe(16), runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = accounts.add(transaction, name=name, email=None, status="ACTIVE", now=now)
        accounts.grant_roles(transaction, account.id, grants(*roles), granted_by="test", now=now)
        until = now + timedelta(hours=1)
        add(transaction, token, actor=name, account_id=account.id, now=now, expires_at=until)
    return token


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


PASSWORD = "grenouille tournevis marée basse"
TEN_WORDS = "lampadaire ourson cathédrale vinyle"


async def invited_person(client: httpx.AsyncClient, here: Installation, *roles: Role) -> str:
    """Somebody who was invited and chose a password: their address."""
    admin = headers(sign_in_as(here.runtime, Role.ADMIN))
    email = f"{secrets.token_hex(6)}@club.example"
    body = {"name": "Camille Roux", "email": email, "roles": [{"role": role} for role in roles]}
    made = await client.post("/v1/people", json=body, headers=admin)
    accepted = {"token": made.json()["path"].removeprefix("/invitations/"), "password": PASSWORD}
    answer = await client.post("/v1/invitations/acceptance", json=accepted)
    assert answer.json()["state"] == "signed_in", answer.text
    return email


def last_audit_entry(runtime: Runtime, action: str) -> AuditEntry:
    query = select(AuditEntry).where(AuditEntry.action == action)
    with runtime.database.look() as transaction:
        found = transaction.scalar(query.order_by(AuditEntry.number.desc()).limit(1))
    assert found is not None
    return found
