"""Purchases: kept once, corrected, voided, and counted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from vestibule.domain.consumption import (
    DEFAULT_POLICY,
    Care,
    ConsumptionPolicy,
    Money,
    care_for,
)
from vestibule.records import customers
from vestibule.records.data_use import is_usable
from vestibule.records.database import Transaction
from vestibule.records.purchase_tables import (
    ConsumptionPolicyVersion,
    Purchase,
    PurchaseChange,
    UnknownPurchases,
)
from vestibule.records.tables import Customer, Json

ReceiptLine = tuple[UUID, str, str, int]
"""Venue, till, receipt, line: what names a purchase."""
Place = tuple[datetime, UUID]


# ── keeping them ────────────────────────────────────────────────────────────────────────────
def lock_known(
    transaction: Transaction, *, ids: Collection[UUID], references: Collection[str]
) -> tuple[dict[UUID, UUID], dict[str, UUID]]:
    """Who is here, by the id and by the loyalty number that was given; whoever was merged counts as
    the customer they were merged into. None of them is erased or merged until the end.
    """
    named = select(Customer.reference, Customer.id).where(Customer.reference.in_(references))
    by_reference = {row[0]: row[1] for row in transaction.execute(named) if row[0]}
    asked = {*ids, *by_reference.values()}
    while True:
        leads_to = customers.standing_for_each(transaction, asked)
        here = _lock_active(transaction, set(leads_to.values()))
        if customers.standing_for_each(transaction, asked) == leads_to:
            break  # or a merge was faster
    known = {given: at for given, at in leads_to.items() if at in here}
    by_number = {number: known[at] for number, at in by_reference.items() if at in known}
    return known, by_number


def _lock_active(transaction: Transaction, ids: Collection[UUID]) -> set[UUID]:
    """But whose data are only kept: what they buy is nobody's."""
    query = select(Customer.id).where(Customer.id.in_(ids), is_usable())
    locked = query.order_by(Customer.id).with_for_update(read=True, key_share=True)
    return set(transaction.scalars(locked))


def add(transaction: Transaction, purchases: Sequence[Purchase]) -> set[UUID]:
    """Keep those whose line of a receipt is not here yet; returns the ids of these.

    Waits for another transaction that is just keeping the same line.
    """
    if not purchases:
        return set()
    columns = [column.key for column in Purchase.__table__.columns]
    rows = [{name: getattr(one, name) for name in columns} for one in purchases]
    added = insert(Purchase).values(rows).on_conflict_do_nothing().returning(Purchase.id)
    return set(transaction.scalars(added))


def by_line(
    transaction: Transaction, lines: Collection[ReceiptLine]
) -> dict[ReceiptLine, Purchase]:
    name = tuple_(Purchase.venue_id, Purchase.till, Purchase.receipt, Purchase.line)
    rows = transaction.scalars(select(Purchase).where(name.in_(lines)))
    return {(row.venue_id, row.till, row.receipt, row.line): row for row in rows}


def count_unknown(transaction: Transaction, venue_id: UUID, night: date, count: int) -> None:
    row = insert(UnknownPurchases).values(venue_id=venue_id, night=night, count=count)
    transaction.execute(
        row.on_conflict_do_update(
            index_elements=["venue_id", "night"],
            set_={"count": UnknownPurchases.count + row.excluded.count},
        )
    )


def unknown_on(transaction: Transaction, venue_id: UUID, night: date) -> int:
    found = transaction.get(UnknownPurchases, (venue_id, night))
    return 0 if found is None else found.count


# ── changing them ───────────────────────────────────────────────────────────────────────────
def find_for_change(transaction: Transaction, purchase_id: UUID) -> Purchase | None:
    query = select(Purchase).where(Purchase.id == purchase_id).with_for_update()
    return transaction.scalar(query)


def on_receipt(
    transaction: Transaction, venue_id: UUID, till: str, receipt: str, *, line: int | None
) -> list[Purchase]:
    """The lines of a receipt, or one of them, locked until the transaction ends."""
    query = select(Purchase).where(
        Purchase.venue_id == venue_id, Purchase.till == till, Purchase.receipt == receipt
    )
    if line is not None:
        query = query.where(Purchase.line == line)
    return list(transaction.scalars(query.order_by(Purchase.id).with_for_update()))


def add_change(
    transaction: Transaction,
    purchase: Purchase,
    *,
    by: str,
    at: datetime,
    reason: str,
    changes: Json,
) -> None:
    transaction.add(
        PurchaseChange(purchase_id=purchase.id, by=by, at=at, reason=reason, changes=changes)
    )


