"""An entry ends before its time, from that moment on."""

from uuid import UUID

from vestibule.domain.errors import ConflictError, ForbiddenError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import Objection
from vestibule.records import audit, customers, watchlist_entries
from vestibule.records.database import Transaction
from vestibule.records.watchlist_tables import WatchlistEntry
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def lift_entry(
    runtime: Runtime, entry_id: UUID, *, reason: str, caller: Principal
) -> WatchlistEntry:
    """By anybody who may decide there, who reported an incident too: it only lets somebody in.

    Raises NotFoundError, ForbiddenError, ConflictError where it is over. Safe to run twice.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        entry = locked_entry(transaction, entry_id, caller)
        if caller.account_id is None:
            raise ForbiddenError(objection=Objection.NOT_A_PERSON.value)
        if not caller.may(Permission.DECIDE_PROPOSALS, entry.venue_id):
            raise ForbiddenError(objection=Objection.NOT_PERMITTED.value)
        if entry.lifted_at is not None:
            return entry
        if entry.ends_at <= now:
            raise ConflictError("This entry is over.", ended_at=entry.ends_at.isoformat())
        mark_lifted(runtime, entry, reason=reason, caller=caller)
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="watchlist.lift",
            subject=f"entry:{entry.id}",
            customer=str(entry.customer_id),
        )
    return entry


def locked_entry(transaction: Transaction, entry_id: UUID, caller: Principal) -> WatchlistEntry:
    """The customer first, then the entry. Raises NotFoundError, also where the caller sees none."""
    seen = watchlist_entries.find(transaction, entry_id)
    if seen is None or not caller.may(Permission.VIEW_WATCHLIST, seen.venue_id):
        raise NotFoundError()
    customer = customers.find_for_change(transaction, seen.customer_id)
    entry = watchlist_entries.lock(transaction, entry_id)
    if customer is None or entry is None:
        raise NotFoundError()
    return entry


def mark_lifted(runtime: Runtime, entry: WatchlistEntry, *, reason: str, caller: Principal) -> None:
    entry.lifted_at = runtime.clock.now()
    entry.lifted_by, entry.lifted_by_id = caller.actor, caller.account_id
    entry.lifted_reason = reason
