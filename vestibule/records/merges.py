"""Merges of two files, and what is known of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from vestibule.records.database import Transaction
from vestibule.records.merge_tables import CustomerMerge
from vestibule.records.tables import Consent, Customer, Json

FIELDS = (
    "birth_date",
    "phone",
    "phone_key",
    "email",
    "language",
    "reference",
    "notes",
    "tags",
)
"""Of a customer, what a merge may change."""


def find(transaction: Transaction, merge_id: UUID) -> CustomerMerge | None:
    return transaction.get(CustomerMerge, merge_id)


def find_for_change(transaction: Transaction, merge_id: UUID) -> CustomerMerge | None:
    query = select(CustomerMerge).where(CustomerMerge.id == merge_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def standing(transaction: Transaction, *, kept: UUID, merged: UUID) -> CustomerMerge | None:
    """The merge that holds now, of these two."""
    query = select(CustomerMerge).where(
        CustomerMerge.kept_id == kept,
        CustomerMerge.merged_id == merged,
        CustomerMerge.undone_at.is_(None),
    )
    return transaction.scalar(query.limit(1))


def of_customer(transaction: Transaction, customer_id: UUID) -> list[CustomerMerge]:
    """What was merged into that file, also what was undone; the latest first."""
    query = select(CustomerMerge).where(CustomerMerge.kept_id == customer_id)
    return list(transaction.scalars(query.order_by(CustomerMerge.merged_at.desc())))


def merged_into(transaction: Transaction, customer_id: UUID) -> list[UUID]:
    """Whose files became a part of that one, also by way of others; those furthest away first."""
    found: list[UUID] = []
    nearest = [customer_id]
    while nearest:
        query = select(Customer.id).where(
            Customer.merged_into_id.in_(nearest), Customer.status != "ACTIVE"
        )
        nearest = list(transaction.scalars(query.order_by(Customer.id)))
        found = [*nearest, *found]
    return found


def fields_of(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in FIELDS}


def as_json(fields: dict[str, Any]) -> Json:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
    }


def from_json(fields: Json) -> dict[str, Any]:
    born = fields.get("birth_date")
    read = {"birth_date": date.fromisoformat(born)} if born else {}
    return {**fields, **read}


def consents_of_both(transaction: Transaction, customer_ids: Iterable[UUID]) -> list[Consent]:
    query = select(Consent).where(Consent.customer_id.in_(list(customer_ids)))
    return list(transaction.scalars(query.order_by(Consent.given_at, Consent.id)))
