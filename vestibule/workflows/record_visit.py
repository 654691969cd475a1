"""Visits that people or tickets tell of: in, out, back again, and taken back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.night import night_of
from vestibule.records import audit, customers, venues, visits
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Venue
from vestibule.records.visit_tables import Visit
from vestibule.workflows.check_age import require_of_age
from vestibule.workflows.restrict_use import require_unrestricted
from vestibule.workflows.runtime import Runtime

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""A till's clock may be ahead of ours by so much."""
OLDEST_ENTRY = timedelta(days=31)
MOST_HEADS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """Who came in: by id or by loyalty number. ``source`` is hand or ticket."""

    venue_id: UUID
    source: str
    customer_id: UUID | None = None
    reference: str | None = None
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    visit: Visit
    customer: Customer
    is_new: bool


def record_visit(runtime: Runtime, entry: Entry, *, actor: str) -> Recorded:
    """Once a customer, venue and night: told again it is the same visit, and nothing is added.

    Who had left and is told to enter later is inside again. Raises NotFoundError, UnderAgeError,
    InvalidInputError.
    """
    with runtime.database.begin() as transaction:
        customer = _customer(transaction, entry)
        require_of_age(runtime, transaction, customer)
        require_unrestricted(customer)
        venue = _venue(transaction, entry.venue_id)
        entered_at = _entered_at(runtime, entry)
        night = _night(venue, entered_at)
        is_new = visits.add_visit(
            transaction,
            customer.id,
            venue_id=venue.id,
            night=night,
            entered_at=entered_at,
            source=entry.source,
            recorded_by=actor,
        )
        visit = visits.of_night(transaction, customer.id, venue_id=venue.id, night=night)
        if visit is None:
            raise NotFoundError()
        if is_new or visits.came_back(visit, entered_at):
            action = "visit.record" if is_new else "visit.return"
            _audit(runtime, transaction, visit, action, actor=actor, source=entry.source)
    return Recorded(visit, customer, is_new)


def record_exit(runtime: Runtime, visit_id: UUID, *, left_at: datetime | None, actor: str) -> Visit:
    """They left. Said twice, the first time counts. Raises NotFoundError, InvalidInputError."""
    now = runtime.clock.now()
    moment = left_at or now
    with runtime.database.begin() as transaction:
        visit = _visit(transaction, visit_id)
        if moment < visit.entered_at or moment > now + CLOCKS_DIFFER_BY:
            raise InvalidInputError("Nobody leaves before they came, or later.", fields=["left_at"])
        if visit.left_at is None:
            visit.left_at = moment
            _audit(runtime, transaction, visit, "visit.leave", actor=actor)
    return visit


def take_exit_back(runtime: Runtime, visit_id: UUID, *, actor: str) -> Visit:
    """They are still inside, or back. Safe to say twice."""
    with runtime.database.begin() as transaction:
        visit = _visit(transaction, visit_id)
        if visit.left_at is not None:
            visit.left_at = None
            _audit(runtime, transaction, visit, "visit.return", actor=actor)
    return visit


def remove_visit(runtime: Runtime, visit_id: UUID, *, actor: str) -> None:
    """One that was told by mistake; a visit of a confirmed face is taken back at the face.

    Raises NotFoundError, ConflictError.
    """
    with runtime.database.begin() as transaction:
        visit = _visit(transaction, visit_id)
        if visit.source == "face":
            raise ConflictError("A confirmed face gave this visit.", source=visit.source)
        _audit(runtime, transaction, visit, "visit.remove", actor=actor, source=visit.source)
        transaction.delete(visit)


def count_heads(
    runtime: Runtime, change: int, *, venue_id: UUID, request_key: str, actor: str
) -> None:
    """People whom nobody knows went in, or out below zero, never more than are in. The same key
    counts once.

    Nobody is named, so the rows themselves are the trace. Raises InvalidInputError.
    """
    if change == 0 or abs(change) > MOST_HEADS:
        raise InvalidInputError(fields=["change"], limit=MOST_HEADS)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        venue = _venue(transaction, venue_id)
        night = _night(venue, now)
        visits.lock_heads(transaction, venue.id)
        inside = visits.count_night(transaction, venue_id=venue.id, night=night).uncounted
        visits.add_heads(
            transaction,
            venue_id=venue.id,
            night=night,
            change=max(change, -inside),
            request_key=request_key,
            actor=actor,
            now=now,
        )


def _customer(transaction: Transaction, entry: Entry) -> Customer:
    if (entry.customer_id is None) == (entry.reference is None):
        raise InvalidInputError(
            "Say who it is: by id or by loyalty number.", fields=["customer_id", "reference"]
        )
    wanted = entry.customer_id
    if entry.reference is not None:
        known = customers.find_by_reference(transaction, entry.reference)
        wanted = known.id if known else None
    found = customers.lock_present(transaction, wanted) if wanted else None
    if found is None:
        raise NotFoundError()
    return found


def _venue(transaction: Transaction, venue_id: UUID) -> Venue:
    found = venues.find(transaction, venue_id)
    if found is None:
        raise InvalidInputError("There is no such venue.", fields=["venue_id"])
    return found


def _entered_at(runtime: Runtime, entry: Entry) -> datetime:
    now = runtime.clock.now()
    moment = entry.entered_at or now
    if not now - OLDEST_ENTRY <= moment <= now + CLOCKS_DIFFER_BY:
        raise InvalidInputError("Too long ago, or not yet.", fields=["entered_at"])
    return moment


def _night(venue: Venue, moment: datetime) -> date:
    return night_of(moment, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)


def _visit(transaction: Transaction, visit_id: UUID) -> Visit:
    visit = visits.find_for_change(transaction, visit_id)
    if visit is None:
        raise NotFoundError()
    return visit


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    visit: Visit,
    action: str,
    *,
    actor: str,
    **details: str,
) -> None:
    transaction.flush()
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=action,
        subject=f"customer:{visit.customer_id}",
        visit=str(visit.id),
        venue=str(visit.venue_id),
        **details,
    )
