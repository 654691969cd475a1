"""A customer speaks against an entry; somebody who had no part in it decides, by a given day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from vestibule.domain.ids import new_uuid
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import Objection, objection_to_hearing
from vestibule.records import (
    audit,
    customers,
    watchlist_entries,
    watchlist_policies,
    watchlist_proposals,
)
from vestibule.records.database import Transaction
from vestibule.records.watchlist_tables import WatchlistAppeal, WatchlistEntry
from vestibule.workflows.lift_entry import mark_lifted
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

UPHELD, SHORTENED, LIFTED = "upheld", "shortened", "lifted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ends_at`` is the new end, for SHORTENED alone."""

    kind: str
    reason: str
    ends_at: datetime | None = None


def record_appeal(
    runtime: Runtime, customer_id: UUID, *, statement: str, caller: Principal
) -> list[WatchlistAppeal]:
    """Against every entry of the customer that holds and has no open appeal.

    Whoever takes it down need not see the entries: the customer knows of them. Raises
    ForbiddenError, NotFoundError where nothing holds, ConflictError where all are appealed.
    """
    if caller.account_id is None:
        raise ForbiddenError(objection=Objection.NOT_A_PERSON.value)
    with runtime.database.begin() as transaction:
        if customers.find_for_change(transaction, customer_id) is None:
            raise NotFoundError()
        current = [
            entry
            for entry in _current(runtime, transaction, customer_id)
            if caller.may(Permission.RECORD_APPEALS, entry.venue_id)
        ]
        return _take_down(
            runtime,
            transaction,
            current,
            statement=statement,
            by=caller.actor,
            by_id=caller.account_id,
        )


def appeal_oneself(
    runtime: Runtime, customer_id: UUID, *, statement: str, actor: str
) -> list[WatchlistAppeal]:
    """As ``record_appeal``, by the customer on their own page."""
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        current = _current(runtime, transaction, customer.id)
        return _take_down(runtime, transaction, current, statement=statement, by=actor, by_id=None)


def _current(runtime: Runtime, transaction: Transaction, customer_id: UUID) -> list[WatchlistEntry]:
    now = runtime.clock.now()
    return list(watchlist_entries.current_of(transaction, customer_id, now=now))


def _take_down(
    runtime: Runtime,
    transaction: Transaction,
    current: list[WatchlistEntry],
    *,
    statement: str,
    by: str,
    by_id: UUID | None,
) -> list[WatchlistAppeal]:
    if not current:
        raise NotFoundError()
    now = runtime.clock.now()
    days = watchlist_policies.in_force(transaction).policy.appeal_within_days
    made = [
        WatchlistAppeal(
            id=new_uuid(),
            entry_id=entry.id,
            statement=statement,
            recorded_by=by,
            recorded_by_id=by_id,
            recorded_at=now,
            due_at=now + timedelta(days=days),
        )
        for entry in current
        if watchlist_entries.open_appeal(transaction, entry.id) is None
    ]
    if not made:
        raise ConflictError("There is an open appeal already.")
    transaction.add_all(made)
    transaction.flush()
    for appeal in made:
        _record(transaction, appeal, current[0].customer_id, action="record", at=now, actor=by)
    return made


def decide_appeal(
    runtime: Runtime, appeal_id: UUID, outcome: Outcome, *, caller: Principal
) -> WatchlistAppeal:
    """Raises NotFoundError, ForbiddenError (fact: ``objection``), InvalidInputError for an end that
    is not nearer, ConflictError where it was decided otherwise. Safe to run twice.
    """
    with runtime.database.begin() as transaction:
        appeal, entry = _locked(transaction, appeal_id, caller)
        if appeal.outcome is not None:
            if (appeal.outcome, appeal.decided_by_id) == (outcome.kind, caller.account_id):
                return appeal
            raise ConflictError("This appeal is decided.", outcome=appeal.outcome)
        _require_impartial(transaction, entry, caller)
        now = runtime.clock.now()
        if outcome.kind == SHORTENED:
            _shorten(entry, outcome.ends_at, now=now)
        elif outcome.kind == LIFTED and entry.lifted_at is None:
            mark_lifted(runtime, entry, reason=outcome.reason, caller=caller)
        appeal.outcome, appeal.outcome_reason = outcome.kind, outcome.reason
        appeal.decided_by, appeal.decided_by_id = caller.actor, caller.account_id
        appeal.decided_at = now
        transaction.flush()
        _record(transaction, appeal, entry.customer_id, action="decide", at=now, actor=caller.actor)
    return appeal


def _locked(
    transaction: Transaction, appeal_id: UUID, caller: Principal
) -> tuple[WatchlistAppeal, WatchlistEntry]:
    seen = watchlist_entries.find_appeal(transaction, appeal_id)
    entry = watchlist_entries.find(transaction, seen.entry_id) if seen else None
    if entry is None or not caller.may(Permission.VIEW_WATCHLIST, entry.venue_id):
        raise NotFoundError()
    customer = customers.find_for_change(transaction, entry.customer_id)
    entry = watchlist_entries.lock(transaction, entry.id)
    appeal = watchlist_entries.lock_appeal(transaction, appeal_id)
    if customer is None or entry is None or appeal is None:
        raise NotFoundError()
    return appeal, entry


def _require_impartial(transaction: Transaction, entry: WatchlistEntry, caller: Principal) -> None:
    proposal = watchlist_proposals.find(transaction, entry.proposal_id)
    assert proposal is not None  # an entry goes with its proposal
    objection = objection_to_hearing(
        caller.account_id,
        is_permitted=caller.may(Permission.DECIDE_APPEALS, entry.venue_id),
        involved=watchlist_proposals.involved_in(transaction, [proposal])[proposal.id],
    )
    if objection is not None:
        raise ForbiddenError(objection=objection.value)


def _shorten(entry: WatchlistEntry, ends_at: datetime | None, *, now: datetime) -> None:
    earliest = max(now, entry.starts_at)
    if ends_at is None or not earliest < ends_at < entry.ends_at:
        raise InvalidInputError(
            "The new end must lie ahead and before the present one.",
            fields=[{"field": "ends_at", "problem": "ahead, and before the present end"}],
        )
    if entry.lifted_at is not None:
        raise ConflictError("This entry was lifted.")
    entry.ends_at = ends_at


def _record(
    transaction: Transaction,
    appeal: WatchlistAppeal,
    customer_id: UUID,
    *,
    action: str,
    at: datetime,
    actor: str,
) -> None:
    audit.append(
        transaction,
        at=at,
        actor=actor,
        action=f"appeal.{action}",
        subject=f"appeal:{appeal.id}",
        customer=str(customer_id),
        entry=str(appeal.entry_id),
        outcome=appeal.outcome,
    )
