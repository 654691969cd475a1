"""What somebody does with their own account: password, sessions, where they are."""

from uuid import UUID

from vestibule.domain.errors import ForbiddenError, NotFoundError, WrongCredentialsError
from vestibule.domain.passwords import normalised
from vestibule.records import access, accounts, audit, sign_in_attempts, sign_ins, venues
from vestibule.workflows.choose_password import hash_password, is_password
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in_with_password import Browser, count_attempt


def own_id(caller: Principal) -> UUID:
    """Raises ForbiddenError for a key: it is no person."""
    if caller.account_id is None:
        raise ForbiddenError("An API key has no account.", permission="account")
    return caller.account_id


def prove_password(runtime: Runtime, caller: Principal, password: str) -> None:
    """Before what a stolen session must not do. An account without a password has none to prove.

    Raises WrongCredentialsError, TooManyAttemptsError.
    """
    account_id = own_id(caller)
    with runtime.database.look() as transaction:
        account = accounts.find(transaction, account_id)
    if account is None or account.password_hash is None:
        return
    browser = Browser(source=str(account_id))
    keys = count_attempt(runtime, str(account_id), account_id, browser=browser, scope="proof")
    if not is_password(account.password_hash, password):
        raise WrongCredentialsError()
    with runtime.database.begin() as transaction:
        sign_in_attempts.take_back(transaction, keys)


def change_password(
    runtime: Runtime, caller: Principal, token: str, *, current: str, new: str
) -> int:
    """Every other session ends; how many did. Browsers are unknown again.

    Raises WrongCredentialsError, WeakPasswordError, TooManyAttemptsError.
    """
    account_id, now = own_id(caller), runtime.clock.now()
    prove_password(runtime, caller, current)
    with runtime.database.look() as transaction:
        account = accounts.find(transaction, account_id)
        names = [venue.name for venue in venues.in_order(transaction)]
    if account is None:
        raise NotFoundError()
    kept = hash_password(new, words=[account.name, account.email or "", *names])
    with runtime.database.begin() as transaction:
        present = accounts.find_for_change(transaction, account_id)
        if present is None or present.password_hash != account.password_hash:
            raise WrongCredentialsError()  # changed in the meantime
        present.password_hash, present.password_set_at = kept, now
        ended = access.revoke_sessions(transaction, account_id, now=now, but=token)
        if normalised(new) != normalised(current):
            sign_ins.forget_devices(transaction, account_id)
        sign_ins.drop_tickets(transaction, account_id)
        sign_ins.drop_invitations(transaction, account_id)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="password.change",
            subject=f"account:{account_id}",
            sessions_ended=ended,
        )
    return ended


def end_own_session(runtime: Runtime, caller: Principal, handle: str) -> None:
    """Raises NotFoundError for a session that is not one's own or has ended."""
    account_id, now = own_id(caller), runtime.clock.now()
    with runtime.database.begin() as transaction:
        found = access.revoke_by_handle(
            transaction, handle, kind="session", now=now, account_id=account_id
        )
        if found is None:
            raise NotFoundError()
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="session.revoke",
            subject=f"account:{account_id}",
        )


def end_other_sessions(runtime: Runtime, caller: Principal, token: str) -> int:
    account_id, now = own_id(caller), runtime.clock.now()
    with runtime.database.begin() as transaction:
        ended = access.revoke_sessions(transaction, account_id, now=now, but=token)
        sign_ins.forget_devices(transaction, account_id)
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="session.revoke_others",
            subject=f"account:{account_id}",
            sessions_ended=ended,
        )
    return ended


def go_to_venue(runtime: Runtime, caller: Principal, token: str, venue_id: UUID) -> None:
    """From the answer on, photos and visits of this session take place there.

    Raises NotFoundError, and ForbiddenError where they may do nothing there.
    """
    with runtime.database.begin() as transaction:
        if venues.find(transaction, venue_id) is None:
            raise NotFoundError()
        if venue_id not in caller.rights.places([venue_id]):
            raise ForbiddenError(permission="venue", venue=str(venue_id))
        access.move_session(transaction, token, venue_id)
