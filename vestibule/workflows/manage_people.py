"""Accounts of the staff: invited, given roles, disabled, and never without an administrator.

Whoever manages people at one venue reaches those whose roles are all there. Changes happen one
after the other, so that two administrators cannot remove each other at the same moment.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvitationSpentError,
    LastAdminError,
    NotFoundError,
)
from vestibule.domain.names import clean_name
from vestibule.domain.permissions import Grant, Permission
from vestibule.records import access, accounts, audit, sign_ins, venues
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.choose_password import hash_password
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in_with_password import Browser, CodeOwed, SignedIn, go_on

INVITATION_LIFE = timedelta(days=3)


def invite(
    runtime: Runtime, by: Principal, *, name: str, email: str, grants: Collection[Grant]
) -> tuple[Account, str]:
    """The account, and the secret part of a link that is shown this once.

    Raises ConflictError for an address that is in use, ForbiddenError, NotFoundError for a venue.
    """
    now, token = runtime.clock.now(), secrets.token_urlsafe(32)
    with runtime.database.begin() as transaction:
        accounts.hold_people(transaction)
        _may_grant(transaction, by, grants)
        if accounts.by_email(transaction, email) is not None:
            raise ConflictError("Somebody has this e-mail address.", field="email")
        account = accounts.add(
            transaction, name=_name(name), email=email.strip().lower(), status="INVITED", now=now
        )
        accounts.grant_roles(transaction, account.id, set(grants), granted_by=by.actor, now=now)
        _invitation(transaction, account, token, by=by, now=now)
        _note(transaction, account.id, "account.invite", by=by, now=now, roles=_words(grants))
    return account, token


def invite_again(runtime: Runtime, by: Principal, account_id: UUID) -> str:
    """A new link to choose a password by; the one before stops working, the password stays until.

    Raises NotFoundError, ForbiddenError, ConflictError for an account that is disabled.
    """
    now, token = runtime.clock.now(), secrets.token_urlsafe(32)
    with runtime.database.begin() as transaction:
        account = _reached(transaction, by, account_id)
        if account.status == "DISABLED":
            raise ConflictError("This account is disabled.")
        if account.email is None:
            raise ConflictError("This account has no e-mail address to sign in with.")
        _invitation(transaction, account, token, by=by, now=now)
        _note(transaction, account_id, "account.invite_again", by=by, now=now)
    return token


def accept_invitation(
    runtime: Runtime, token: str, password: str, *, browser: Browser, life: timedelta
) -> SignedIn | CodeOwed:
    """Choose a password and sign in by it; sessions that were there end.

    Raises InvitationSpentError, WeakPasswordError.
    """
    with runtime.database.look() as transaction:
        account = sign_ins.invited(transaction, token, now=runtime.clock.now())
        names = [venue.name for venue in venues.in_order(transaction)]
    if account is None:
        raise InvitationSpentError()
    kept = hash_password(password, words=[account.name, account.email or "", *names])
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        account_id = sign_ins.use_invitation(transaction, token, now=now)
        present = accounts.find_for_change(transaction, account_id) if account_id else None
        if present is None or present.status == "DISABLED":
            raise InvitationSpentError()
        present.password_hash, present.password_set_at = kept, now
        present.status = "ACTIVE"
        access.revoke_sessions(transaction, present.id, now=now)
        sign_ins.forget_devices(transaction, present.id)
        sign_ins.drop_tickets(transaction, present.id)
        transaction.flush()
        return go_on(transaction, runtime, present, browser=browser, life=life, by="password")


def change_roles(
    runtime: Runtime, by: Principal, account_id: UUID, grants: Collection[Grant]
) -> None:
    """They count from the next request on. To give oneself a role is possible, and written down.

    Raises NotFoundError, ForbiddenError, LastAdminError.
    """
    now, wanted = runtime.clock.now(), set(grants)
    with runtime.database.begin() as transaction:
        accounts.hold_people(transaction)
        _account(transaction, account_id)
        held = set(accounts.grants_of(transaction, account_id))
        _may_grant(transaction, by, held ^ wanted)
        accounts.replace_grants(transaction, account_id, wanted, granted_by=by.actor, now=now)
        _keep_an_admin(transaction)
        _note(
            transaction,
            account_id,
            "account.roles",
            by=by,
            now=now,
            given=_words(wanted - held),
            taken=_words(held - wanted),
            own=by.account_id == account_id,
        )


def rename(runtime: Runtime, by: Principal, account_id: UUID, name: str) -> None:
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        _reached(transaction, by, account_id).name = _name(name)
        transaction.flush()
        _note(transaction, account_id, "account.rename", by=by, now=now)


def disable(runtime: Runtime, by: Principal, account_id: UUID) -> None:
    """Sessions, keys and invitations of theirs end at once. Safe to run twice.

    Raises NotFoundError, ForbiddenError, LastAdminError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        accounts.hold_people(transaction)
        account = _reached(transaction, by, account_id)
        if account.status == "DISABLED":
            return
        account.status = "DISABLED"
        transaction.flush()
        _keep_an_admin(transaction)
        ended = access.revoke_sessions(transaction, account_id, now=now)
        sign_ins.drop_invitations(transaction, account_id)
        sign_ins.drop_tickets(transaction, account_id)
        sign_ins.forget_devices(transaction, account_id)
        _note(transaction, account_id, "account.disable", by=by, now=now, sessions_ended=ended)


