"""Customers as people keep them: made, corrected, with or without a face."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.names import MAX_NAME_LENGTH, clean_name, folded
from vestibule.records import audit, customers, venues
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class NewCustomer:
    name: str
    notes: str = ""
    reference: str | None = None
    is_demo: bool = False
    venue_id: UUID | None = None
    """Where they come from; None is the first venue."""


def register_customer(runtime: Runtime, new: NewCustomer, *, actor: str) -> Customer:
    """Raises InvalidInputError for an empty name, ConflictError for a reference in use."""
    with runtime.database.begin() as transaction:
        customer = add_customer(runtime, transaction, new)
        audit.append(
            transaction,
            at=customer.created_at,
            actor=actor,
            action="customer.create",
            subject=f"customer:{customer.id}",
        )
    return customer


def add_customer(runtime: Runtime, transaction: Transaction, new: NewCustomer) -> Customer:
    """The row alone, for workflows that do more in the same transaction."""
    name = _checked_name(new.name)
    if new.reference and customers.find_by_reference(transaction, new.reference):
        raise ConflictError("A customer with this reference exists.", reference=new.reference)
    now = runtime.clock.now()
    customer = Customer(
        venue_id=new.venue_id or venues.home(transaction).id,
        name=name,
        folded_name=folded(name),
        notes=new.notes,
        reference=new.reference,
        is_demo=new.is_demo,
        created_at=now,
        updated_at=now,
    )
    transaction.add(customer)
    transaction.flush()
    return customer


def correct_customer(
    runtime: Runtime, customer_id: UUID, changes: Mapping[str, str], *, actor: str
) -> Customer:
    """Set ``name`` or ``notes``. The audit names the fields, not their content."""
    with runtime.database.begin() as transaction:
        customer = customers.find_for_change(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        if "name" in changes:
            customer.name = _checked_name(changes["name"])
            customer.folded_name = folded(customer.name)
        if "notes" in changes:
            customer.notes = changes["notes"]
        customer.updated_at = runtime.clock.now()
        audit.append(
            transaction,
            at=customer.updated_at,
            actor=actor,
            action="customer.correct",
            subject=f"customer:{customer_id}",
            fields=sorted(changes),
        )
    return customer


def _checked_name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise InvalidInputError(fields=["name"])
    if len(cleaned) > MAX_NAME_LENGTH:
        raise InvalidInputError(fields=["name"], limit=MAX_NAME_LENGTH)
    return cleaned