def changes_of(transaction: Transaction, purchase_id: UUID) -> list[PurchaseChange]:
    query = select(PurchaseChange).where(PurchaseChange.purchase_id == purchase_id)
    return list(transaction.scalars(query.order_by(PurchaseChange.at, PurchaseChange.id)))


# ── reading them ────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Page:
    items: list[Purchase]
    next_after: Place | None


def page_of(
    transaction: Transaction, customer_id: UUID, *, limit: int, after: Place | None = None
) -> Page:
    """Voided ones too, the latest first."""
    query = select(Purchase).where(Purchase.customer_id == customer_id)
    if after is not None:
        query = query.where(tuple_(Purchase.occurred_at, Purchase.id) < after)
    query = query.order_by(Purchase.occurred_at.desc(), Purchase.id.desc()).limit(limit + 1)
    rows = list(transaction.scalars(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], (last.occurred_at, last.id) if last else None)


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody bought in a time. ``money`` has one sum a currency."""

    purchases: int
    money: tuple[Money, ...]
    alcohol_hundredths: int


def spent(
    transaction: Transaction,
    customer_id: UUID,
    *,
    since: datetime,
    until: datetime,
) -> Spent:
    query = (
        select(
            Purchase.currency,
            func.count(),
            func.sum(Purchase.amount_minor),
            func.sum(Purchase.alcohol_hundredths),
        )
        .where(
            Purchase.customer_id == customer_id,
            Purchase.state == "VALID",
            Purchase.occurred_at >= since,
            Purchase.occurred_at < until,
        )
        .group_by(Purchase.currency)
        .order_by(Purchase.currency)
    )
    rows = transaction.execute(query).all()
    return Spent(
        purchases=sum(row[1] for row in rows),
        money=tuple(Money(int(row[2]), row[0]) for row in rows),
        alcohol_hundredths=sum(int(row[3]) for row in rows),
    )


def favourites(
    transaction: Transaction, customer_id: UUID, *, since: datetime, limit: int
) -> list[tuple[str, int]]:
    """What they bought most often, and how often."""
    often = func.count()
    query = (
        select(Purchase.category, often)
        .where(
            Purchase.customer_id == customer_id,
            Purchase.state == "VALID",
            Purchase.occurred_at >= since,
        )
        .group_by(Purchase.category)
        .order_by(often.desc(), Purchase.category)
        .limit(limit)
    )
    return [(category, count) for category, count in transaction.execute(query)]


# ── care ────────────────────────────────────────────────────────────────────────────────────
def policy_in_force(transaction: Transaction) -> tuple[ConsumptionPolicy, int]:
    """With its version; 0 is what the product came with."""
    latest = select(ConsumptionPolicyVersion).order_by(ConsumptionPolicyVersion.version.desc())
    found = transaction.scalar(latest.limit(1))
    if found is None:
        return DEFAULT_POLICY, 0
    window = timedelta(minutes=found.window_minutes)
    return ConsumptionPolicy(window, found.watch_hundredths, found.care_hundredths), found.version


def adopt_policy(
    transaction: Transaction,
    policy: ConsumptionPolicy,
    *,
    version: int,
    reason: str,
    by_id: UUID,
    now: datetime,
) -> bool:
    """False if somebody was quicker: that version is there already."""
    row = insert(ConsumptionPolicyVersion).values(
        version=version,
        window_minutes=int(policy.window.total_seconds() // 60),
        watch_hundredths=policy.watch_hundredths,
        care_hundredths=policy.care_hundredths,
        reason=reason,
        adopted_by_id=by_id,
        adopted_at=now,
    )
    added = row.on_conflict_do_nothing().returning(ConsumptionPolicyVersion.version)
    return transaction.scalar(added) is not None


def units_by_customer(
    transaction: Transaction, customer_ids: Collection[UUID], *, since: datetime, until: datetime
) -> dict[UUID, int]:
    """Hundredths of units bought after ``since`` and up to ``until``."""
    query = (
        select(Purchase.customer_id, func.sum(Purchase.alcohol_hundredths))
        .where(
            Purchase.customer_id.in_(customer_ids),
            Purchase.state == "VALID",
            Purchase.occurred_at > since,
            Purchase.occurred_at <= until,
        )
        .group_by(Purchase.customer_id)
    )
    return {row[0]: int(row[1]) for row in transaction.execute(query)}


def who_needs_care(
    transaction: Transaction, customer_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, Care]:
    """Of these customers, those of whom staff is asked to take care now."""
    if not customer_ids:
        return {}
    policy, _ = policy_in_force(transaction)
    units = units_by_customer(transaction, customer_ids, since=now - policy.window, until=now)
    found = {customer_id: care_for(count, policy) for customer_id, count in units.items()}
    return {customer_id: care for customer_id, care in found.items() if care is not None}
