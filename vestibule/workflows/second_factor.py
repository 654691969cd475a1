"""The second factor of an account: set up, used, replaced by a recovery code, removed."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain import totp
from vestibule.domain.errors import ConflictError, NotFoundError, WrongCodeError
from vestibule.records import accounts, audit, sign_ins
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.runtime import Runtime

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
ISSUER = "Vestibule"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What an authenticator app needs: the secret for who types it, the address for who scans."""

    text: str
    uri: str


def begin_second_factor(runtime: Runtime, account_id: UUID, *, actor: str) -> NewSecret:
    """A new secret, in use once a code of it was given. Raises ConflictError where one is in use.

    Safe to run twice: the secret before is forgotten.
    """
    secret, now = secrets.token_bytes(totp.SECRET_BYTES), runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = _account(transaction, account_id)
        if account.totp_since is not None:
            raise ConflictError("A second factor is in use: remove it first.")
        account.totp_secret = runtime.sealer.seal(secret, context=_context(account_id))
        account.totp_last_step = None
        _note(transaction, account_id, "second_factor.begin", actor=actor, now=now)
    name = account.email or account.name
    return NewSecret(totp.as_text(secret), totp.uri_of(secret, account=name, issuer=ISSUER))


def confirm_second_factor(
    runtime: Runtime, account_id: UUID, code: str, *, actor: str
) -> list[str]:
    """From now on it is asked for. Returns recovery codes, which nobody sees again.

    Raises WrongCodeError, ConflictError where nothing was begun.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = _account(transaction, account_id)
        if account.totp_secret is None or account.totp_since is not None:
            raise ConflictError("No second factor is being set up.")
        if not _takes_totp(runtime, account, code):
            raise WrongCodeError()
        account.totp_since = now
        codes = _new_codes(transaction, account_id)
        _note(transaction, account_id, "second_factor.confirm", actor=actor, now=now)
    return codes


def replace_recovery_codes(runtime: Runtime, account_id: UUID, *, actor: str) -> list[str]:
    """The old ones are worth nothing from then on. Raises ConflictError without a factor."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        if _account(transaction, account_id).totp_since is None:
            raise ConflictError("There is no second factor.")
        codes = _new_codes(transaction, account_id)
        _note(transaction, account_id, "recovery_codes.replace", actor=actor, now=now)
    return codes


def remove_second_factor(runtime: Runtime, account_id: UUID, *, actor: str) -> None:
    """Safe to run twice. Whoever asks proved who they are, or manages people."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        account = _account(transaction, account_id)
        if account.totp_secret is None:
            return
        account.totp_secret = account.totp_since = account.totp_last_step = None
        sign_ins.replace_recovery_codes(transaction, account_id, [])
        sign_ins.drop_tickets(transaction, account_id)
        _note(transaction, account_id, "second_factor.remove", actor=actor, now=now)


def takes_code(runtime: Runtime, transaction: Transaction, account: Account, code: str) -> bool:
    """Whether this code opens the account now, which holds its lock. It never does again."""
    given = "".join(code.split()).replace("-", "").upper()
    if account.totp_since is None:
        return False
    if given.isascii() and given.isdigit():
        return _takes_totp(runtime, account, given)
    now = runtime.clock.now()
    return sign_ins.use_recovery_code(transaction, account.id, given, now=now)


def _takes_totp(runtime: Runtime, account: Account, code: str) -> bool:
    if account.totp_secret is None or not code.isascii():
        return False
    secret = runtime.sealer.unseal(account.totp_secret, context=_context(account.id))
    step = totp.matching_step(
        secret, "".join(code.split()), now=runtime.clock.now(), after_step=account.totp_last_step
    )
    if step is None:
        return False
    account.totp_last_step = step
    return True


def _new_codes(transaction: Transaction, account_id: UUID) -> list[str]:
    codes = [
        base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
        for _ in range(RECOVERY_CODES)
    ]
    sign_ins.replace_recovery_codes(transaction, account_id, codes)
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes]


def _account(transaction: Transaction, account_id: UUID) -> Account:
    account = accounts.find_for_change(transaction, account_id)
    if account is None:
        raise NotFoundError()
    return account


def _context(account_id: UUID) -> str:
    return f"account/{account_id}/totp"


def _note(
    transaction: Transaction, account_id: UUID, action: str, *, actor: str, now: datetime
) -> None:
    transaction.flush()
    audit.append(transaction, at=now, actor=actor, action=action, subject=f"account:{account_id}")
