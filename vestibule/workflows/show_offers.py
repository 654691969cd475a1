"""What a guest is offered, and how often guests of which segment come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.domain.segmentation import POLICY, Attendance, Segment, segment_of
from vestibule.records import customers, offers, segments
from vestibule.records.offer_gate import may_be_offered
from vestibule.records.offer_tables import OfferRound
from vestibule.records.offers import Page, Place, Share
from vestibule.workflows.make_offer import require_at, tonight_of
from vestibule.workflows.record_look import record_part
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

FIGURES_OVER = timedelta(days=90)
ROUNDS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class GuestOffers:
    """``segment`` is for those who plan offers, at the venue where the caller is, or in the chain
    for who plans everywhere; None too where the guest did not agree."""

    page: Page
    may_be_offered: bool
    segment: Segment | None
    attendance: Attendance | None


def list_offers(
    runtime: Runtime, customer_id: UUID, *, limit: int, after: Place | None, by: Principal
) -> GuestOffers:
    """The latest first. The look is recorded. Raises NotFoundError."""
    now = runtime.clock.now()
    chain = by.rights.may_everywhere(Permission.PLAN_OFFERS)
    where = None if chain else by.venue_id
    with runtime.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        page = offers.page_of(transaction, found.id, limit=limit, after=after, now=now)
        agrees = may_be_offered(transaction, [found.id], venue_id=by.venue_id, now=now)
        seen, segment = None, None
        if by.may(Permission.PLAN_OFFERS, where):
            tonight = tonight_of(transaction, where, now)
            seen = segments.attendance_of(
                transaction, found.id, POLICY, venue_id=where, tonight=tonight, now=now
            )
            segment = segment_of(seen, tonight=tonight, policy=POLICY) if seen else None
    record_part(runtime, found.id, actor=by.actor, of="offers")
    return GuestOffers(page, bool(agrees), segment, seen)


def count_segments(
    runtime: Runtime, *, venue_id: UUID | None, by: Principal
) -> Mapping[Segment, int]:
    """By nights at that venue, or in the chain with None. Raises ForbiddenError."""
    require_at(by, Permission.PLAN_OFFERS, venue_id)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        tonight = tonight_of(transaction, venue_id, now)
        return segments.sizes(transaction, POLICY, venue_id=venue_id, tonight=tonight, now=now)


@dataclass(frozen=True, slots=True)
class Rounds:
    """``one_by_one`` counts offers of the last 90 days that were made to one guest each."""

    items: Sequence[tuple[OfferRound, Share]]
    one_by_one: Share


def list_rounds(runtime: Runtime, *, by: Principal) -> Rounds:
    now = runtime.clock.now()
    where = by.venues(Permission.PLAN_OFFERS)
    with runtime.database.begin() as transaction:
        rows = offers.rounds(transaction, where, limit=ROUNDS_SHOWN)
        shares = offers.shares_of_rounds(transaction, [one.id for one in rows], now=now)
        one_by_one = offers.share_one_by_one(transaction, where, since=now - FIGURES_OVER, now=now)
    return Rounds([(one, shares.get(one.id, Share())) for one in rows], one_by_one)
