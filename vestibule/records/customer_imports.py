"""Imports of customers, and the customers that rows of a list mean."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text

from vestibule.records.customer_import_tables import CustomerImport
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Job

_LOCK = 0x696D706F  # one batch at a time: two imports never wait for each other's customers


def find(transaction: Transaction, import_id: UUID) -> CustomerImport | None:
    return transaction.get(CustomerImport, import_id)


def find_for_change(transaction: Transaction, import_id: UUID) -> CustomerImport | None:
    query = select(CustomerImport).where(CustomerImport.id == import_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def latest(transaction: Transaction, *, limit: int) -> list[CustomerImport]:
    query = select(CustomerImport).order_by(CustomerImport.created_at.desc(), CustomerImport.id)
    return list(transaction.scalars(query.limit(limit)))


def remove(transaction: Transaction, import_id: UUID) -> None:
    transaction.execute(delete(CustomerImport).where(CustomerImport.id == import_id))


def with_file(transaction: Transaction) -> list[CustomerImport]:
    """Those whose list is still stored."""
    return list(
        transaction.scalars(select(CustomerImport).where(CustomerImport.file_key.is_not(None)))
    )


def expired(transaction: Transaction, *, now: datetime) -> list[CustomerImport]:
    """Those that nobody confirmed in time."""
    query = select(CustomerImport).where(
        CustomerImport.state == "PREVIEWED", CustomerImport.expires_at <= now
    )
    return list(transaction.scalars(query))


def stranded(transaction: Transaction, *, now: datetime) -> list[CustomerImport]:
    """Those whose job failed, and was not tried again in time."""
    query = (
        select(CustomerImport)
        .join(Job, Job.id == CustomerImport.job_id)
        .where(
            CustomerImport.state == "RUNNING",
            Job.state == "FAILED",
            CustomerImport.expires_at <= now,
        )
    )
    return list(transaction.scalars(query.with_for_update(of=CustomerImport)))


def one_batch_at_a_time(transaction: Transaction) -> None:
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def of_name_and_contact(
    transaction: Transaction, folded_name: str, *, email: str | None, phone_key: str | None
) -> Customer | None:
    """Somebody of that name with that e-mail or phone: whom a row without a number means."""
    for matching in (
        Customer.email == email if email else None,
        Customer.phone_key == phone_key if phone_key else None,
    ):
        if matching is None:
            continue
        query = select(Customer).where(
            matching, Customer.folded_name == folded_name, Customer.status == "ACTIVE"
        )
        found = transaction.scalar(query.order_by(Customer.created_at, Customer.id).limit(1))
        if found is not None:
            return found
    return None


EXPORT_PAGE = 1_000


def page_of_all(
    transaction: Transaction, after: UUID | None, *, venues: frozenset[UUID] | None = None
) -> list[Customer]:
    """The next customers by id (whose home is one of these venues), empty after the last."""
    query = select(Customer).where(Customer.status == "ACTIVE")
    if venues is not None:
        query = query.where(Customer.venue_id.in_(venues))
    if after is not None:
        query = query.where(Customer.id > after)
    return list(transaction.scalars(query.order_by(Customer.id).limit(EXPORT_PAGE)))
