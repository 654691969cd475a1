"""What the guests of the demo are offered: open ones, one that was redeemed, one that is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from vestibule.domain.offers import OfferKind
from vestibule.domain.permissions import Permission
from vestibule.records import audit, offers
from vestibule.records.offer_gate import may_be_offered
from vestibule.records.offer_tables import Offer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

_NAMESPACE = UUID("b0a2c6de-7a11-4d0b-8f5e-3f6a4f0f8b31")


@dataclass(frozen=True, slots=True)
class _Story:
    """``ends_in`` and ``redeemed_ago`` are days."""

    kind: OfferKind
    words_en: str
    words_fr: str
    ends_in: int
    redeemed_ago: int | None = None


_STORIES = (
    _Story(OfferKind.CLOAKROOM, "Free cloakroom", "Vestiaire offert", 20),
    _Story(OfferKind.DRINK, "A welcome drink", "Un verre de bienvenue", 9),
    _Story(OfferKind.ENTRY, "Free entry before midnight", "Entrée gratuite avant minuit", 9, 2),
    _Story(OfferKind.REDUCTION, "Half price on the first round", "Première tournée à −50 %", -3),
    _Story(OfferKind.TABLE, "A table on the terrace", "Une table en terrasse", 30),
)


def load_demo_offers(runtime: Runtime, guests: Sequence[UUID], *, by: Principal) -> None:
    """One each, in turn, to those of them who agreed to offers. Safe to run twice."""
    venue_id, now = by.venue_id, runtime.clock.now()
    by.require(Permission.MAKE_OFFERS, venue_id)
    with runtime.database.begin() as transaction:
        agreeing = may_be_offered(transaction, guests, venue_id=venue_id, now=now)
        chosen = [guest for guest in guests if guest in agreeing]
        made = [
            _offer(runtime, guest, _STORIES[place % len(_STORIES)], by)
            for place, guest in enumerate(chosen)
        ]
        added = offers.add_once(transaction, made)
        if added:
            audit.append(
                transaction,
                at=now,
                actor=by.actor,
                action="offer.make",
                subject="offers",
                customers=sorted(str(guest) for guest in added),
            )


def _offer(runtime: Runtime, guest: UUID, story: _Story, by: Principal) -> Offer:
    now, day = runtime.clock.now(), timedelta(days=1)
    made_at = now - 14 * day
    redeemed = None if story.redeemed_ago is None else now - story.redeemed_ago * day
    return Offer(
        id=uuid5(_NAMESPACE, str(guest)),
        customer_id=guest,
        venue_id=by.venue_id,
        kind=story.kind.value,
        words_en=story.words_en,
        words_fr=story.words_fr,
        starts_at=made_at,
        ends_at=now + story.ends_in * day,
        made_by=by.actor,
        made_at=made_at,
        redeemed_at=redeemed,
        redeemed_by=by.actor if redeemed else None,
        redeemed_venue_id=by.venue_id if redeemed else None,
    )
