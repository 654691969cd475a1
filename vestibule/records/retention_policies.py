"""The chain's policy of how long things are kept: every version, the last of them in force."""

from dataclasses import dataclass

from sqlalchemy import select, text

from vestibule.domain.retention import RetentionPolicy, as_shipped, limited
from vestibule.records.database import Transaction
from vestibule.records.retention_tables import RetentionPolicyVersion

SHIPPED_NUMBER = 0
_LOCK = 0x7265746E


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """``number`` is ``SHIPPED_NUMBER`` until a chain adopts its own."""

    number: int
    policy: RetentionPolicy


def in_force(transaction: Transaction) -> PolicyInForce:
    last = next(iter(versions(transaction, limit=1)), None)
    if last is None:
        return PolicyInForce(SHIPPED_NUMBER, as_shipped())
    return PolicyInForce(last.number, limited(last.content))


def one_at_a_time(transaction: Transaction) -> None:
    """Until the transaction ends nothing else expires, and no policy or legal hold begins.

    What is held back is so for every removal that comes after; one that is under way is short.
    """
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def versions(transaction: Transaction, *, limit: int) -> list[RetentionPolicyVersion]:
    """Newest first."""
    query = select(RetentionPolicyVersion).order_by(RetentionPolicyVersion.number.desc())
    return list(transaction.scalars(query.limit(limit)))
