"""Customers, their consents and visits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.names import folded
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent, Customer, Template, Visit


def find(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """An ACTIVE customer; one who is being erased is already gone."""
    customer = transaction.get(Customer, customer_id)
    return customer if customer is not None and customer.status == "ACTIVE" else None


def find_for_change(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """As ``find``, and locked until the transaction ends."""
    query = select(Customer).where(Customer.id == customer_id, Customer.status == "ACTIVE")
    return transaction.scalar(query.with_for_update())


def find_in_any_state(transaction: Transaction, customer_id: UUID) -> Customer | None:
    query = select(Customer).where(Customer.id == customer_id)
    return transaction.scalar(query.with_for_update())


def find_by_reference(transaction: Transaction, reference: str) -> Customer | None:
    """Also keeps others from making a customer of that reference until the transaction ends."""
    transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": reference})
    return transaction.scalar(select(Customer).where(Customer.reference == reference))


def being_erased(transaction: Transaction) -> list[UUID]:
    return list(transaction.scalars(select(Customer.id).where(Customer.status == "ERASING")))


def demo_ids(transaction: Transaction) -> list[UUID]:
    query = select(Customer.id).where(Customer.is_demo, Customer.status == "ACTIVE")
    return list(transaction.scalars(query))


def remove(transaction: Transaction, customer: Customer) -> None:
    """Delete the row; templates, consents, visits and enrolments go with it."""
    transaction.execute(delete(Customer).where(Customer.id == customer.id))


@dataclass(frozen=True, slots=True)
class CustomerOverview:
    """A customer as lists and cards show them."""

    customer: Customer
    templates_by_space: Mapping[str, int]
    """How many there are to be found by, in each embedding space that has any."""
    has_consent: bool
    visit_count: int
    last_visit_at: datetime | None

    def faces_on_file(self, space_id: str) -> int:
        """In that space, or where there are most if there are none: one face is in several."""
        here = self.templates_by_space.get(space_id, 0)
        return here or max(self.templates_by_space.values(), default=0)


@dataclass(frozen=True, slots=True)
class Page:
    items: list[CustomerOverview]
    total: int
    next_after: tuple[str, UUID] | None


def search(
    transaction: Transaction, query: str, *, limit: int, after: tuple[str, UUID] | None = None
) -> Page:
    """By name, without case or accents, every word somewhere in it; in alphabetical order."""
    matching = _matching(query)
    total = transaction.scalar(select(func.count()).select_from(matching.subquery())) or 0
    if after is not None:
        matching = matching.where(tuple_(Customer.folded_name, Customer.id) > after)
    page = matching.order_by(Customer.folded_name, Customer.id).limit(limit + 1)
    rows = list(transaction.scalars(page))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=overviews(transaction, rows[:limit]),
        total=total,
        next_after=(last.folded_name, last.id) if last else None,
    )


def _matching(query: str) -> Select[Customer]:
    matching = select(Customer).where(Customer.status == "ACTIVE")
    for word in folded(query).split():
        matching = matching.where(Customer.folded_name.contains(word, autoescape=True))
    return matching


def overviews(transaction: Transaction, customers: Sequence[Customer]) -> list[CustomerOverview]:
    ids = [customer.id for customer in customers]
    templates = _templates_in_use(transaction, ids)
    visits = _visits_by_customer(transaction, ids)
    consenting = set(
        transaction.scalars(
            select(Consent.customer_id).where(
                Consent.customer_id.in_(ids), Consent.withdrawn_at.is_(None)
            )
        )
    )
    return [
        CustomerOverview(
            customer=customer,
            templates_by_space=templates.get(customer.id, {}),
            has_consent=customer.id in consenting,
            visit_count=visits.get(customer.id, (0, None))[0],
            last_visit_at=visits.get(customer.id, (0, None))[1],
        )
        for customer in customers
    ]


def overviews_by_id(
    transaction: Transaction, customer_ids: Iterable[UUID]
) -> dict[UUID, CustomerOverview]:
    query = select(Customer).where(Customer.id.in_(list(customer_ids)), Customer.status == "ACTIVE")
    found = overviews(transaction, list(transaction.scalars(query)))
    return {overview.customer.id: overview for overview in found}


def _templates_in_use(transaction: Transaction, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many each customer has in which space."""
    query = select(Template.customer_id, Template.space_id, func.count())
    query = query.where(Template.customer_id.in_(ids), Template.status == "ACTIVE")
    counts: dict[UUID, dict[str, int]] = {}
    for key, space_id, count in transaction.execute(
        query.group_by(Template.customer_id, Template.space_id)
    ):
        counts.setdefault(key, {})[space_id] = count
    return counts


def _visits_by_customer(
    transaction: Transaction, ids: list[UUID]
) -> dict[UUID, tuple[int, datetime | None]]:
    query = select(Visit.customer_id, func.count(), func.max(Visit.entered_at)).where(
        Visit.customer_id.in_(ids)
    )
    rows = transaction.execute(query.group_by(Visit.customer_id))
    return {key: (count, latest) for key, count, latest in rows}


def total(transaction: Transaction) -> int:
    query = select(func.count()).select_from(Customer).where(Customer.status == "ACTIVE")
    return transaction.scalar(query) or 0


# ── consents ────────────────────────────────────────────────────────────────────────────────
def consents_of(transaction: Transaction, customer_id: UUID) -> list[Consent]:
    query = select(Consent).where(Consent.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(Consent.given_at.desc())))


def active_consent(transaction: Transaction, customer_id: UUID) -> Consent | None:
    return transaction.scalar(
        select(Consent)
        .where(
            Consent.customer_id == customer_id,
            Consent.purpose == "recognition",
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.given_at.desc())
        .limit(1)
    )


def find_consent(transaction: Transaction, consent_id: UUID) -> Consent | None:
    return transaction.scalar(select(Consent).where(Consent.id == consent_id).with_for_update())


# ── visits ──────────────────────────────────────────────────────────────────────────────────
def add_visit(
    transaction: Transaction,
    customer_id: UUID,
    *,
    visit_id: UUID,
    venue_id: UUID,
    night: date,
    entered_at: datetime,
    face_id: UUID | None = None,
) -> bool:
    """Record a visit, once a night and venue; False if it was there already."""
    row = insert(Visit).values(
        id=visit_id,
        customer_id=customer_id,
        venue_id=venue_id,
        face_id=face_id,
        night=night,
        entered_at=entered_at,
    )
    added = transaction.execute(row.on_conflict_do_nothing().returning(Visit.id))
    return added.first() is not None


def remove_visit_of_face(transaction: Transaction, face_id: UUID) -> date | None:
    """Delete the visit that this face gave; the night it was, None if it gave none."""
    return transaction.scalar(delete(Visit).where(Visit.face_id == face_id).returning(Visit.night))


def visits_of(transaction: Transaction, customer_id: UUID, *, limit: int = 50) -> list[Visit]:
    query = select(Visit).where(Visit.customer_id == customer_id)
    return list(transaction.scalars(query.order_by(Visit.entered_at.desc()).limit(limit)))
