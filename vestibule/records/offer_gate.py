"""To whom an offer may be made and shown: the one place that says so, in the query.

Only to guests who agreed to offers, there, have neither objected nor asked that their data be kept
unused, and are not known to be minors. It is asked whenever an offer is made, shown or redeemed,
so a withdrawal hides what is open from that moment.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vestibule.domain.jurisdiction import FRANCE, Purpose
from vestibule.records.consents import stands
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent, Customer, Venue

Where = UUID | None | InstrumentedAttribute[UUID | None]
"""A venue, the whole chain (None), or the column that says which of them."""


def agrees_to_offers(at: Where, *, now: datetime) -> ColumnElement[bool]:
    """Of rows of ``customer``. What holds in the whole chain takes a consent for all of it,
    or for one venue and for sharing."""
    given, shared = aliased(Consent), aliased(Consent)
    shares = exists().where(
        shared.customer_id == Customer.id,
        shared.purpose == Purpose.SHARING.value,
        stands(shared),
    )
    holds = or_(given.venue_id.is_(None), shares)
    if at is not None:
        holds = or_(holds, given.venue_id == at)
    agrees = exists().where(
        given.customer_id == Customer.id,
        given.purpose == Purpose.OFFERS.value,
        stands(given),
        holds,
    )
    return and_(
        Customer.status == "ACTIVE",
        Customer.restricted_at.is_(None),
        Customer.objects_to_offers_at.is_(None),
        _is_of_age(now),
        agrees,
    )


def _is_of_age(now: datetime) -> ColumnElement[bool]:
    """Or nobody knows the birth date: by the age that their home venue asks for, and its day."""
    today = cast(func.timezone(Venue.timezone, now), Date)
    least = func.greatest(Venue.minimum_age, FRANCE.minimum_age)
    youngest = today - func.make_interval(least)
    at_home = exists().where(Venue.id == Customer.venue_id, Customer.birth_date <= youngest)
    return Customer.birth_date.is_(None) | at_home


def may_be_offered(
    transaction: Transaction,
    customer_ids: Collection[UUID],
    *,
    venue_id: UUID | None,
    now: datetime,
) -> set[UUID]:
    """Those of them to whom an offer of that venue, or of the chain, may be made and shown now."""
    query = select(Customer.id).where(
        Customer.id.in_(set(customer_ids)), agrees_to_offers(venue_id, now=now)
    )
    return set(transaction.scalars(query))
