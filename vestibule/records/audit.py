"""The append-only, hash-chained log of every look at a person and every change."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text

from vestibule.records.database import Transaction
from vestibule.records.tables import AuditEntry

GENESIS = "0" * 64
_CHAIN_LOCK = 0x76657374  # one advisory lock for the chain: two entries never share a predecessor


def append(
    transaction: Transaction,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    **details: Any,
) -> None:
    """Add one entry. ``details`` hold ids and facts, never names, pixels or embeddings.

    Holds the chain's lock until the transaction ends, so call it last.
    """
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = select(AuditEntry.entry_sha256).order_by(AuditEntry.number.desc()).limit(1)
    previous = transaction.scalar(last) or GENESIS
    entry = AuditEntry(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        details=details,
        previous_sha256=previous,
    )
    entry.entry_sha256 = _digest(entry)
    transaction.add(entry)
    transaction.flush()


def has_entry(transaction: Transaction, *, action: str, subject: str, **details: str) -> bool:
    """Whether such an entry was ever written; ``details`` name those that must be the same."""
    query = select(AuditEntry.number).where(
        AuditEntry.action == action,
        AuditEntry.subject == subject,
        AuditEntry.details.contains(details),
    )
    return transaction.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """``broken_at`` is the number of the first entry that does not fit, None if all do."""

    entries: int
    broken_at: int | None


def verify(transaction: Transaction) -> ChainReport:
    """Recompute the whole chain. Finds a changed, missing or reordered entry, not a cut-off end."""
    count, expected = 0, GENESIS
    for entry in _in_order(transaction):
        if entry.previous_sha256 != expected or _digest(entry) != entry.entry_sha256:
            return ChainReport(entries=count, broken_at=entry.number)
        count, expected = count + 1, entry.entry_sha256
    return ChainReport(entries=count, broken_at=None)


def _in_order(transaction: Transaction) -> Iterator[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.number)
    yield from transaction.scalars(query.execution_options(yield_per=1_000))


def _digest(entry: AuditEntry) -> str:
    content = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "previous": entry.previous_sha256,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
