"""The same offer to all of a segment, of those who agreed to offers: looked at first, then made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError
from vestibule.domain.offers import OfferKind, OfferTerms, checked_terms
from vestibule.domain.permissions import Permission
from vestibule.domain.segmentation import POLICY, Segment
from vestibule.records import audit, offers, segments
from vestibule.records.database import Transaction
from vestibule.records.offer_tables import OfferRound
from vestibule.workflows.make_offer import new_offer, require_at, tonight_of
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

MOST_IN_A_ROUND = 10_000
CHUNK = 500
"""So many guests are locked and written at once; a round that was cut off goes on after them."""


@dataclass(frozen=True, slots=True)
class NewRound:
    """``seen_guests`` is how many the preview told; more than that is refused."""

    id: UUID
    segment: Segment
    terms: OfferTerms
    venue_id: UUID | None
    seen_guests: int


@dataclass(frozen=True, slots=True)
class RoundMade:
    """``guests`` have one now; ``added`` of them since this call."""

    guests: int
    added: int


def preview_round(
    runtime: Runtime, segment: Segment, terms: OfferTerms, *, venue_id: UUID | None, by: Principal
) -> int:
    """How many guests it would reach. Writes nothing. Raises ForbiddenError, InvalidInputError."""
    require_at(by, Permission.PLAN_OFFERS, venue_id)
    now = runtime.clock.now()
    checked_terms(terms, now=now)
    with runtime.database.look() as reader:
        return len(_members(reader, segment, venue_id, now))


def make_round(runtime: Runtime, wanted: NewRound, *, by: Principal) -> RoundMade:
    """Safe to run twice, and to run again after it was cut off: with the same id it goes on.

    Raises ForbiddenError, InvalidInputError, and ConflictError when more guests are of the segment
    than were told, or the id is of another round.
    """
    require_at(by, Permission.PLAN_OFFERS, wanted.venue_id)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        begun = offers.find_round(transaction, wanted.id) or _begin(transaction, wanted, by, now)
        if (begun.segment, begun.venue_id) != (wanted.segment.value, wanted.venue_id):
            raise ConflictError("That id is of another round.")
        has_one = offers.has_of_round(transaction, wanted.id)
        members = _members(transaction, wanted.segment, wanted.venue_id, now)
        missing = [one for one in members if one not in has_one]
        guests = len(has_one) + len(missing)
        if guests > wanted.seen_guests:
            raise ConflictError("More guests are of it now: look again.", guests=guests)
        audit.append(
            transaction,
            at=now,
            actor=by.actor,
            action="offer.round",
            subject=f"offer_round:{begun.id}",
            segment=begun.segment,
            guests=guests,
        )
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    added = sum(_add(runtime, begun, chunk, by) for chunk in chunks)
    return RoundMade(len(has_one) + added, added)


def _members(
    transaction: Transaction, segment: Segment, venue_id: UUID | None, now: datetime
) -> list[UUID]:
    tonight = tonight_of(transaction, venue_id, now)
    found = segments.members(
        transaction, segment, POLICY, venue_id=venue_id, tonight=tonight, now=now
    )
    if len(found) > MOST_IN_A_ROUND:
        raise InvalidInputError(
            f"At most {MOST_IN_A_ROUND} guests at once.", fields=["segment"], limit=MOST_IN_A_ROUND
        )
    return found


def _begin(transaction: Transaction, wanted: NewRound, by: Principal, now: datetime) -> OfferRound:
    terms = checked_terms(wanted.terms, now=now)
    made = OfferRound(
        id=wanted.id,
        venue_id=wanted.venue_id,
        segment=wanted.segment.value,
        kind=terms.kind.value,
        words_en=terms.words_en,
        words_fr=terms.words_fr,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        made_by=by.actor,
        made_at=now,
    )
    return offers.add_round_once(transaction, made)


def _add(runtime: Runtime, begun: OfferRound, chunk: Sequence[UUID], by: Principal) -> int:
    """To those of them who still agree, once each; how many that were."""
    now = runtime.clock.now()
    terms = OfferTerms(
        OfferKind(begun.kind), begun.words_en, begun.words_fr, begun.starts_at, begun.ends_at
    )
    with runtime.database.begin() as transaction:
        agreeing = offers.lock_agreeing(transaction, chunk, venue_id=begun.venue_id, now=now)
        made = [
            new_offer(one, terms, begun.venue_id, by, now, round_id=begun.id) for one in agreeing
        ]
        added = offers.add_once(transaction, made)
        if added:
            audit.append(
                transaction,
                at=now,
                actor=by.actor,
                action="offer.make",
                subject=f"offer_round:{begun.id}",
                customers=sorted(str(one) for one in added),
            )
    return len(added)
