"""Requests of people about their data, and the steps taken on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from vestibule.domain.data_rights import WARNED_BEFORE, RequestState
from vestibule.records.database import Transaction
from vestibule.records.rights_tables import DataRequest, DataRequestStep
from vestibule.records.tables import Customer


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Each with the customer's name, None for who is none or was erased."""

    items: list[tuple[DataRequest, str | None]]
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many are open, how many of those should have been answered before today, and how many
    are due within ``WARNED_BEFORE``."""

    open: int
    overdue: int
    soon: int

    @property
    def pressing(self) -> int:
        return self.overdue + self.soon


def find(transaction: Transaction, request_id: UUID) -> DataRequest | None:
    return transaction.get(DataRequest, request_id)


def find_for_change(transaction: Transaction, request_id: UUID) -> DataRequest | None:
    """Locked until the transaction ends."""
    query = select(DataRequest).where(DataRequest.id == request_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def page(transaction: Transaction, *, is_open: bool, offset: int, limit: int) -> RequestPage:
    """Open ones by what is due first, others by what was closed last."""
    here = _is_open() if is_open else ~_is_open()
    order = (
        (DataRequest.due_on, DataRequest.id)
        if is_open
        else (DataRequest.closed_at.desc(), DataRequest.id)
    )
    query = select(DataRequest, Customer.name).outerjoin(Customer).where(here)
    rows = transaction.execute(query.order_by(*order).offset(offset).limit(limit))
    total = transaction.scalar(select(func.count()).select_from(DataRequest).where(here)) or 0
    return RequestPage([(request, name) for request, name in rows], total)


def remove_of(transaction: Transaction, customer_ids: Iterable[UUID]) -> None:
    """For people who never were: of anybody else it stays known that they were answered."""
    transaction.execute(delete(DataRequest).where(DataRequest.customer_id.in_(list(customer_ids))))


def waiting(transaction: Transaction, *, today: date) -> Waiting:
    late = func.count().filter(DataRequest.due_on < today)
    near = func.count().filter(DataRequest.due_on.between(today, today + WARNED_BEFORE))
    query = select(func.count(), late, near).select_from(DataRequest).where(_is_open())
    is_open, overdue, soon = transaction.execute(query).one()
    return Waiting(is_open, overdue, soon)


def of_customer(transaction: Transaction, customer_id: UUID) -> list[DataRequest]:
    """The newest first."""
    query = select(DataRequest).where(DataRequest.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(DataRequest.created_at.desc(), DataRequest.id)))


def has_open(transaction: Transaction, customer_id: UUID, right: str) -> bool:
    query = select(DataRequest.id).where(
        DataRequest.customer_id == customer_id, DataRequest.right == right, _is_open()
    )
    return transaction.scalar(query.limit(1)) is not None


def steps_of(transaction: Transaction, request_ids: Iterable[UUID]) -> list[DataRequestStep]:
    """The oldest first."""
    query = select(DataRequestStep).where(DataRequestStep.request_id.in_(list(request_ids)))
    return list(transaction.scalars(query.order_by(DataRequestStep.number)))


def _is_open() -> ColumnElement[bool]:
    return DataRequest.state == RequestState.OPEN.value
