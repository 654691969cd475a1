"""A customer objects to statistics or offers, or no longer does (article 21)."""

from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.records import audit, customers
from vestibule.records.tables import Customer
from vestibule.workflows.runtime import Runtime


def set_objections(
    runtime: Runtime,
    customer_id: UUID,
    *,
    to_statistics: bool | None = None,
    to_offers: bool | None = None,
    actor: str,
) -> Customer:
    """None leaves it as it is. Holds from the commit on; safe to run twice. NotFoundError."""
    wanted = {"objects_to_statistics_at": to_statistics, "objects_to_offers_at": to_offers}
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        now = runtime.clock.now()
        for name, objects in wanted.items():
            if objects is not None and (getattr(customer, name) is not None) != objects:
                setattr(customer, name, now if objects else None)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="customer.object",
            subject=f"customer:{customer.id}",
            statistics=customer.objects_to_statistics_at is not None,
            offers=customer.objects_to_offers_at is not None,
        )
    return customer