def enable(runtime: Runtime, by: Principal, account_id: UUID) -> None:
    """With the password that they had. Raises NotFoundError, ForbiddenError."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        accounts.hold_people(transaction)
        account = _reached(transaction, by, account_id)
        if account.status != "DISABLED":
            return
        can_sign_in = account.password_hash or account.oidc_subject or account.is_owner
        account.status = "ACTIVE" if can_sign_in else "INVITED"
        transaction.flush()
        _note(transaction, account_id, "account.enable", by=by, now=now)


def end_sessions(runtime: Runtime, by: Principal, account_id: UUID) -> int:
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        _reached(transaction, by, account_id)
        ended = access.revoke_sessions(transaction, account_id, now=now)
        sign_ins.forget_devices(transaction, account_id)
        _note(transaction, account_id, "account.end_sessions", by=by, now=now, ended=ended)
    return ended


def reached(runtime: Runtime, by: Principal, account_id: UUID) -> None:
    """Raises NotFoundError, and ForbiddenError for somebody outside what they manage."""
    with runtime.database.begin() as transaction:
        _reached(transaction, by, account_id)


def may_reach(by: Principal, grants: Collection[Grant]) -> bool:
    """Whether somebody with these roles is theirs to manage."""
    places = by.venues(Permission.MANAGE_PEOPLE)
    return places is None or all(grant.venue_id in places for grant in grants)


def _reached(transaction: Transaction, by: Principal, account_id: UUID) -> Account:
    account = _account(transaction, account_id)
    if not may_reach(by, accounts.grants_of(transaction, account_id)):
        raise ForbiddenError(permission=Permission.MANAGE_PEOPLE.value)
    return account


def _account(transaction: Transaction, account_id: UUID) -> Account:
    account = accounts.find_for_change(transaction, account_id)
    if account is None:
        raise NotFoundError()
    return account


def _may_grant(transaction: Transaction, by: Principal, grants: Collection[Grant]) -> None:
    """A role in the whole chain is given by who manages people in the whole chain."""
    if not may_reach(by, grants):
        raise ForbiddenError(permission=Permission.MANAGE_PEOPLE.value)
    for venue_id in {grant.venue_id for grant in grants if grant.venue_id}:
        if venues.find(transaction, venue_id) is None:
            raise NotFoundError(venue=str(venue_id))


def _keep_an_admin(transaction: Transaction) -> None:
    if not accounts.has_admin(transaction):
        raise LastAdminError()


def _invitation(
    transaction: Transaction, account: Account, token: str, *, by: Principal, now: datetime
) -> None:
    sign_ins.add_invitation(
        transaction,
        token,
        account_id=account.id,
        made_by=by.actor,
        now=now,
        expires_at=now + INVITATION_LIFE,
    )
    transaction.flush()


def _name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise InvalidInputError(fields=["name"])
    return cleaned


def _words(grants: Collection[Grant]) -> list[str]:
    return sorted(f"{grant.role.value}@{grant.venue_id or 'all'}" for grant in grants)


def _note(
    transaction: Transaction,
    account_id: UUID,
    action: str,
    *,
    by: Principal,
    now: datetime,
    **facts: object,
) -> None:
    audit.append(
        transaction, at=now, actor=by.actor, action=action, subject=f"account:{account_id}", **facts
    )
