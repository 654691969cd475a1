"""An offer to one guest, if they agreed to offers."""

from datetime import date, datetime
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    OffersNotAgreedError,
)
from vestibule.domain.ids import new_uuid
from vestibule.domain.night import night_of
from vestibule.domain.offers import OfferTerms, checked_terms
from vestibule.domain.permissions import Permission
from vestibule.records import audit, customers, offers, venues
from vestibule.records.database import Transaction
from vestibule.records.offer_gate import may_be_offered
from vestibule.records.offer_tables import Offer
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def require_at(by: Principal, permission: Permission, venue_id: UUID | None) -> None:
    """At that venue, or in the whole chain. Raises ForbiddenError."""
    if venue_id is not None:
        by.require(permission, venue_id)
    elif not by.rights.may_everywhere(permission):
        raise ForbiddenError(permission=permission.value)


def tonight_of(transaction: Transaction, venue_id: UUID | None, now: datetime) -> date:
    """The night that it is there; in the chain, at the first venue."""
    venue = venues.find(transaction, venue_id) if venue_id else venues.home(transaction)
    if venue is None:
        raise InvalidInputError("There is no such venue.", fields=["venue_id"])
    return night_of(now, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)


def make_offer(
    runtime: Runtime,
    customer_id: UUID,
    terms: OfferTerms,
    *,
    venue_id: UUID | None,
    offer_id: UUID | None,
    by: Principal,
) -> Offer:
    """``offer_id`` is the caller's: sent again it is the same offer.

    Raises NotFoundError, ForbiddenError, InvalidInputError, UnderAgeError, OffersNotAgreedError.
    """
    require_at(by, Permission.MAKE_OFFERS, venue_id)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        tonight_of(transaction, venue_id, now)
        customer = customers.lock_present(transaction, customer_id)
        if customer is None:
            raise NotFoundError()
        known = offers.find(transaction, offer_id) if offer_id else None
        if known is not None:
            return _same(known, customer.id)
        require_of_age(runtime, transaction, customer)
        if not may_be_offered(transaction, [customer.id], venue_id=venue_id, now=now):
            raise OffersNotAgreedError()
        checked = checked_terms(terms, now=now)
        made = new_offer(customer.id, checked, venue_id, by, now, offer_id=offer_id)
        if not offers.add_once(transaction, [made]):
            return _same(transaction.get_one(Offer, made.id), customer.id)
        subject = f"customer:{customer.id}"
        audit.append(
            transaction,
            at=now,
            actor=by.actor,
            action="offer.make",
            subject=subject,
            offer=str(made.id),
        )
        return transaction.get_one(Offer, made.id)


def _same(known: Offer, customer_id: UUID) -> Offer:
    if known.customer_id != customer_id:
        raise ConflictError("That id is of another offer.")
    return known


def new_offer(
    customer_id: UUID,
    terms: OfferTerms,
    venue_id: UUID | None,
    by: Principal,
    now: datetime,
    *,
    offer_id: UUID | None = None,
    round_id: UUID | None = None,
) -> Offer:
    return Offer(
        id=offer_id or new_uuid(),
        customer_id=customer_id,
        venue_id=venue_id,
        round_id=round_id,
        kind=terms.kind.value,
        words_en=terms.words_en,
        words_fr=terms.words_fr,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        made_by=by.actor,
        made_at=now,
    )
