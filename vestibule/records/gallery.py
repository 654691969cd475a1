"""Templates, and which of them may be searched.

The basis is enforced here, in the queries: a template is searchable only while it is not retired,
its customer is ACTIVE and not restricted, and they hold a consent for recognition that was not
withdrawn and has not expired, or a provision of law lets faces be compared with those of people on
the watchlist.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Table, exists, func, select, tablesample, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from vestibule.domain.faces import Embeddings
from vestibule.records.consents import Ground, agrees_to, grounds, is_sought_by_law
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Template

_ROWS = cast(Table, Template.__table__)
VENUES_KEPT = 1_000


@lru_cache(maxsize=VENUES_KEPT)
def has_basis(venue_id: UUID | None = None) -> ColumnElement[bool]:
    """That it holds at this venue, or anywhere where none is named.

    Kept, since to put it together takes longer than most queries that it is part of.
    """
    by_consent = agrees_to("recognition", venue_id=venue_id)
    is_present = (Customer.status == "ACTIVE") & Customer.restricted_at.is_(None)
    return is_present & (by_consent | is_sought_by_law(venue_id=venue_id))


def _is_in_use() -> ColumnElement[bool]:
    return Template.status == "ACTIVE"


COUNTED_AT_MOST, DRAWN = 200_000, 20_000
"""Templates: of more, so many are drawn and the size is estimated from them. By the pages that are
drawn, the standard error is a fiftieth; thresholds go by the logarithm of the size. Every process
asks once a minute, and each template that is drawn costs Postgres several looks."""
_ABOUT_HOW_MANY = text(
    "SELECT greatest(reltuples, pg_stat_get_live_tuples(oid)) FROM pg_class "
    "WHERE oid = 'template'::regclass"
)
"""Rows of the table: as of its last vacuum, or as counted since the server's last crash."""


@dataclass(frozen=True, slots=True)
class GallerySize:
    """What a face could be matched with now: searchable customers and their templates."""

    customers: int
    templates: int


def size(
    transaction: Transaction, space_id: str, *, counted_at_most: int = COUNTED_AT_MOST
) -> GallerySize:
    """Counted; where there are more templates than ``counted_at_most``, estimated from some."""
    rows = transaction.scalar(_ABOUT_HOW_MANY)
    if rows > counted_at_most:
        return _estimated_size(transaction, space_id, share=min(1.0, DRAWN / max(rows, 1)))
    query = (
        select(func.count(Template.customer_id.distinct()), func.count())
        .select_from(Template)
        .join(Customer)
        .where(Template.space_id == space_id, _is_in_use(), has_basis())
    )
    customers, templates = transaction.execute(query).one()
    return GallerySize(customers=customers, templates=templates)


def count_templates(transaction: Transaction) -> int:
    """Of every space, searchable or not."""
    return transaction.scalar(select(func.count()).select_from(Template)) or 0


def _estimated_size(transaction: Transaction, space_id: str, *, share: float) -> GallerySize:
    """From the templates of some of the table's pages, drawn at random.

    A person of n templates counts 1/n with each (Horvitz and Thompson, JASA 47, 1952).
    """
    drawn = aliased(Template, tablesample(Template.__table__, func.system(100 * share)))
    twin = aliased(Template)
    has_how_many = (
        select(func.count())
        .where(
            twin.customer_id == drawn.customer_id,
            twin.space_id == space_id,
            twin.status == "ACTIVE",
        )
        .scalar_subquery()
    )
    query = (
        select(func.coalesce(func.sum(1.0 / func.nullif(has_how_many, 0)), 0), func.count())
        .select_from(drawn)
        .join(Customer, Customer.id == drawn.customer_id)
        .where(drawn.space_id == space_id, drawn.status == "ACTIVE", has_basis())
    )
    customers, templates = transaction.execute(query).one()
    return GallerySize(round(float(customers) / share), round(templates / share))


def customers_elsewhere(transaction: Transaction, space_id: str) -> int:
    """Customers with a basis and a template, but none in this space: no photo can find them."""
    of_customer = (Template.customer_id == Customer.id, Template.status == "ACTIVE")
    is_here = exists().where(*of_customer, Template.space_id == space_id)
    is_anywhere = exists().where(*of_customer)
    query = select(func.count()).select_from(Customer).where(has_basis(), is_anywhere, ~is_here)
    return transaction.scalar(query) or 0


def searchable_template_ids_after(
    transaction: Transaction, space_id: str, after: UUID | None, *, limit: int
) -> list[UUID]:
    """The next of them in the order of ids; from the first one with None."""
    query = select(Template.id).join(Customer)
    query = query.where(Template.space_id == space_id, _is_in_use(), has_basis())
    if after is not None:
        query = query.where(Template.id > after)
    return list(transaction.scalars(query.order_by(Template.id).limit(limit)))


def searchable_template_ids(transaction: Transaction, space_id: str) -> set[UUID]:
    query = select(Template.id).join(Customer)
    query = query.where(Template.space_id == space_id, _is_in_use(), has_basis())
    return set(transaction.scalars(query))


