"""The append-only, hash-chained log of every look at a person and every change."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, select, text

from vestibule.records.audit_tables import AuditEntry
from vestibule.records.database import Transaction

GENESIS = "0" * 64
_CHAIN_LOCK = 0x76657374  # one advisory lock for the chain: two entries never share a predecessor
_PAGE = 5_000
_APPEND = text(
    "SELECT append_audit_entry(:at, :actor, :action, :subject, CAST(:details AS jsonb), "
    ":before, :after, :genesis, :key)"
)


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
    hashed = _hashed(
        at=at, actor=actor, action=action, subject=subject, details=details, previous=""
    )
    # Nothing but the subject follows, in which quotes are escaped: the last one is the entry's own.
    before, key, after = hashed.rpartition('"previous": "')
    transaction.flush()  # what is written besides is not written under the lock
    transaction.execute(
        _APPEND,
        {
            "at": at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "details": json.dumps(details),
            "before": before + key,
            "after": after,
            "genesis": GENESIS,
            "key": _CHAIN_LOCK,
        },
    )


def has_entry(transaction: Transaction, *, action: str, subject: str, **details: str) -> bool:
    """Whether such an entry was ever written; ``details`` name those that must be the same."""
    query = select(AuditEntry.number).where(
        AuditEntry.action == action,
        AuditEntry.subject == subject,
        AuditEntry.details.contains(details),
    )
    return transaction.scalar(query.limit(1)) is not None


def count_naming(transaction: Transaction, customer_ids: Iterable[UUID]) -> int:
    """Entries about one of these customers: ids and deeds, which the chain holds in place."""
    subjects = [f"customer:{one}" for one in customer_ids]
    query = select(func.count()).where(AuditEntry.subject.in_(subjects))
    return transaction.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of the chain at some moment: whoever keeps it apart can tell what is gone since."""

    number: int
    entries: int
    entry_sha256: str


Flaw = Literal["changed", "missing", "cut_off"]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """``broken_at`` is the number of the first entry that does not fit, None if all do.

    ``flaw``: that entry was *changed*, or entries before it are *missing* or stand in another
    order, or the end is *cut_off* and ``broken_at`` is the first number that is not there.
    """

    entries: int
    broken_at: int | None = None
    flaw: Flaw | None = None
    head: AuditHead | None = None
    """The last entry that was looked at and fits."""


def verify(
    transaction: Transaction, kept: Iterable[AuditHead] = (), *, start: AuditHead | None = None
) -> ChainReport:
    """Recompute the whole chain, and compare it with heads that were ``kept`` apart from it.

    ``start`` is the last entry that went because its time was up: the chain goes on from its hash,
    and heads from before it say nothing any more.

    Finds a changed, missing or reordered entry, and with a head also an end that was cut off and a
    chain that was written anew. Reads page by page: the log may have millions of entries.
    """
    since = start.number if start else 0
    expected_at = {head.number: head.entry_sha256 for head in kept if head.number > since}
    head: AuditHead | None = None
    for row in _in_order(transaction, after=since):
        count = head.entries if head else 0
        previous = head.entry_sha256 if head else (start.entry_sha256 if start else GENESIS)
        flaw = _flaw_of(row, previous, expected_at.pop(row.number, row.entry_sha256))
        if flaw is not None:
            return ChainReport(count, row.number, flaw, head)
        head = AuditHead(row.number, count + 1, row.entry_sha256)
    last, count = (head.number, head.entries) if head else (since, 0)
    if expected_at:  # an entry that a head names is not there, and nothing before it is missing
        return ChainReport(count, last + 1, "cut_off", head)
    return ChainReport(count, head=head)


def _flaw_of(row: Row[Any], previous: str, kept_sha256: str) -> Flaw | None:
    if row.previous_sha256 != previous:
        return "missing"
    if _digest(row) != row.entry_sha256 or row.entry_sha256 != kept_sha256:
        return "changed"
    return None


def find_head(transaction: Transaction, after: AuditHead | None = None) -> AuditHead | None:
    """The end of the chain now; ``after`` is one that was found before, so that little is read."""
    last = select(AuditEntry.number, AuditEntry.entry_sha256)
    row = transaction.execute(last.order_by(AuditEntry.number.desc()).limit(1)).first()
    if row is None:
        return None
    since = after.number if after else 0
    newer = AuditEntry.number.between(since + 1, row.number)
    more = transaction.scalar(select(func.count()).select_from(AuditEntry).where(newer)) or 0
    return AuditHead(row.number, (after.entries if after else 0) + more, row.entry_sha256)


def holds(transaction: Transaction, head: AuditHead) -> bool:
    """Whether the entry that a head names is still there as it was."""
    named = select(AuditEntry.entry_sha256).where(AuditEntry.number == head.number)
    return transaction.scalar(named) == head.entry_sha256


def _in_order(transaction: Transaction, *, after: int = 0) -> Iterator[Row[Any]]:
    """In pages by number. Entries come and are committed in that order, so none is passed over."""
    while True:
        page = select(*AuditEntry.__table__.columns).where(AuditEntry.number > after)
        rows = transaction.execute(page.order_by(AuditEntry.number).limit(_PAGE)).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].number


def _digest(entry: Row[Any]) -> str:
    hashed = _hashed(
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        previous=entry.previous_sha256,
    )
    return hashlib.sha256(hashed.encode()).hexdigest()


def _hashed(*, at: datetime, **rest: Any) -> str:
    """What an entry's hash covers, in ASCII."""
    content = {"at": at.astimezone(UTC).isoformat(timespec="microseconds"), **rest}
    return json.dumps(content, sort_keys=True)
