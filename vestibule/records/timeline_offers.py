"""What a customer was offered, as events of their history."""

from sqlalchemy import select

from vestibule.records.offer_tables import Offer
from vestibule.records.offers import is_shown
from vestibule.records.tables import Customer
from vestibule.records.timeline_event import Asked, Event, earlier


def offered(asked: Asked) -> list[Event]:
    """Without what is open and may not be shown."""
    query = (
        select(Offer)
        .join(Customer, Customer.id == Offer.customer_id)
        .where(
            Offer.customer_id == asked.customer_id,
            is_shown(asked.now),
            *earlier(asked, Offer.made_at, Offer.id),
        )
    )
    page = query.order_by(Offer.made_at.desc(), Offer.id.desc()).limit(asked.limit)
    return [
        Event(
            row.id,
            "offer",
            row.made_at,
            row.made_by,
            row.venue_id,
            {
                "words_en": row.words_en,
                "words_fr": row.words_fr,
                "ends_at": row.ends_at.isoformat(),
                "is_over": row.ends_at <= asked.now,
                "redeemed_at": row.redeemed_at.isoformat() if row.redeemed_at else None,
                "taken_back_at": row.taken_back_at.isoformat() if row.taken_back_at else None,
            },
        )
        for row in asked.transaction.scalars(page)
    ]
