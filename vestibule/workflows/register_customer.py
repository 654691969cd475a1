"""Customers as people keep them: made, corrected, with or without a face."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from vestibule.domain.contact import phone_key
from vestibule.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnderAgeError,
)
from vestibule.domain.names import folded
from vestibule.domain.profile import cleaned
from vestibule.records import audit, customers, duplicates, venues
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Venue
from vestibule.workflows.check_age import is_under_age, today_at
from vestibule.workflows.drop_faces import drop_faces, take_faces
from vestibule.workflows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """``venue_id`` is the home venue; without one it is the venue of the installation."""

    name: str
    notes: str = ""
    reference: str | None = None
    is_demo: bool = False
    birth_date: date | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = field(default_factory=tuple)
    venue_id: UUID | None = None

    @property
    def profile(self) -> dict[str, Any]:
        names = ("name", "notes", "reference", "birth_date", "phone", "email", "language", "tags")
        return {name: getattr(self, name) for name in names}


def register_customer(runtime: Runtime, new: NewCustomer, *, actor: str) -> Customer:
    """Raises InvalidInputError (``problems`` by field), UnderAgeError, and ConflictError for a
    reference in use."""
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
    home = _venue(transaction, new.venue_id)
    values = checked(runtime, home, new.profile)
    _require_free(transaction, values["reference"], owner=None)
    now = runtime.clock.now()
    customer = Customer(venue_id=home.id, is_demo=new.is_demo, created_at=now, updated_at=now)
    write_profile(customer, values)
    if is_under_age(runtime, transaction, customer):
        raise UnderAgeError(minimum_age=home.minimum_age)
    transaction.add(customer)
    transaction.flush()
    duplicates.look_for(transaction, customer, now=now)
    return customer


def correct_customer(
    runtime: Runtime, customer_id: UUID, changes: Mapping[str, Any], *, actor: str
) -> Customer:
    """Set fields of the profile, or ``venue_id``. The audit names the fields, not their content.

    Who turns out to be a minor keeps the file and loses the face: consents are withdrawn, templates
    and pictures removed before this returns. Raises as ``register_customer``, and NotFoundError.
    """
    with runtime.database.begin() as transaction:
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        change_customer(runtime, transaction, customer, changes)
        became_minor = is_under_age(runtime, transaction, customer)
        taken = take_faces(runtime, transaction, customer) if became_minor else None
        audit.append(
            transaction,
            at=customer.updated_at,
            actor=actor,
            action="customer.correct",
            subject=f"customer:{customer.id}",
            fields=sorted(changes),
            **({"faces_removed": len(taken.templates)} if taken else {}),
        )
    if taken is not None:
        drop_faces(runtime, taken)
    return customer


def change_customer(
    runtime: Runtime, transaction: Transaction, customer: Customer, changes: Mapping[str, Any]
) -> None:
    """The row alone. The customer is locked."""
    fields = dict(changes)
    if "venue_id" in fields:
        customer.venue_id = _venue(transaction, fields.pop("venue_id")).id
    home = transaction.get_one(Venue, customer.venue_id)
    values = checked(runtime, home, fields)
    if values.get("reference"):
        _require_free(transaction, values["reference"], owner=customer.id)
    write_profile(customer, values)
    customer.updated_at = runtime.clock.now()
    transaction.flush()
    duplicates.look_for(transaction, customer, now=customer.updated_at)


def checked(runtime: Runtime, home: Venue, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cleaned values. Raises InvalidInputError with a code for each field that does not fit."""
    profile = cleaned(fields, today=today_at(runtime, home))
    if profile.problems:
        words = "; ".join(f"{name}: {code}" for name, code in profile.problems.items())
        raise InvalidInputError(words, fields=sorted(profile.problems), problems=profile.problems)
    return profile.values


def write_profile(customer: Customer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(customer, name, value)
    if "name" in values:
        customer.folded_name = folded(values["name"])
    if "phone" in values:
        customer.phone_key = phone_key(values["phone"]) if values["phone"] else None


def _require_free(transaction: Transaction, reference: str | None, *, owner: UUID | None) -> None:
    known = customers.find_by_reference(transaction, reference) if reference else None
    if known is not None and known.id != owner:
        raise ConflictError("A customer with this reference exists.", reference=reference)


def _venue(transaction: Transaction, venue_id: UUID | None) -> Venue:
    if venue_id is None:
        return venues.home(transaction)
    found = transaction.get(Venue, venue_id)
    if found is None:
        raise InvalidInputError("There is no such venue.", fields=["home_venue_id"])
    return found
