"""A customer's data are kept and no longer used (article 18), until a person lifts that."""

from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.records import audit, customers, gallery
from vestibule.records.tables import Customer
from vestibule.workflows.index_templates import index_templates, unindex_templates
from vestibule.workflows.runtime import Runtime


class RestrictedError(ConflictError):
    """The use of this customer's data is restricted: they are kept, and nothing is added."""

    code = "restricted"


def restrict_use(runtime: Runtime, customer_id: UUID, *, actor: str) -> Customer:
    """From the commit on no photo finds them and nothing is added. Safe to run twice.

    Raises NotFoundError.
    """
    return _set(runtime, customer_id, is_restricted=True, actor=actor)


def lift_restriction(runtime: Runtime, customer_id: UUID, *, actor: str) -> Customer:
    """The person was told before (article 18(3)). Safe to run twice. Raises NotFoundError."""
    return _set(runtime, customer_id, is_restricted=False, actor=actor)


def require_unrestricted(customer: Customer) -> None:
    """Raises RestrictedError: for whatever would add to what is only kept."""
    if customer.restricted_at is not None:
        raise RestrictedError(customer=str(customer.id))


def _set(runtime: Runtime, customer_id: UUID, *, is_restricted: bool, actor: str) -> Customer:
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        changes = (customer.restricted_at is not None) != is_restricted
        if changes:
            customer.restricted_at = runtime.clock.now() if is_restricted else None
            transaction.flush()
        template_ids = [row.id for row in gallery.templates_of(transaction, customer.id)]
        if changes:
            audit.append(
                transaction,
                at=runtime.clock.now(),
                actor=actor,
                action="customer.restrict" if is_restricted else "customer.unrestrict",
                subject=f"customer:{customer.id}",
            )
    if is_restricted:
        unindex_templates(runtime, template_ids)
        runtime.rejected.forget_customer(CustomerId(customer.id))
    else:
        index_templates(runtime, template_ids)
    return customer
