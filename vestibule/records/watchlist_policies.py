"""The chain's watchlist policy: every version that was adopted, the last of them in force."""

from dataclasses import dataclass

from sqlalchemy import select, text

from vestibule.domain.watchlist_policy import AS_SHIPPED, WatchlistPolicy, policy_of
from vestibule.records.database import Transaction
from vestibule.records.watchlist_tables import WatchlistPolicyVersion

SHIPPED_NUMBER = 0
_LOCK = 0x77706F6C


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """``number`` is ``SHIPPED_NUMBER`` until a chain adopts its own."""

    number: int
    policy: WatchlistPolicy


def in_force(transaction: Transaction) -> PolicyInForce:
    last = next(iter(versions(transaction, limit=1)), None)
    if last is None:
        return PolicyInForce(SHIPPED_NUMBER, AS_SHIPPED)
    return PolicyInForce(last.number, policy_of(last.content))


def in_force_for_change(transaction: Transaction) -> PolicyInForce:
    """As ``in_force``; until the transaction ends nobody else adopts one."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    return in_force(transaction)


def versions(transaction: Transaction, *, limit: int) -> list[WatchlistPolicyVersion]:
    """Newest first."""
    query = select(WatchlistPolicyVersion).order_by(WatchlistPolicyVersion.number.desc())
    return list(transaction.scalars(query.limit(limit)))
