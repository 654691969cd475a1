"""Accounts, sessions, keys and venues become what goes over the wire."""

from typing import Any, cast

import segno

from services.api import people_schemas as schemas
from services.api.schemas import PermissionHeld
from vestibule.domain.permissions import Grant, Permission, Role
from vestibule.records import access, accounts, sign_ins
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.records.tables import AccessToken, Venue
from vestibule.workflows.manage_people import may_reach
from vestibule.workflows.principal import Principal
from vestibule.workflows.second_factor import NewSecret
from vestibule.workflows.sign_in_with_password import CodeOwed, SignedIn


def step(found: SignedIn | CodeOwed) -> schemas.SignInStep:
    if isinstance(found, CodeOwed):
        return schemas.SignInStep(state="code_owed", ticket=found.ticket)
    return schemas.SignInStep(
        state="signed_in",
        access_token=found.session.access_token,
        expires_at=found.session.expires_at,
        device_token=found.device_token,
    )


def person(transaction: Transaction, row: Account, *, seen_by: Principal) -> schemas.Person:
    given = accounts.grant_rows(transaction, row.id)
    strict = set(sign_ins.second_factor_roles(transaction))
    owes = row.totp_since is None and any(grant.role in strict for grant in given)
    return schemas.Person(
        id=row.id,
        name=row.name,
        email=row.email,
        status=cast(Any, row.status.lower()),
        is_owner=row.is_owner,
        roles=[
            schemas.RoleGiven(
                role=cast(Any, grant.role),
                venue_id=grant.venue_id,
                granted_by=grant.granted_by,
                granted_at=grant.granted_at,
            )
            for grant in given
        ],
        has_second_factor=row.totp_since is not None,
        owes_second_factor=owes and row.password_hash is not None,
        last_seen_at=access.last_seen(transaction, row.id),
        created_at=row.created_at,
        in_reach=may_reach(seen_by, [Grant(Role(g.role), g.venue_id) for g in given]),
    )


def own_account(transaction: Transaction, row: Account, caller: Principal) -> schemas.OwnAccount:
    return schemas.OwnAccount(
        id=row.id,
        name=row.name,
        email=row.email,
        has_password=row.password_hash is not None,
        second_factor_since=row.totp_since,
        owes_second_factor=caller.owes_second_factor,
        recovery_codes_left=sign_ins.count_recovery_codes(transaction, row.id),
    )


def session(row: AccessToken, *, this: str) -> schemas.SessionOnRecord:
    """``this`` is the token that asks."""
    return schemas.SessionOnRecord(
        id=access.handle(row),
        is_this=row.token_sha256 == access.digest(this),
        signed_in_by=row.signed_in_by,
        device=row.device,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )


def secret(found: NewSecret) -> schemas.SecondFactorSecret:
    drawn = segno.make(found.uri, error="m").svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True
    )
    return schemas.SecondFactorSecret(secret=found.text, uri=found.uri, qr_svg=drawn)


def key(transaction: Transaction, row: AccessToken) -> schemas.ApiKeyOnRecord:
    maker = accounts.find(transaction, row.made_by) if row.made_by else None
    return schemas.ApiKeyOnRecord(
        id=access.handle(row),
        name=row.actor,
        made_by=maker.name if maker else "",
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def permissions(caller: Principal) -> list[PermissionHeld]:
    held = caller.rights.venues_by_permission
    return [
        PermissionHeld(
            permission=permission.value,
            venue_ids=None if held[permission] is None else sorted(held[permission] or ()),
        )
        for permission in Permission
        if permission in held
    ]


def venue(transaction: Transaction, row: Venue) -> schemas.Venue:
    return schemas.Venue(
        id=row.id,
        name=row.name,
        timezone=row.timezone,
        closes_at_hour=row.closes_at_hour,
        minimum_age=row.minimum_age,
        capacity=row.capacity,
        people=accounts.count_at(transaction, row.id),
    )
