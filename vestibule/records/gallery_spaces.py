"""The same faces in several spaces: which pairs there are, and what goes with a space."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from vestibule.records.database import Transaction
from vestibule.records.gallery import has_basis
from vestibule.records.tables import Customer, Template


def paired(
    transaction: Transaction, one: str, other: str, *, limit: int
) -> list[tuple[Template, Template]]:
    """Searchable faces that both spaces have, in an order that depends on nothing but their ids.

    Of one space with itself, each face with itself.
    """
    here, there = Template, aliased(Template)
    query = (
        select(here, there)
        .join(
            there,
            (there.customer_id == here.customer_id) & (there.source_sha256 == here.source_sha256),
        )
        .join(Customer, Customer.id == here.customer_id)
        .where(here.space_id == one, there.space_id == other)
        .where(here.status == "ACTIVE", there.status == "ACTIVE", has_basis())
        .order_by(func.md5(func.concat(here.id, "")))
        .limit(limit)
    )
    return [(a, b) for a, b in transaction.execute(query)]


def with_several(transaction: Transaction, space_id: str) -> set[UUID]:
    """Customers with more than one searchable face in the space."""
    query = select(Template.customer_id).join(Customer)
    query = query.where(Template.space_id == space_id, Template.status == "ACTIVE", has_basis())
    query = query.group_by(Template.customer_id).having(func.count() > 1)
    return set(transaction.scalars(query))


def some_of_space(transaction: Transaction, space_id: str, *, limit: int) -> list[UUID]:
    query = select(Template.id).where(Template.space_id == space_id).order_by(Template.id)
    return list(transaction.scalars(query.limit(limit)))


def crops_of_these_alone(transaction: Transaction, template_ids: Sequence[UUID]) -> list[str]:
    """The crops that no other template shares."""
    other = aliased(Template)
    shared = select(other.id).where(
        other.crop_key == Template.crop_key, other.id.not_in(template_ids)
    )
    query = select(Template.crop_key).where(Template.id.in_(template_ids), ~shared.exists())
    return sorted(set(transaction.scalars(query)))


def remove_templates(transaction: Transaction, template_ids: Iterable[UUID]) -> None:
    transaction.execute(delete(Template).where(Template.id.in_(list(template_ids))))
