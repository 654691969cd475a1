"""What signing in leaves behind beside sessions: invitations, tickets, devices, recovery codes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.access import digest
from vestibule.records.database import Transaction
from vestibule.records.people_tables import (
    Account,
    Invitation,
    KnownDevice,
    RecoveryCode,
    SignInPolicy,
    SignInTicket,
)


# ── invitations ─────────────────────────────────────────────────────────────────────────────
def add_invitation(
    transaction: Transaction,
    token: str,
    *,
    account_id: UUID,
    made_by: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """The one before stops working."""
    drop_invitations(transaction, account_id)
    transaction.add(
        Invitation(
            token_sha256=digest(token),
            account_id=account_id,
            made_by=made_by,
            created_at=now,
            expires_at=expires_at,
        )
    )


def drop_invitations(transaction: Transaction, account_id: UUID) -> None:
    transaction.execute(
        delete(Invitation).where(Invitation.account_id == account_id, Invitation.used_at.is_(None))
    )


def invited(transaction: Transaction, token: str, *, now: datetime) -> Account | None:
    """Whom an invitation is for that still works."""
    query = select(Account).join(Invitation, Invitation.account_id == Account.id)
    query = query.where(
        Invitation.token_sha256 == digest(token),
        Invitation.used_at.is_(None),
        Invitation.expires_at > now,
        Account.status != "DISABLED",
    )
    return transaction.scalar(query)


def use_invitation(transaction: Transaction, token: str, *, now: datetime) -> UUID | None:
    """The account, once."""
    used = update(Invitation).where(
        Invitation.token_sha256 == digest(token),
        Invitation.used_at.is_(None),
        Invitation.expires_at > now,
    )
    return transaction.scalar(used.values(used_at=now).returning(Invitation.account_id))


# ── tickets: the password was right, the second factor is owed ──────────────────────────────
def add_ticket(
    transaction: Transaction, token: str, *, account_id: UUID, now: datetime, expires_at: datetime
) -> None:
    transaction.execute(delete(SignInTicket).where(SignInTicket.expires_at <= now))
    transaction.add(
        SignInTicket(token_sha256=digest(token), account_id=account_id, expires_at=expires_at)
    )


def ticket_owner(transaction: Transaction, token: str, *, now: datetime) -> UUID | None:
    found = transaction.get(SignInTicket, digest(token))
    return found.account_id if found is not None and found.expires_at > now else None


def drop_ticket(transaction: Transaction, token: str) -> bool:
    """True for the one who took it: of two at once one is signed in."""
    gone = delete(SignInTicket).where(SignInTicket.token_sha256 == digest(token))
    return transaction.scalar(gone.returning(SignInTicket.account_id)) is not None


def drop_tickets(transaction: Transaction, account_id: UUID) -> None:
    transaction.execute(delete(SignInTicket).where(SignInTicket.account_id == account_id))


# ── devices ─────────────────────────────────────────────────────────────────────────────────
def is_known_device(transaction: Transaction, token: str, account_id: UUID) -> bool:
    found = transaction.get(KnownDevice, digest(token))
    return found is not None and found.account_id == account_id


def remember_device(
    transaction: Transaction, token: str, account_id: UUID, *, now: datetime
) -> None:
    row = insert(KnownDevice).values(
        token_sha256=digest(token), account_id=account_id, last_used_at=now
    )
    transaction.execute(
        row.on_conflict_do_update(index_elements=["token_sha256"], set_={"last_used_at": now})
    )


def forget_devices(transaction: Transaction, account_id: UUID) -> None:
    transaction.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))


# ── recovery codes ──────────────────────────────────────────────────────────────────────────
def replace_recovery_codes(
    transaction: Transaction, account_id: UUID, codes: Iterable[str]
) -> None:
    transaction.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    transaction.add_all(
        RecoveryCode(code_sha256=digest(code), account_id=account_id) for code in codes
    )


def use_recovery_code(
    transaction: Transaction, account_id: UUID, code: str, *, now: datetime
) -> bool:
    used = update(RecoveryCode).where(
        RecoveryCode.code_sha256 == digest(code),
        RecoveryCode.account_id == account_id,
        RecoveryCode.used_at.is_(None),
    )
    return (
        transaction.scalar(used.values(used_at=now).returning(RecoveryCode.account_id)) is not None
    )


def count_recovery_codes(transaction: Transaction, account_id: UUID) -> int:
    query = select(func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return transaction.scalar(query) or 0


# ── the policy ──────────────────────────────────────────────────────────────────────────────
def second_factor_roles(transaction: Transaction) -> list[str]:
    """Whose password alone is not enough."""
    found = transaction.get(SignInPolicy, 1)
    return list(found.second_factor_roles) if found is not None else []


def set_second_factor_roles(
    transaction: Transaction, roles: Iterable[str], *, by: str, now: datetime
) -> None:
    values = {"second_factor_roles": sorted(roles), "changed_by": by, "changed_at": now}
    row = insert(SignInPolicy).values(id=1, **values)
    transaction.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
