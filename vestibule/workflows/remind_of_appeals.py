"""Appeals whose day has passed remind those who may decide them, and nobody else."""

from vestibule.domain.permissions import Permission
from vestibule.records import watchlist_entries
from vestibule.records.database import Transaction
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.show_watchlist import objections_to_hearing
from vestibule.workflows.sign_in import Principal


def appeals_overdue_for(runtime: Runtime, transaction: Transaction, caller: Principal) -> int:
    """How many this caller could decide now; one that rests on their own word is not theirs."""
    if caller.account_id is None or not caller.may(Permission.DECIDE_APPEALS):
        return 0
    overdue = watchlist_entries.with_overdue_appeal(transaction, now=runtime.clock.now())
    here = [one for one in overdue if caller.may(Permission.DECIDE_APPEALS, one.venue_id)]
    objections = objections_to_hearing(transaction, here, caller)
    return sum(objection is None for objection in objections.values())
