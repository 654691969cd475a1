"""Where the audit log begins once its oldest entries have had their time."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from vestibule.records.audit import AuditHead
from vestibule.records.audit_search import about
from vestibule.records.audit_tables import AuditEntry, AuditStart
from vestibule.records.database import Transaction
from vestibule.records.legal_holds import Held

PIECE = 5_000


def find(transaction: Transaction) -> AuditHead | None:
    """The last entry that went, by what the record says; None where none ever did."""
    row = transaction.get(AuditStart, 1)
    return None if row is None else AuditHead(row.number, row.entries, row.entry_sha256)


def keep(transaction: Transaction, start: AuditHead, *, now: datetime) -> None:
    values = {
        "number": start.number,
        "entries": start.entries,
        "entry_sha256": start.entry_sha256,
        "removed_at": now,
    }
    row = insert(AuditStart).values(id=1, **values)
    transaction.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def last_that_may_go(
    transaction: Transaction, *, written_before: datetime, held: Held, after: AuditHead | None
) -> AuditHead | None:
    """The last of the oldest entries that are all due; it stops before what names somebody held."""
    since = after.number if after else 0
    stays = select(func.min(AuditEntry.number)).where(
        AuditEntry.at >= written_before, AuditEntry.number > since
    )
    edges = [transaction.scalar(stays), _first_of(transaction, held)]
    first_kept = min((edge for edge in edges if edge is not None), default=None)
    if first_kept is None:
        return None  # the end of the log always stays
    last = select(AuditEntry.number, AuditEntry.entry_sha256).where(
        AuditEntry.number > since, AuditEntry.number < first_kept
    )
    row = transaction.execute(last.order_by(AuditEntry.number.desc()).limit(1)).first()
    if row is None:
        return None
    going = select(func.count()).where(AuditEntry.number.between(since + 1, row.number))
    gone = (after.entries if after else 0) + (transaction.scalar(going) or 0)
    return AuditHead(row.number, gone, row.entry_sha256)


def _first_of(transaction: Transaction, held: Held) -> int | None:
    subjects = [f"customer:{one}" for one in held.customers]
    subjects += [f"incident:{one}" for one in held.incidents]
    firsts = [
        transaction.scalar(select(func.min(AuditEntry.number)).where(about(subject)))
        for subject in subjects
    ]
    return min((first for first in firsts if first is not None), default=None)


def forget(transaction: Transaction, start: AuditHead) -> int:
    """Remove some of the entries up to ``start``, the oldest first; how many.

    Through a function of the tables' owner, which takes nothing that is younger than 180 days: no
    service has the right to delete.
    """
    first = transaction.scalar(select(func.min(AuditEntry.number)))
    if first is None or first > start.number:
        return 0
    up_to = min(start.number, first + PIECE - 1)
    call = text("SELECT forget_audit_entries(:up_to)")
    return int(transaction.scalar(call, {"up_to": up_to}) or 0)