def still_searchable(
    transaction: Transaction, template_ids: Iterable[UUID], *, venue_id: UUID | None = None
) -> dict[UUID, UUID]:
    """Of these templates, the ones that a result (at this venue) may show, with their customer."""
    query = (
        select(Template.id, Template.customer_id)
        .join(Customer)
        .where(Template.id.in_(list(template_ids)), _is_in_use(), has_basis(venue_id))
    )
    return dict(transaction.execute(query).all())


def bases(transaction: Transaction, customer_ids: Iterable[UUID]) -> dict[UUID, Ground]:
    """On what these customers may be searched, and at which venues."""
    return grounds(transaction, customer_ids)


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


def with_faces(transaction: Transaction, customer_ids: Iterable[UUID]) -> set[UUID]:
    """Those of them who have a face on file, searched or not."""
    query = select(Template.customer_id).where(Template.customer_id.in_(list(customer_ids)))
    return set(transaction.scalars(query.distinct()))


def templates_by_customer(
    transaction: Transaction, customer_ids: Iterable[UUID]
) -> dict[UUID, list[Template]]:
    """As ``templates_of``, for those of several customers who have more than one in a space."""
    found: dict[UUID, list[Template]] = {}
    of_these = Template.customer_id.in_(set(customer_ids))
    several = select(Template.customer_id).where(of_these)
    several = several.group_by(Template.customer_id, Template.space_id).having(func.count() > 1)
    query = select(Template).where(Template.customer_id.in_(several))
    for row in transaction.scalars(query.order_by(Template.created_at.desc(), Template.id)):
        found.setdefault(row.customer_id, []).append(row)
    return found


def find_template_for_change(transaction: Transaction, template_id: UUID) -> Template | None:
    """Locked until the transaction ends. Lock its customer first."""
    query = select(Template).where(Template.id == template_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def counterparts(transaction: Transaction, template: Template) -> list[Template]:
    """The same face in other spaces, locked until the transaction ends. Lock its customer first.

    The photo that a face came from is what links them: one template a customer, space and photo.
    """
    query = select(Template).where(
        Template.customer_id == template.customer_id,
        Template.source_sha256 == template.source_sha256,
        Template.id != template.id,
    )
    query = query.order_by(Template.id).with_for_update()
    return list(transaction.scalars(query.execution_options(populate_existing=True)))


def without_counterpart(
    transaction: Transaction, template_ids: Iterable[UUID] | None, *, space_id: str, other: str
) -> list[UUID]:
    """The searchable templates of a space that have no counterpart in the other one, by id.

    Of these templates, or of all with None.
    """
    twin = aliased(Template)
    has_twin = exists().where(
        twin.customer_id == Template.customer_id,
        twin.source_sha256 == Template.source_sha256,
        twin.space_id == other,
    )
    query = select(Template.id).join(Customer)
    query = query.where(Template.space_id == space_id, _is_in_use(), has_basis(), ~has_twin)
    if template_ids is not None:
        query = query.where(Template.id.in_(list(template_ids)))
    return list(transaction.scalars(query.order_by(Template.id)))


def lock_searchable(transaction: Transaction, template_ids: Iterable[UUID]) -> dict[UUID, Template]:
    """Those that are searchable now, by id; they stay as they are until the transaction ends."""
    query = select(Template).join(Customer)
    query = query.where(Template.id.in_(list(template_ids)), _is_in_use(), has_basis())
    query = query.order_by(Template.id).with_for_update(read=True, of=Template)
    rows = transaction.scalars(query.execution_options(populate_existing=True))
    return {row.id: row for row in rows}


def add_unless_there(transaction: Transaction, rows: Sequence[Template]) -> list[UUID]:
    """The ids of those that were added: one a customer, space and photo."""
    if not rows:
        return []
    columns = [(c.name, c.key) for c in _ROWS.columns]
    values = [{name: getattr(row, key) for name, key in columns} for row in rows]
    # One short statement for all of them: one with hundreds of values is parsed anew each time.
    transaction.execute(insert(_ROWS).on_conflict_do_nothing(), values)
    added = select(Template.id).where(Template.id.in_([row.id for row in rows]))
    return list(transaction.scalars(added))


def find_template(transaction: Transaction, template_id: UUID) -> Template | None:
    return transaction.get(Template, template_id)


def crop_keys(transaction: Transaction) -> set[str]:
    """Of all crops that a template has. The same face in two spaces shares one."""
    return set(transaction.scalars(select(Template.crop_key)))


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


def has_source(transaction: Transaction, *, customer_id: UUID, source_sha256: str) -> bool:
    """Whether the customer has a face from that photo, in any space."""
    query = select(Template.id).where(
        Template.customer_id == customer_id, Template.source_sha256 == source_sha256
    )
    return transaction.scalar(query.limit(1)) is not None


def to_bytes(embedding: Embeddings) -> bytes:
    return np.ascontiguousarray(embedding, dtype="<f4").tobytes()


def from_bytes(stored: bytes) -> Embeddings:
    return np.frombuffer(stored, dtype="<f4").astype(np.float32)
