"""Templates that were enrolled before there were keys, found by an index that ends up empty."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select

from vestibule.domain.sealed_face import MARK
from vestibule.records.database import Transaction
from vestibule.records.key_tables import CustomerKey
from vestibule.records.tables import Customer, Template

IS_PLAIN = func.octet_length(Template.embedding) % 4 == 0
"""So many float32; sealed they never take a multiple of four bytes (``domain/sealed_face``)."""


def next_ones(transaction: Transaction, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Ids of template and customer. Who is being erased is left alone."""
    query = select(Template.id, Template.customer_id).join(Customer)
    query = query.where(IS_PLAIN, Customer.status != "ERASING")
    return [(a, b) for a, b in transaction.execute(query.order_by(Template.id).limit(limit))]


def lock(transaction: Transaction, waiting: Sequence[tuple[UUID, UUID]]) -> list[Template]:
    """Those that are still so, until the transaction ends. What somebody else holds is left out."""
    owners = select(Customer.id).where(
        Customer.id.in_({customer_id for _, customer_id in waiting}), Customer.status != "ERASING"
    )
    held = transaction.scalars(owners.with_for_update(read=True, skip_locked=True))
    query = select(Template).where(
        Template.id.in_([template_id for template_id, _ in waiting]),
        Template.customer_id.in_(list(held)),
        IS_PLAIN,
    )
    query = query.order_by(Template.id).with_for_update(skip_locked=True)
    return list(transaction.scalars(query.execution_options(populate_existing=True)))


def count(transaction: Transaction) -> int:
    return transaction.scalar(select(func.count()).select_from(Template).where(IS_PLAIN)) or 0


def count_without_key(transaction: Transaction) -> int:
    """Sealed ones whose key is not there. The owner's id stands in the row behind the mark."""
    owner = func.encode(func.substr(Template.embedding, len(MARK) + 1, 16), "hex")
    has_key = exists().where(
        func.replace(cast(CustomerKey.customer_id, String), "-", "") == owner,
        CustomerKey.wrapped.is_not(None),
    )
    query = select(func.count()).select_from(Template).where(~IS_PLAIN, ~has_key)
    return transaction.scalar(query) or 0
