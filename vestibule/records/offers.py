"""Offers: kept, found open at a door, listed, counted. What nobody may see is not read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from vestibule.records import customers
from vestibule.records.database import Transaction
from vestibule.records.offer_gate import agrees_to_offers
from vestibule.records.offer_tables import Offer, OfferRound
from vestibule.records.tables import Customer

Place = tuple[datetime, UUID]
MOST_AT_A_DOOR = 5
"""Of one guest: a face card is read at a glance."""


# ── who may see what ────────────────────────────────────────────────────────────────────────
def _is_undecided() -> ColumnElement[bool]:
    return Offer.redeemed_at.is_(None) & Offer.taken_back_at.is_(None)


def is_shown(now: datetime) -> ColumnElement[bool]:
    """Of offers joined with their customers: what is over is history, the rest takes consent."""
    over = ~_is_undecided() | (Offer.ends_at <= now)
    return or_(over, agrees_to_offers(Offer.venue_id, now=now))


def _of(customer_ids: Collection[UUID]) -> ColumnElement[bool]:
    return Offer.customer_id.in_(set(customer_ids)) & (Customer.id == Offer.customer_id)


def open_at_door(
    transaction: Transaction, customer_ids: Collection[UUID], *, venue_id: UUID, now: datetime
) -> dict[UUID, list[Offer]]:
    """What holds at that venue now, the one that ends first at the top.

    By the id that was asked for; of a merged customer, what their present file has.
    """
    if not customer_ids:
        return {}
    leads_to = customers.standing_for_each(transaction, customer_ids)
    query = (
        select(Offer)
        .join(Customer, Customer.id == Offer.customer_id)
        .where(
            _of(leads_to.values()),
            _is_undecided(),
            or_(Offer.venue_id.is_(None), Offer.venue_id == venue_id),
            Offer.starts_at <= now,
            Offer.ends_at > now,
            agrees_to_offers(venue_id, now=now),
        )
        .order_by(Offer.ends_at, Offer.id)
    )
    found: dict[UUID, list[Offer]] = {}
    for offer in transaction.scalars(query):
        found.setdefault(offer.customer_id, []).append(offer)
    return {asked: found[at][:MOST_AT_A_DOOR] for asked, at in leads_to.items() if at in found}


# ── one guest ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Page:
    items: list[Offer]
    next_after: Place | None


def page_of(
    transaction: Transaction,
    customer_id: UUID,
    *,
    limit: int,
    after: Place | None,
    now: datetime,
) -> Page:
    """The latest first, without what is open and may not be shown."""
    query = select(Offer).join(Customer, Customer.id == Offer.customer_id)
    query = query.where(Offer.customer_id == customer_id, is_shown(now))
    if after is not None:
        query = query.where(tuple_(Offer.made_at, Offer.id) < after)
    query = query.order_by(Offer.made_at.desc(), Offer.id.desc()).limit(limit + 1)
    rows = list(transaction.scalars(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], (last.made_at, last.id) if last else None)


def find(transaction: Transaction, offer_id: UUID) -> Offer | None:
    return transaction.get(Offer, offer_id)


def find_for_change(transaction: Transaction, offer_id: UUID) -> Offer | None:
    """Locked until the transaction ends: of two doors one waits for the other."""
    query = select(Offer).where(Offer.id == offer_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def add_once(transaction: Transaction, made: Sequence[Offer]) -> set[UUID]:
    """Keep those that are not here; of a round a guest has one. Returns whose were kept.

    Waits for another transaction that is just keeping the same.
    """
    if not made:
        return set()
    columns = [column.key for column in Offer.__table__.columns]
    rows = [{name: getattr(one, name) for name in columns} for one in made]
    added = insert(Offer).values(rows).on_conflict_do_nothing().returning(Offer.customer_id)
    return set(transaction.scalars(added))


# ── rounds ──────────────────────────────────────────────────────────────────────────────────
def add_round_once(transaction: Transaction, made: OfferRound) -> OfferRound:
    """As it is on record: of the same id the first one counts."""
    columns = [column.key for column in OfferRound.__table__.columns]
    row = {name: getattr(made, name) for name in columns}
    transaction.execute(insert(OfferRound).values(row).on_conflict_do_nothing())
    return transaction.get_one(OfferRound, made.id)


def find_round(transaction: Transaction, round_id: UUID) -> OfferRound | None:
    return transaction.get(OfferRound, round_id)


def lock_agreeing(
    transaction: Transaction,
    customer_ids: Collection[UUID],
    *,
    venue_id: UUID | None,
    now: datetime,
) -> list[UUID]:
    """Those of them who agree; none of them is merged or erased until the transaction ends."""
    query = select(Customer.id).where(
        Customer.id.in_(set(customer_ids)), agrees_to_offers(venue_id, now=now)
    )
    locked = query.order_by(Customer.id).with_for_update(read=True, key_share=True)
    return list(transaction.scalars(locked))


def has_of_round(transaction: Transaction, round_id: UUID) -> set[UUID]:
    return set(transaction.scalars(select(Offer.customer_id).where(Offer.round_id == round_id)))


@dataclass(frozen=True, slots=True)
class Share:
    """How many offers were made and what became of them. Open are those that still may be taken."""

    made: int = 0
    redeemed: int = 0
    taken_back: int = 0
    expired: int = 0

    @property
    def open(self) -> int:
        return self.made - self.redeemed - self.taken_back - self.expired


def rounds(
    transaction: Transaction, venue_ids: Collection[UUID] | None, *, limit: int
) -> list[OfferRound]:
    """The latest first; ``venue_ids`` None is everywhere. The chain's are everybody's."""
    query = select(OfferRound)
    if venue_ids is not None:
        query = query.where(
            or_(OfferRound.venue_id.is_(None), OfferRound.venue_id.in_(set(venue_ids)))
        )
    query = query.order_by(OfferRound.made_at.desc(), OfferRound.id.desc()).limit(limit)
    return list(transaction.scalars(query))


def shares_of_rounds(
    transaction: Transaction, round_ids: Collection[UUID], *, now: datetime
) -> Mapping[UUID, Share]:
    query = select(Offer.round_id, *_counts(now)).where(Offer.round_id.in_(set(round_ids)))
    rows = transaction.execute(query.group_by(Offer.round_id))
    return {row[0]: _share(row[1:]) for row in rows if row[0] is not None}


def share_one_by_one(
    transaction: Transaction,
    venue_ids: Collection[UUID] | None,
    *,
    since: datetime,
    now: datetime,
) -> Share:
    """Of offers that were made to one guest each."""
    query = select(*_counts(now)).where(Offer.round_id.is_(None), Offer.made_at >= since)
    if venue_ids is not None:
        query = query.where(or_(Offer.venue_id.is_(None), Offer.venue_id.in_(set(venue_ids))))
    return _share(transaction.execute(query).one())


def _share(counts: Sequence[int]) -> Share:
    made, redeemed, taken_back, expired = counts
    return Share(made, redeemed, taken_back, expired)


def _counts(now: datetime) -> list[ColumnElement[int]]:
    everything = func.count()
    return [
        everything,
        everything.filter(Offer.redeemed_at.is_not(None)),
        everything.filter(Offer.taken_back_at.is_not(None)),
        everything.filter(_is_undecided(), Offer.ends_at <= now),
    ]
