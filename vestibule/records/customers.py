"""Customers and their consents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text

from vestibule.records.consents import stands
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent, Customer, Template
from vestibule.records.visit_tables import Visit


def find(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """An ACTIVE customer; one who is being erased is already gone."""
    customer = transaction.get(Customer, customer_id)
    return customer if customer is not None and customer.status == "ACTIVE" else None


def find_for_change(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """As ``find``, and locked until the transaction ends."""
    query = select(Customer).where(Customer.id == customer_id, Customer.status == "ACTIVE")
    query = query.with_for_update().execution_options(populate_existing=True)
    return transaction.scalar(query)


def standing_for(transaction: Transaction, customer_id: UUID) -> UUID:
    """Whose file that id leads to: the customer's own, or the one that theirs was merged into."""
    return standing_for_each(transaction, [customer_id])[customer_id]


def standing_for_each(transaction: Transaction, customer_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """As ``standing_for``, in as many queries as merges follow one another, mostly one."""
    leads_to = {customer_id: customer_id for customer_id in customer_ids}
    followed = set(leads_to.values())
    while followed:
        query = select(Customer.id, Customer.merged_into_id).where(
            Customer.id.in_(followed), Customer.status == "MERGED"
        )
        onward = dict(transaction.execute(query).all())
        leads_to = {asked: onward.get(at) or at for asked, at in leads_to.items()}
        followed = {at for at in onward.values() if at is not None}
    return leads_to


def find_present(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """As ``find``, and where that file was merged into another, the other one."""
    return find(transaction, standing_for(transaction, customer_id))


def lock_present(transaction: Transaction, customer_id: UUID) -> Customer | None:
    """As ``find_present``, and locked until the transaction ends.

    Whatever is written of a customer asks for its id here: a merge that was faster is followed.
    """
    while True:
        at = standing_for(transaction, customer_id)
        locked = find_for_change(transaction, at)
        if locked is not None or standing_for(transaction, customer_id) == at:
            return locked


def lock_active(transaction: Transaction, customer_ids: Iterable[UUID]) -> set[UUID]:
    """As ``find_for_change``, for several: those of them that are ACTIVE."""
    query = select(Customer.id).where(
        Customer.id.in_(set(customer_ids)), Customer.status == "ACTIVE"
    )
    return set(transaction.scalars(query.order_by(Customer.id).with_for_update()))


def find_in_any_state(transaction: Transaction, customer_id: UUID) -> Customer | None:
    query = select(Customer).where(Customer.id == customer_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return transaction.scalar(query)


def find_by_reference(transaction: Transaction, reference: str) -> Customer | None:
    """Also keeps others from making a customer of that reference until the transaction ends.

    Of a customer who was merged, the one they were merged into.
    """
    transaction.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": reference})
    found = transaction.scalar(select(Customer).where(Customer.reference == reference))
    if found is None or found.status != "MERGED":
        return found
    return find_present(transaction, found.id)


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


def overviews(transaction: Transaction, customers: Sequence[Customer]) -> list[CustomerOverview]:
    ids = [customer.id for customer in customers]
    templates = _templates_in_use(transaction, ids)
    visits = _visits_by_customer(transaction, ids)
    consenting = set(
        transaction.scalars(
            select(Consent.customer_id).where(
                Consent.customer_id.in_(ids), Consent.purpose == "recognition", stands()
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
    """By the id that was asked for; of a customer who was merged, the one they were merged into."""
    leads_to = standing_for_each(transaction, customer_ids)
    present = set(leads_to.values())
    query = select(Customer).where(Customer.id.in_(present), Customer.status == "ACTIVE")
    shown = overviews(transaction, list(transaction.scalars(query)))
    found = {overview.customer.id: overview for overview in shown}
    return {asked: found[at] for asked, at in leads_to.items() if at in found}


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
            stands(),
        )
        .order_by(Consent.given_at.desc())
        .limit(1)
    )


def find_consent(transaction: Transaction, consent_id: UUID) -> Consent | None:
    return transaction.scalar(select(Consent).where(Consent.id == consent_id).with_for_update())
