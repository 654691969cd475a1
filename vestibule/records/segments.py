"""How often guests came, of those alone who agreed to offers. Nothing of it is kept."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Subquery, func, select

from vestibule.domain.segmentation import (
    ORDER,
    Attendance,
    Segment,
    SegmentationPolicy,
    segment_of,
    window_begins,
)
from vestibule.records.data_use import may_be_segmented
from vestibule.records.database import Transaction
from vestibule.records.offer_gate import agrees_to_offers
from vestibule.records.tables import Customer
from vestibule.records.visit_tables import Visit


def sizes(
    transaction: Transaction,
    policy: SegmentationPolicy,
    *,
    venue_id: UUID | None,
    tonight: date,
    now: datetime,
) -> Mapping[Segment, int]:
    """How many guests are in each, by their nights at that venue, or in the chain with None.

    Counted in the database: so few kinds of attendance come out that the policy weighs each once.
    """
    seen = _attendances(policy, venue_id=venue_id, tonight=tonight, now=now)
    capped = select(
        func.least(seen.c.nights, 2).label("nights"),
        func.least(seen.c.in_window, policy.regular_nights).label("in_window"),
        seen.c.last_night,
    ).subquery("capped")
    kinds = select(*capped.c, func.count()).group_by(*capped.c)
    found = dict.fromkeys(ORDER, 0)
    for row in transaction.execute(kinds):
        kind = Attendance(row[0], row[1], row[2])
        found[segment_of(kind, tonight=tonight, policy=policy)] += row[3]
    return found


def members(
    transaction: Transaction,
    segment: Segment,
    policy: SegmentationPolicy,
    *,
    venue_id: UUID | None,
    tonight: date,
    now: datetime,
) -> list[UUID]:
    """In the order of their ids."""
    seen = _attendances(policy, venue_id=venue_id, tonight=tonight, now=now)
    rows = transaction.execute(select(seen).order_by(seen.c.id))
    return [
        customer_id
        for customer_id, *came in rows
        if segment_of(Attendance(*came), tonight=tonight, policy=policy) is segment
    ]


def attendance_of(
    transaction: Transaction,
    customer_id: UUID,
    policy: SegmentationPolicy,
    *,
    venue_id: UUID | None,
    tonight: date,
    now: datetime,
) -> Attendance | None:
    """None of whoever did not agree to offers: of them nothing is worked out."""
    seen = _attendances(
        policy, venue_id=venue_id, tonight=tonight, now=now, customer_id=customer_id
    )
    row = transaction.execute(select(seen)).one_or_none()
    return None if row is None else Attendance(*row[1:])


def _attendances(
    policy: SegmentationPolicy,
    *,
    venue_id: UUID | None,
    tonight: date,
    now: datetime,
    customer_id: UUID | None = None,
) -> Subquery:
    """Customer, nights, nights in the window, last night: as ``domain.segmentation`` counts."""
    since = window_begins(tonight, policy)
    came = Visit.customer_id == Customer.id
    if venue_id is not None:
        came = came & (Visit.venue_id == venue_id)
    query = (
        select(
            Customer.id,
            func.count(Visit.night.distinct()).label("nights"),
            func.count(Visit.night.distinct()).filter(Visit.night >= since).label("in_window"),
            func.max(Visit.night).label("last_night"),
        )
        .outerjoin(Visit, came)
        .where(agrees_to_offers(venue_id, now=now), may_be_segmented())
        .group_by(Customer.id)
    )
    if customer_id is not None:
        query = query.where(Customer.id == customer_id)
    return query.subquery("seen")
