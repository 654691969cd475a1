"""An offer is redeemed once, by whichever door is first; or taken back before that."""

from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import NotFoundError, OfferNotOpenError
from vestibule.domain.offers import UNDO_WITHIN, OfferState, state_of
from vestibule.domain.permissions import Permission
from vestibule.records import audit, offers
from vestibule.records.database import Transaction
from vestibule.records.offer_gate import may_be_offered
from vestibule.records.offer_tables import Offer
from vestibule.workflows.make_offer import require_at
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal


def redeem_offer(
    runtime: Runtime, offer_id: UUID, *, venue_id: UUID | None = None, by: Principal
) -> Offer:
    """At that venue, or where the caller is.

    Raises NotFoundError, ForbiddenError, and OfferNotOpenError for one that does not hold there
    now, was redeemed before, or whose guest does not agree to offers any more.
    """
    now, here = runtime.clock.now(), venue_id or by.venue_id
    by.require(Permission.REDEEM_OFFERS, here)
    with runtime.database.begin() as transaction:
        offer = _find(transaction, offer_id)
        state = state_at(offer, now=now)
        if state is OfferState.REDEEMED:
            at = offer.redeemed_at
            raise OfferNotOpenError(state=state.value, redeemed_at=at.isoformat() if at else None)
        agrees = may_be_offered(transaction, [offer.customer_id], venue_id=here, now=now)
        is_here = offer.venue_id in (None, here)
        if state is not OfferState.OPEN or not agrees or not is_here:
            shown = state.value if agrees and is_here else "not_here"
            raise OfferNotOpenError(state=shown)
        offer.redeemed_at, offer.redeemed_by, offer.redeemed_venue_id = now, by.actor, here
        _record(transaction, offer, by, now, "offer.redeem")
    return offer


def undo_redemption(runtime: Runtime, offer_id: UUID, *, by: Principal) -> Offer:
    """Minutes after it, by whoever redeems there. Safe to run twice.

    Raises NotFoundError, ForbiddenError, and OfferNotOpenError when it is too late.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        offer = _find(transaction, offer_id)
        by.require(Permission.REDEEM_OFFERS, offer.redeemed_venue_id or by.venue_id)
        if offer.redeemed_at is None:
            return offer
        if now - offer.redeemed_at > UNDO_WITHIN:
            raise OfferNotOpenError(state=OfferState.REDEEMED.value)
        offer.redeemed_at = offer.redeemed_by = offer.redeemed_venue_id = None
        _record(transaction, offer, by, now, "offer.undo")
    return offer


def take_offer_back(runtime: Runtime, offer_id: UUID, *, by: Principal) -> Offer:
    """It is shown nowhere from now on. Safe to run twice.

    Raises NotFoundError, ForbiddenError, and OfferNotOpenError for a redeemed one.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        offer = _find(transaction, offer_id)
        require_at(by, Permission.MAKE_OFFERS, offer.venue_id)
        if offer.redeemed_at is not None:
            raise OfferNotOpenError(state=OfferState.REDEEMED.value)
        if offer.taken_back_at is None:
            offer.taken_back_at, offer.taken_back_by = now, by.actor
            _record(transaction, offer, by, now, "offer.take_back")
    return offer


def state_at(offer: Offer, *, now: datetime) -> OfferState:
    return state_of(
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        redeemed_at=offer.redeemed_at,
        taken_back_at=offer.taken_back_at,
        now=now,
    )


def _find(transaction: Transaction, offer_id: UUID) -> Offer:
    offer = offers.find_for_change(transaction, offer_id)
    if offer is None:
        raise NotFoundError()
    return offer


def _record(
    transaction: Transaction, offer: Offer, by: Principal, now: datetime, action: str
) -> None:
    transaction.flush()
    audit.append(
        transaction,
        at=now,
        actor=by.actor,
        action=action,
        subject=f"customer:{offer.customer_id}",
        offer=str(offer.id),
    )
