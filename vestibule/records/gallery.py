"""Templates, and which of them may be searched.

The basis is enforced here, in the queries: a template is searchable only while it is not retired,
its customer is ACTIVE and holds a consent for recognition that was not withdrawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, exists, func, select

from vestibule.domain.faces import Embeddings
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent, Customer, Template


def has_basis() -> ColumnElement[bool]:
    consent = exists().where(
        Consent.customer_id == Customer.id,
        Consent.purpose == "recognition",
        Consent.withdrawn_at.is_(None),
    )
    return (Customer.status == "ACTIVE") & consent


def _is_in_use() -> ColumnElement[bool]:
    return Template.status == "ACTIVE"


@dataclass(frozen=True, slots=True)
class GallerySize:
    """What a face could be matched with now: searchable customers and their templates."""

    customers: int
    templates: int


def size(transaction: Transaction, space_id: str) -> GallerySize:
    query = (
        select(func.count(Template.customer_id.distinct()), func.count())
        .select_from(Template)
        .join(Customer)
        .where(Template.space_id == space_id, _is_in_use(), has_basis())
    )
    customers, templates = transaction.execute(query).one()
    return GallerySize(customers=customers, templates=templates)


def customers_elsewhere(transaction: Transaction, space_id: str) -> int:
    """Customers with a basis and a template, but none in this space: no photo can find them."""
    of_customer = (Template.customer_id == Customer.id, Template.status == "ACTIVE")
    is_here = exists().where(*of_customer, Template.space_id == space_id)
    is_anywhere = exists().where(*of_customer)
    query = select(func.count()).select_from(Customer).where(has_basis(), is_anywhere, ~is_here)
    return transaction.scalar(query) or 0


def searchable_template_ids(transaction: Transaction, space_id: str) -> set[UUID]:
    query = select(Template.id).join(Customer)
    query = query.where(Template.space_id == space_id, _is_in_use(), has_basis())
    return set(transaction.scalars(query))


def still_searchable(transaction: Transaction, template_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Of these templates, the ones a result may show, with their customer."""
    query = (
        select(Template.id, Template.customer_id)
        .join(Customer)
        .where(Template.id.in_(list(template_ids)), _is_in_use(), has_basis())
    )
    return dict(transaction.execute(query).all())


def bases(
    transaction: Transaction, customer_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, frozenset[UUID] | None]]:
    """On what these customers may be searched, and at which venues; None is every one."""
    query = select(Consent.customer_id, Consent.basis, Consent.venue_id).where(
        Consent.customer_id.in_(set(customer_ids)),
        Consent.purpose == "recognition",
        Consent.withdrawn_at.is_(None),
    )
    found: dict[UUID, tuple[str, frozenset[UUID] | None]] = {}
    for customer_id, basis, venue_id in transaction.execute(query.order_by(Consent.given_at)):
        _, venues = found.get(customer_id, (basis, frozenset[UUID]()))
        if venues is None or venue_id is None:
            found[customer_id] = (basis, None)
        else:
            found[customer_id] = (basis, venues | {venue_id})
    return found


def templates(transaction: Transaction, template_ids: Iterable[UUID]) -> Iterator[Template]:
    """In pages, so that a rebuild of a large index does not hold all of them at once."""
    wanted = list(template_ids)
    for start in range(0, len(wanted), 2_000):
        page = select(Template).where(Template.id.in_(wanted[start : start + 2_000]))
        yield from transaction.scalars(page)


def templates_of(transaction: Transaction, customer_id: UUID) -> list[Template]:
    """All of them, also retired ones and those of other spaces, the newest first."""
    query = select(Template).where(Template.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(Template.created_at.desc(), Template.id)))


def find_template_for_change(transaction: Transaction, template_id: UUID) -> Template | None:
    """Locked until the transaction ends. Lock its customer first."""
    query = select(Template).where(Template.id == template_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def find_template(transaction: Transaction, template_id: UUID) -> Template | None:
    return transaction.get(Template, template_id)


def crop_keys(transaction: Transaction) -> dict[str, str]:
    """Where the crop of each template is, by its id."""
    rows = transaction.execute(select(Template.id, Template.crop_key))
    return {str(template_id): key for template_id, key in rows}


def template_from_source(
    transaction: Transaction, *, customer_id: UUID, space_id: str, source_sha256: str
) -> Template | None:
    return transaction.scalar(
        select(Template).where(
            Template.customer_id == customer_id,
            Template.space_id == space_id,
            Template.source_sha256 == source_sha256,
        )
    )


def to_bytes(embedding: Embeddings) -> bytes:
    return np.ascontiguousarray(embedding, dtype="<f4").tobytes()


def from_bytes(stored: bytes) -> Embeddings:
    return np.frombuffer(stored, dtype="<f4").astype(np.float32)
