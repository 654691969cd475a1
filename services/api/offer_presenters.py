"""Offers as the wire shows them, and as it sends them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from services.api import offer_schemas as schemas
from services.api.open_offer_schema import OpenOffer
from vestibule.domain.offers import UNDO_WITHIN, OfferKind, OfferTerms
from vestibule.domain.segmentation import Segment
from vestibule.records import offer_tables, offers
from vestibule.workflows.redeem_offer import state_at
from vestibule.workflows.show_offers import GuestOffers


def terms(body: schemas.OfferTermsGiven, *, now: datetime) -> OfferTerms:
    return OfferTerms(
        kind=OfferKind(body.kind),
        words_en=body.words_en,
        words_fr=body.words_fr,
        starts_at=body.starts_at or now,
        ends_at=body.ends_at,
    )


def offer(row: offer_tables.Offer, *, now: datetime) -> schemas.Offer:
    undo = row.redeemed_at + UNDO_WITHIN if row.redeemed_at else None
    return schemas.Offer(
        **_shared(row),
        customer_id=row.customer_id,
        state=state_at(row, now=now).value,
        round_id=row.round_id,
        redeemed_at=row.redeemed_at,
        redeemed_by=row.redeemed_by,
        taken_back_at=row.taken_back_at,
        can_undo_until=undo if undo and undo > now else None,
    )


def open_offers(rows: Sequence[offer_tables.Offer]) -> list[OpenOffer]:
    return [OpenOffer.model_validate(row, from_attributes=True) for row in rows]


def guest_offers(
    shown: GuestOffers, *, now: datetime, next_cursor: str | None
) -> schemas.OfferPage:
    seen, explained = shown.attendance, None
    if seen is not None and shown.segment is not None:
        explained = schemas.SegmentExplained(
            segment=shown.segment.value,
            nights=seen.nights,
            nights_in_window=seen.nights_in_window,
            last_night=seen.last_night.isoformat() if seen.last_night else None,
        )
    return schemas.OfferPage(
        items=[offer(row, now=now) for row in shown.page.items],
        may_be_offered=shown.may_be_offered,
        segment=explained,
        next_cursor=next_cursor,
    )


def sizes(found: Mapping[Segment, int]) -> list[schemas.SegmentSize]:
    """The highest first."""
    return [
        schemas.SegmentSize(segment=segment.value, guests=found[segment])
        for segment in reversed(Segment)
    ]


def offer_round(row: offer_tables.OfferRound, share: offers.Share) -> schemas.OfferRound:
    return schemas.OfferRound(
        **_shared(row), segment=cast(Any, row.segment), share=offer_share(share)
    )


def offer_share(share: offers.Share) -> schemas.OfferShare:
    return schemas.OfferShare.model_validate(share, from_attributes=True)


def _shared(row: offer_tables.Offer | offer_tables.OfferRound) -> dict[str, Any]:
    names = ("id", "kind", "words_en", "words_fr", "venue_id")
    times = ("starts_at", "ends_at", "made_by", "made_at")
    return {name: getattr(row, name) for name in (*names, *times)}
