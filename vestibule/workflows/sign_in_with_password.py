"""In by e-mail address and password, and by the code of the second factor where there is one.

Each attempt is counted before it is judged and taken back when it was right, so that a thousand at
once are a thousand. Nothing tells whether an address is known: neither words nor time.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain import sign_in_throttle as throttle
from vestibule.domain.errors import (
    TicketSpentError,
    TooManyAttemptsError,
    WrongCodeError,
    WrongCredentialsError,
)
from vestibule.domain.sign_in_throttle import Count
from vestibule.records import access, accounts, audit, sign_in_attempts, sign_ins
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.choose_password import is_password, rehashed
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.second_factor import takes_code
from vestibule.workflows.sign_in import NewSession, begin_session

TICKET_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from. ``device_token`` is what it was given when it did before.

    ``source`` is its network address as far as that is known, ``words`` what browser it is.
    """

    source: str = ""
    device_token: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``device_token`` is for this browser to keep."""

    session: NewSession
    device_token: str


@dataclass(frozen=True, slots=True)
class CodeOwed:
    """The password was right; with this ticket and a code it goes on, for minutes."""

    ticket: str


def sign_in_with_password(
    runtime: Runtime, email: str, password: str, *, browser: Browser, life: timedelta
) -> SignedIn | CodeOwed:
    """Raises WrongCredentialsError, or TooManyAttemptsError before anything was compared."""
    known = email.strip().lower()
    with runtime.database.look() as transaction:
        account = accounts.by_email(transaction, known)
    account_id = account.id if account else None
    keys = count_attempt(runtime, known, account_id, browser=browser, scope="password")
    kept = account.password_hash if account and account.status == "ACTIVE" else None
    if account is None or kept is None or not is_password(kept, password):
        if kept is None:
            is_password(None, password)
        _refuse(runtime, account, reason="password")
        raise WrongCredentialsError()
    with runtime.database.begin() as transaction:
        sign_in_attempts.take_back(transaction, keys)
        present = accounts.find_for_change(transaction, account.id)
        if present is None or present.password_hash != kept or present.status != "ACTIVE":
            raise WrongCredentialsError()  # changed in the meantime
        present.password_hash = rehashed(kept, password) or kept
        return go_on(transaction, runtime, present, browser=browser, life=life, by="password")


def go_on(
    transaction: Transaction,
    runtime: Runtime,
    account: Account,
    *,
    browser: Browser,
    life: timedelta,
    by: str,
) -> SignedIn | CodeOwed:
    """Sign in whoever proved who they are, or ask for the second factor that they have."""
    now = runtime.clock.now()
    if account.totp_since is None:
        return signed_in(transaction, runtime, account, browser=browser, life=life, by=by)
    ticket = secrets.token_urlsafe(32)
    sign_ins.add_ticket(
        transaction, ticket, account_id=account.id, now=now, expires_at=now + TICKET_LIFE
    )
    return CodeOwed(ticket)


def finish_with_code(
    runtime: Runtime, ticket: str, code: str, *, browser: Browser, life: timedelta
) -> SignedIn:
    """Raises TicketSpentError, WrongCodeError, TooManyAttemptsError."""
    with runtime.database.look() as transaction:
        account_id = sign_ins.ticket_owner(transaction, ticket, now=runtime.clock.now())
    if account_id is None:
        raise TicketSpentError()
    keys = count_attempt(runtime, str(account_id), account_id, browser=browser, scope="code")
    with runtime.database.begin() as transaction:
        account = accounts.find_for_change(transaction, account_id)
        taken = (
            account is not None
            and account.status == "ACTIVE"
            and takes_code(runtime, transaction, account, code)
        )
        if taken and account is not None:
            if not sign_ins.drop_ticket(transaction, ticket):
                raise TicketSpentError()
            sign_in_attempts.take_back(transaction, keys)
            return signed_in(
                transaction, runtime, account, browser=browser, life=life, by="password"
            )
    _refuse(runtime, account, reason="code")
    raise WrongCodeError()


def count_attempt(
    runtime: Runtime, named: str, account_id: UUID | None, *, browser: Browser, scope: str
) -> Mapping[Count, str]:
    """Count a failure before it is one; raises TooManyAttemptsError where it is too early.

    ``named`` is what was typed: an address that nobody has is slowed down like any other.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        device = browser.device_token
        if device is not None and (
            account_id is None or not sign_ins.is_known_device(transaction, device, account_id)
        ):
            device = None
        keys = throttle.keys(account=named, source=browser.source, device=device, scope=scope)
        found = sign_in_attempts.hold(transaction, keys, now=now)
        wait_s = throttle.wait_s(found, now=now)
        if wait_s == 0:
            sign_in_attempts.add_failure(transaction, keys, now=now)
        else:
            by = throttle.slowed_by(found, now=now)
            held_back = sign_in_attempts.count_held_back(transaction, keys[by], now=now)
            _tell_of(transaction, held_back, account_id, by=by, now=now)
    if wait_s:
        raise TooManyAttemptsError(retry_after_s=wait_s)
    return keys


def _tell_of(
    transaction: Transaction,
    held_back: int | None,
    account_id: UUID | None,
    *,
    by: str,
    now: datetime,
) -> None:
    """Of attempts that came too early, once a delay."""
    if held_back is not None:
        audit.append(
            transaction,
            at=now,
            actor="unknown",
            action="session.refused",
            subject=f"account:{account_id}" if account_id else "session",
            reason="too_many_attempts",
            attempts=held_back,
            slowed_by=by,
        )


def signed_in(
    transaction: Transaction,
    runtime: Runtime,
    account: Account,
    *,
    browser: Browser,
    life: timedelta,
    by: str,
) -> SignedIn:
    """The session, its device and the audit entry, last in the transaction."""
    now = runtime.clock.now()
    device = browser.device_token
    if device is None or not sign_ins.is_known_device(transaction, device, account.id):
        device = secrets.token_urlsafe(32)
    sign_ins.remember_device(transaction, device, account.id, now=now)
    origin = access.Origin(signed_in_by=by, device=browser.words)
    session = begin_session(
        transaction, account, actor=account.name, now=now, life=life, origin=origin
    )
    audit.append(
        transaction,
        at=now,
        actor=account.name,
        action="session.begin",
        subject=f"account:{account.id}",
        by=by,
        second_factor=account.totp_since is not None,
    )
    return SignedIn(session, device)


def _refuse(runtime: Runtime, account: Account | None, *, reason: str) -> None:
    """An address that nobody has is not written down: it may be somebody's password."""
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor="unknown",
            action="session.refused",
            subject=f"account:{account.id}" if account else "session",
            reason=reason,
        )
