"""Requests about data whose day is near or has passed remind those who answer them."""

from vestibule.domain.permissions import Permission
from vestibule.records import data_requests, venues
from vestibule.records.database import Transaction
from vestibule.workflows.check_age import today_at
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def requests_pressing_for(runtime: Runtime, transaction: Transaction, caller: Principal) -> int:
    """How many this person should answer first: overdue, or due within three days."""
    if caller.account_id is None or not caller.may(Permission.HANDLE_REQUESTS):
        return 0
    today = today_at(runtime, venues.home(transaction))
    return data_requests.waiting(transaction, today=today).pressing
