"""What the till sold to guests, once, however often it says so. Nothing is kept of anybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.ids import new_uuid
from vestibule.domain.night import night_of
from vestibule.domain.permissions import Permission
from vestibule.records import audit, purchases, venues
from vestibule.records.database import Transaction
from vestibule.records.purchase_tables import Purchase
from vestibule.records.purchases import ReceiptLine
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line of a receipt. Whose it is says the id, or the loyalty number. ``venue_id`` None is
    where the caller is."""

    till: str
    receipt: str
    line: int
    occurred_at: datetime
    amount_minor: int
    currency: str
    category: str
    alcohol_hundredths: int
    customer_id: UUID | None = None
    loyalty_number: str | None = None
    venue_id: UUID | None = None


class Outcome(StrEnum):
    RECORDED = "recorded"
    REPEATED = "repeated"
    """It was here already, just so."""
    UNKNOWN = "unknown_customer"
    """Counted, and nothing of it kept."""
    DIFFERENT = "recorded_differently"
    """The line is here with another content: correct or void that one."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """``owner`` None: of nobody known here."""

    sold: SoldLine
    venue_id: UUID
    night: date
    owner: UUID | None = None

    @property
    def name(self) -> ReceiptLine:
        return (self.venue_id, self.sold.till, self.sold.receipt, self.sold.line)


def record_purchases(runtime: Runtime, sold: Sequence[SoldLine], *, by: Principal) -> list[Outcome]:
    """One outcome a line, in their order. Safe to run twice.

    Raises ForbiddenError for a venue where the caller records nothing, and InvalidInputError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        placed = _placed(transaction, sold, by)
        owned = _owned(transaction, placed)
        first = {one.name: one for one in reversed(owned) if one.owner}
        rows = [_row(one, by, now) for _, one in sorted(first.items(), key=str)]
        added = purchases.add(transaction, rows)
        here = purchases.by_line(transaction, list(first))
        outcomes = _outcomes(owned, here, added)
        _count_unknown(transaction, owned, outcomes)
        if sold:
            _record(transaction, now, outcomes, by, here)
    return outcomes


def _placed(transaction: Transaction, sold: Sequence[SoldLine], by: Principal) -> list[_Placed]:
    if len(sold) > MOST_AT_ONCE:
        raise InvalidInputError(f"At most {MOST_AT_ONCE} at once.", fields=[{"field": "items"}])
    known = {row.id: row for row in venues.in_order(transaction)}
    return [_at_its_venue(one, known, by) for one in sold]


def _at_its_venue(sold: SoldLine, known: Mapping[UUID, Venue], by: Principal) -> _Placed:
    venue = known.get(sold.venue_id or by.venue_id)
    if venue is None:
        raise InvalidInputError("There is no such venue.", fields=[{"field": "venue_id"}])
    by.require(Permission.RECORD_PURCHASES, venue.id)
    night = night_of(sold.occurred_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
    return _Placed(sold, venue.id, night)


def _owned(transaction: Transaction, placed: Sequence[_Placed]) -> list[_Placed]:
    """With whose they are, of those that are of somebody known."""
    ids = {one.sold.customer_id for one in placed if one.sold.customer_id}
    numbers = {one.sold.loyalty_number for one in placed if one.sold.loyalty_number}
    known, by_number = purchases.lock_known(transaction, ids=ids, references=numbers)
    found = []
    for one in placed:
        number = one.sold.loyalty_number
        owner = by_number.get(number) if number else None
        if one.sold.customer_id:
            owner = known.get(one.sold.customer_id)
        found.append(replace(one, owner=owner))
    return found


def _row(one: _Placed, by: Principal, now: datetime) -> Purchase:
    sold = one.sold
    assert one.owner is not None  # those of nobody known are not kept
    return Purchase(
        id=new_uuid(),
        venue_id=one.venue_id,
        customer_id=one.owner,
        till=sold.till,
        receipt=sold.receipt,
        line=sold.line,
        occurred_at=sold.occurred_at,
        night=one.night,
        amount_minor=sold.amount_minor,
        currency=sold.currency,
        category=sold.category,
        alcohol_hundredths=sold.alcohol_hundredths,
        state="VALID",
        recorded_by=by.actor,
        created_at=now,
    )


def _outcomes(
    owned: Sequence[_Placed], here: Mapping[ReceiptLine, Purchase], added: set[UUID]
) -> list[Outcome]:
    outcomes, seen = list[Outcome](), set[ReceiptLine]()
    for one in owned:
        row = here.get(one.name)
        if one.owner is None or row is None:
            outcomes.append(Outcome.UNKNOWN)
        elif not _is_same(one, row):
            outcomes.append(Outcome.DIFFERENT)
        else:
            is_new = row.id in added and one.name not in seen
            outcomes.append(Outcome.RECORDED if is_new else Outcome.REPEATED)
            seen.add(one.name)
    return outcomes


def _is_same(one: _Placed, row: Purchase) -> bool:
    """Of a line that was corrected here the till repeats what it was: that is another one."""
    sold = one.sold
    return (
        row.customer_id == one.owner
        and row.occurred_at == sold.occurred_at
        and row.amount_minor == sold.amount_minor
        and row.currency == sold.currency
        and row.category == sold.category
        and row.alcohol_hundredths == sold.alcohol_hundredths
    )


def _count_unknown(
    transaction: Transaction, placed: Sequence[_Placed], outcomes: Sequence[Outcome]
) -> None:
    counts: dict[tuple[UUID, date], int] = {}
    for one, outcome in zip(placed, outcomes, strict=True):
        if outcome is Outcome.UNKNOWN:
            counts[one.venue_id, one.night] = counts.get((one.venue_id, one.night), 0) + 1
    for (venue_id, night), count in sorted(counts.items(), key=str):
        purchases.count_unknown(transaction, venue_id, night, count)


def _record(
    transaction: Transaction,
    now: datetime,
    outcomes: Sequence[Outcome],
    by: Principal,
    here: Mapping[ReceiptLine, Purchase],
) -> None:
    audit.append(
        transaction,
        at=now,
        actor=by.actor,
        action="purchase.record",
        subject="purchases",
        customers=sorted({str(row.customer_id) for row in here.values()}),
        **{outcome.value: outcomes.count(outcome) for outcome in Outcome},
    )
