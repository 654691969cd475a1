"""Offers: made to one guest or to a segment, redeemed once, taken back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from services.api import offer_presenters as presenters
from services.api import offer_schemas as schemas
from services.api.cursors import read_cursor, write_cursor
from services.api.dependencies import Product, needs
from vestibule.domain.permissions import Permission
from vestibule.domain.segmentation import POLICY, Segment
from vestibule.workflows import redeem_offer as redeeming
from vestibule.workflows import show_offers as showing
from vestibule.workflows.make_offer import make_offer
from vestibule.workflows.make_offer_round import NewRound, make_round, preview_round
from vestibule.workflows.sign_in import Principal

router = APIRouter(tags=["offers"])

_READS = (Permission.VIEW_CUSTOMERS, Permission.MAKE_OFFERS)
Reader = Annotated[Principal, Depends(needs(*_READS))]
Maker = Annotated[Principal, Depends(needs(Permission.MAKE_OFFERS))]
Redeemer = Annotated[Principal, Depends(needs(Permission.REDEEM_OFFERS))]
Planner = Annotated[Principal, Depends(needs(Permission.PLAN_OFFERS))]


@router.get("/customers/{customer_id}/offers")
def list_offers(
    customer_id: UUID,
    product: Product,
    caller: Reader,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> schemas.OfferPage:
    """The latest first. The look is recorded."""
    after = read_cursor(cursor) if cursor else None
    shown = showing.list_offers(product, customer_id, limit=limit, after=after, by=caller)
    following = shown.page.next_after
    return presenters.guest_offers(
        shown,
        now=product.clock.now(),
        next_cursor=write_cursor(following) if following else None,
    )


@router.post("/customers/{customer_id}/offers", status_code=status.HTTP_201_CREATED)
def offer_something(
    customer_id: UUID, body: schemas.NewOffer, product: Product, caller: Maker
) -> schemas.Offer:
    """422 ``offers_not_agreed`` for a guest who does not agree to offers there."""
    now = product.clock.now()
    made = make_offer(
        product,
        customer_id,
        presenters.terms(body, now=now),
        venue_id=body.venue_id,
        offer_id=body.id,
        by=caller,
    )
    return presenters.offer(made, now=now)


@router.post("/offers/{offer_id}/redemption")
def redeem_offer(
    offer_id: UUID, body: schemas.Redemption, product: Product, caller: Redeemer
) -> schemas.Offer:
    """Once: the second of two is told 409 ``offer_not_open``, with ``facts.state``."""
    row = redeeming.redeem_offer(product, offer_id, venue_id=body.venue_id, by=caller)
    return presenters.offer(row, now=product.clock.now())


@router.delete("/offers/{offer_id}/redemption")
def undo_redemption(offer_id: UUID, product: Product, caller: Redeemer) -> schemas.Offer:
    """Within 15 minutes: a slip of the thumb."""
    row = redeeming.undo_redemption(product, offer_id, by=caller)
    return presenters.offer(row, now=product.clock.now())


@router.post("/offers/{offer_id}/withdrawal")
def take_offer_back(offer_id: UUID, product: Product, caller: Maker) -> schemas.Offer:
    """It is shown nowhere from now on. 409 for one that was redeemed."""
    row = redeeming.take_offer_back(product, offer_id, by=caller)
    return presenters.offer(row, now=product.clock.now())


@router.get("/segments")
def count_segments(
    product: Product,
    caller: Planner,
    venue_id: Annotated[
        UUID | None, Query(description="By nights at this venue; without it, of the whole chain.")
    ] = None,
) -> schemas.Segments:
    """How many guests are in each, of those who agreed to offers. Worked out now, kept nowhere."""
    found = showing.count_segments(product, venue_id=venue_id, by=caller)
    policy = schemas.SegmentationPolicy.model_validate(POLICY, from_attributes=True)
    return schemas.Segments(venue_id=venue_id, policy=policy, items=presenters.sizes(found))


@router.get("/offer-rounds")
def list_offer_rounds(product: Product, caller: Planner) -> schemas.OfferRounds:
    """Offers to segments, the latest first, with what became of them."""
    shown = showing.list_rounds(product, by=caller)
    return schemas.OfferRounds(
        items=[presenters.offer_round(row, share) for row, share in shown.items],
        one_by_one=presenters.offer_share(shown.one_by_one),
    )


@router.post("/offer-rounds/preview")
def preview_offer_round(
    body: schemas.RoundTerms, product: Product, caller: Planner
) -> schemas.RoundPreview:
    """How many guests it would reach. Writes nothing."""
    terms = presenters.terms(body, now=product.clock.now())
    guests = preview_round(product, Segment(body.segment), terms, venue_id=body.venue_id, by=caller)
    return schemas.RoundPreview(guests=guests)


@router.post("/offer-rounds", status_code=status.HTTP_201_CREATED)
def make_offer_round(
    body: schemas.NewOfferRound, product: Product, caller: Planner
) -> schemas.MadeRound:
    """At most 10,000 guests. Safe to send again: with the same id it goes on."""
    wanted = NewRound(
        id=body.id,
        segment=Segment(body.segment),
        terms=presenters.terms(body, now=product.clock.now()),
        venue_id=body.venue_id,
        seen_guests=body.guests,
    )
    made = make_round(product, wanted, by=caller)
    return schemas.MadeRound(id=body.id, guests=made.guests, added=made.added)
