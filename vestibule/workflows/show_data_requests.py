"""The desk of requests: what waits and until when, what was said on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vestibule.domain.data_rights import Right
from vestibule.domain.errors import NotFoundError
from vestibule.records import audit, customers, data_requests, data_use
from vestibule.records.data_requests import Waiting
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import DataRequest, DataRequestStep
from vestibule.records.tables import Customer, Venue
from vestibule.workflows.check_age import today_at
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class RequestShown:
    """``name`` is the customer's, or of whoever asked without being one."""

    request: DataRequest
    name: str | None
    today: date
    steps: Sequence[DataRequestStep] = ()
    recipients: Sequence[tuple[datetime, str]] = ()
    """When lists were handed out that hold this customer and to whom, and when programs last had
    something of theirs, by their keys (article 19)."""

    @property
    def is_overdue(self) -> bool:
        return self.request.state == "OPEN" and self.request.due_on < self.today

    @property
    def days_left(self) -> int:
        return (self.request.due_on - self.today).days


@dataclass(frozen=True, slots=True)
class RequestsShown:
    items: list[RequestShown]
    total: int
    waiting: Waiting


def show_requests(
    runtime: Runtime, *, is_open: bool, offset: int, limit: int, caller: Principal
) -> RequestsShown:
    """Open ones by what is due first. It is recorded who was shown."""
    with runtime.database.begin() as transaction:
        today = today_at(runtime, transaction.get_one(Venue, caller.venue_id))
        page = data_requests.page(transaction, is_open=is_open, offset=offset, limit=limit)
        waiting = data_requests.waiting(transaction, today=today)
        shown = [RequestShown(one, name or one.requester, today) for one, name in page.items]
        whom = [str(one.customer_id) for one, _ in page.items if one.customer_id]
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=caller.actor,
            action="data_request.list",
            subject="data_requests",
            **({"customers": whom} if whom else {}),
        )
    return RequestsShown(shown, page.total, waiting)


def show_request(runtime: Runtime, request_id: UUID, *, caller: Principal) -> RequestShown:
    """With its steps. It is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        found = data_requests.find(transaction, request_id)
        if found is None:
            raise NotFoundError()
        customer = customers.find(transaction, found.customer_id) if found.customer_id else None
        shown = RequestShown(
            found,
            customer.name if customer else found.requester,
            today_at(runtime, transaction.get_one(Venue, caller.venue_id)),
            data_requests.steps_of(transaction, [found.id]),
            _recipients(transaction, found, customer),
        )
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=caller.actor,
            action="data_request.view",
            subject=f"data_request:{found.id}",
            **({"customer": str(found.customer_id)} if found.customer_id else {}),
        )
    return shown


_TOLD_ON = (Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)


def _recipients(
    transaction: Transaction, request: DataRequest, customer: Customer | None
) -> list[tuple[datetime, str]]:
    if customer is None or request.right not in _TOLD_ON:
        return []
    exports = data_use.exports_since(transaction, customer.created_at)
    return sorted({*exports, *data_use.keys_that_read(transaction, customer.id)})
