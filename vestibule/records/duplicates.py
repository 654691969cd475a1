"""Files that may be one person: suggested, looked at, judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from vestibule.domain.gallery_health import FindingKind
from vestibule.domain.ids import new_uuid
from vestibule.records.database import Transaction
from vestibule.records.gallery_health import findings
from vestibule.records.gallery_tables import GalleryJudgement
from vestibule.records.merge_tables import DuplicateSuggestion
from vestibule.records.tables import Customer

_LIKE_NAMES = 0.45
"""Share of trigrams that two names have in common; with the same birth date it suggests a pair."""
_MOST_PAIRS = 20
"""A phone that a hundred files share is a company's, not a person's."""
_MOST_FACES = 100
WEIGHTS = {"email": 3, "phone": 2, "birth_date_and_name": 2}


def look_for(transaction: Transaction, customer: Customer, *, now: datetime) -> None:
    """Suggest anew whom this customer may be the same as, from what their profile says now."""
    forget(transaction, customer.id)
    reasons: dict[UUID, list[str]] = {}
    for reason, matching in _sharing(customer).items():
        query = select(Customer.id).where(
            matching, Customer.id != customer.id, Customer.status == "ACTIVE"
        )
        for other in transaction.scalars(query.order_by(Customer.id).limit(_MOST_PAIRS)):
            reasons.setdefault(other, []).append(reason)
    for other, found in reasons.items():
        first, second = sorted((customer.id, other))
        row = insert(DuplicateSuggestion).values(
            id=new_uuid(),
            customer_id=first,
            other_customer_id=second,
            reasons=found,
            weight=sum(WEIGHTS[reason] for reason in found),
            made_at=now,
        )
        transaction.execute(row.on_conflict_do_nothing())


def forget(transaction: Transaction, customer_id: UUID) -> None:
    """No suggestion names this customer until their profile changes."""
    names = or_(
        DuplicateSuggestion.customer_id == customer_id,
        DuplicateSuggestion.other_customer_id == customer_id,
    )
    transaction.execute(delete(DuplicateSuggestion).where(names))


def _sharing(customer: Customer) -> dict[str, ColumnElement[bool]]:
    """Each query is led by an index."""
    found: dict[str, ColumnElement[bool]] = {}
    if customer.email:
        found["email"] = Customer.email == customer.email
    if customer.phone_key:
        found["phone"] = Customer.phone_key == customer.phone_key
    if customer.birth_date:
        found["birth_date_and_name"] = and_(
            Customer.birth_date == customer.birth_date,
            func.similarity(Customer.folded_name, customer.folded_name) >= _LIKE_NAMES,
        )
    return found


def is_judged() -> ColumnElement[bool]:
    """That somebody said of this suggestion that they are two people."""
    return exists().where(
        GalleryJudgement.kind == FindingKind.DUPLICATE.value,
        GalleryJudgement.customer_id == DuplicateSuggestion.customer_id,
        GalleryJudgement.other_customer_id == DuplicateSuggestion.other_customer_id,
    )


# ── shown and judged ────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Pair:
    """Two files and what they share; ``face`` among the reasons is from the gallery's examination.

    ``place`` is where a list goes on after it; None for pairs that only their faces suggest.
    """

    customer_id: UUID
    other_customer_id: UUID
    reasons: list[str]
    place: tuple[int, UUID] | None


def list_pairs(
    transaction: Transaction, *, limit: int, after: tuple[int, UUID] | None = None
) -> list[Pair]:
    """Not judged, the most telling first; faces that look alike lead the first page."""
    by_face = _alike_faces(transaction)
    one, other = aliased(Customer), aliased(Customer)
    query = (
        select(DuplicateSuggestion)
        .join(one, one.id == DuplicateSuggestion.customer_id)
        .join(other, other.id == DuplicateSuggestion.other_customer_id)
        .where(one.status == "ACTIVE", other.status == "ACTIVE", ~is_judged())
    )
    if after is not None:
        weight, last = after
        query = query.where(
            tuple_(-DuplicateSuggestion.weight, DuplicateSuggestion.id) > (-weight, last)
        )
    page = query.order_by(DuplicateSuggestion.weight.desc(), DuplicateSuggestion.id)
    found = [_pair(row, by_face) for row in transaction.scalars(page.limit(limit + 1))]
    if after is not None:
        return found
    known = {(pair.customer_id, pair.other_customer_id) for pair in found}
    return [*(pair for key, pair in by_face.items() if key not in known), *found]


def of_customer(transaction: Transaction, customer_id: UUID) -> list[Pair]:
    """Whom this file may be the same as."""
    by_face = _alike_faces(transaction, customer_id)
    is_of_pair = or_(
        DuplicateSuggestion.customer_id == customer_id,
        DuplicateSuggestion.other_customer_id == customer_id,
    )
    query = select(DuplicateSuggestion).where(is_of_pair, ~is_judged())
    page = query.order_by(DuplicateSuggestion.weight.desc(), DuplicateSuggestion.id)
    found = [_pair(row, by_face) for row in transaction.scalars(page.limit(_MOST_PAIRS))]
    known = {(pair.customer_id, pair.other_customer_id) for pair in found}
    return [*(pair for key, pair in by_face.items() if key not in known), *found]


def _pair(row: DuplicateSuggestion, by_face: Mapping[tuple[UUID, UUID], Pair]) -> Pair:
    has_face = (row.customer_id, row.other_customer_id) in by_face
    reasons = [*(["face"] if has_face else []), *row.reasons]
    return Pair(row.customer_id, row.other_customer_id, reasons, (row.weight, row.id))


def _alike_faces(
    transaction: Transaction, customer_id: UUID | None = None
) -> dict[tuple[UUID, UUID], Pair]:
    """Pairs that the last examination of the gallery found and nobody judged."""
    found = findings(transaction, FindingKind.DUPLICATE, offset=0, limit=_MOST_FACES)
    pairs = {}
    for row in found:
        if row.other_customer_id is None:
            continue
        first, second = sorted((row.customer_id, row.other_customer_id))
        if customer_id is None or customer_id in (first, second):
            pairs[first, second] = Pair(first, second, ["face"], None)
    return pairs


def judge(
    transaction: Transaction, customer_id: UUID, other_id: UUID, *, actor: str, now: datetime
) -> bool:
    """They are two people: the pair is not suggested again. False where that was said before."""
    first, second = sorted((customer_id, other_id))
    known = select(GalleryJudgement.id).where(
        GalleryJudgement.kind == FindingKind.DUPLICATE.value,
        GalleryJudgement.customer_id == first,
        GalleryJudgement.other_customer_id == second,
    )
    if transaction.scalar(known.limit(1)) is not None:
        return False
    transaction.add(
        GalleryJudgement(
            kind=FindingKind.DUPLICATE.value,
            customer_id=first,
            other_customer_id=second,
            judged_by=actor,
            judged_at=now,
        )
    )
    transaction.flush()
    return True
