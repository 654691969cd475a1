"""Files that may be one person: suggested, judged, merged, and two again."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from services.api import cursors, merge_schemas, presenters
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customers, duplicates, merges
from vestibule.records.database import Transaction
from vestibule.records.duplicates import Pair
from vestibule.records.merge_tables import CustomerMerge
from vestibule.records.tables import Customer
from vestibule.workflows.judge_duplicates import judge_two_people
from vestibule.workflows.merge_customers import merge_customers, undo_merge
from vestibule.workflows.record_look import record_look, record_part

router = APIRouter(tags=["customers"], dependencies=[Depends(principal)])


@router.get("/customer-duplicates", dependencies=only(Permission.MERGE_CUSTOMERS))
def list_duplicates(
    product: Product,
    caller: Caller,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> merge_schemas.DuplicatePage:
    """Files that may be one person, the most telling first; the first page has alike faces too."""
    after = cursors.read_weight(cursor) if cursor else None
    with product.database.begin() as transaction:
        pairs = duplicates.list_pairs(transaction, limit=limit, after=after)
        placed = [pair.place for pair in pairs if pair.place is not None]
        more = len(placed) > limit
        last = placed[limit - 1] if more else None
        shown = _pairs(product, transaction, pairs[:-1] if more else pairs)
    if shown:
        record_look(
            product,
            actor=caller.actor,
            action="customer.search",
            subject="duplicates",
            customers=sorted({one.id for pair in shown for one in (pair.customer, pair.other)}),
        )
    return merge_schemas.DuplicatePage(
        items=shown, next_cursor=cursors.write(*last) if last else None
    )


@router.get("/customers/{customer_id}/duplicates", dependencies=only(Permission.VIEW_CUSTOMERS))
def duplicates_of_customer(
    customer_id: UUID, product: Product, caller: Caller
) -> merge_schemas.DuplicatePage:
    """Files that this one may be the same as."""
    with product.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        shown = _pairs(product, transaction, duplicates.of_customer(transaction, found.id))
    record_part(product, customer_id, actor=caller.actor, of="duplicates")
    return merge_schemas.DuplicatePage(items=shown, next_cursor=None)


@router.post(
    "/customer-duplicates/judgement",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.MERGE_CUSTOMERS),
)
def they_are_two(body: merge_schemas.TwoPeople, product: Product, caller: Caller) -> None:
    """They are two people; the pair is not suggested again."""
    judge_two_people(product, body.customer_id, body.other_customer_id, actor=caller.actor)


@router.post(
    "/customer-merges",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.MERGE_CUSTOMERS),
)
def merge(
    body: merge_schemas.NewMerge, product: Product, caller: Caller
) -> merge_schemas.CustomerMerge:
    """Make two files one. The id of the merged one leads to the kept one from then on."""
    made = merge_customers(
        product, kept_id=body.kept_id, merged_id=body.merged_id, actor=caller.actor
    )
    return _merges(product, [made])[0]


@router.post("/customer-merges/{merge_id}/undo", dependencies=only(Permission.MERGE_CUSTOMERS))
def undo(merge_id: UUID, product: Product, caller: Caller) -> merge_schemas.CustomerMerge:
    """Two files again, as they were; what came to the kept one since stays there."""
    return _merges(product, [undo_merge(product, merge_id, actor=caller.actor)])[0]


@router.get("/customers/{customer_id}/merges", dependencies=only(Permission.VIEW_CUSTOMERS))
def list_merges(
    customer_id: UUID, product: Product, caller: Caller
) -> merge_schemas.CustomerMergeList:
    """What was merged into this customer, the latest first."""
    with product.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        made = merges.of_customer(transaction, found.id)
    record_part(product, customer_id, actor=caller.actor, of="merges")
    return merge_schemas.CustomerMergeList(items=_merges(product, made))


def _pairs(
    product: Product, transaction: Transaction, pairs: Sequence[Pair]
) -> list[merge_schemas.DuplicatePair]:
    ids = {one for pair in pairs for one in (pair.customer_id, pair.other_customer_id)}
    found = customers.overviews_by_id(transaction, ids)
    space_id = product.engine.space.id
    return [
        merge_schemas.DuplicatePair(
            customer=presenters.customer_summary(found[pair.customer_id], space_id=space_id),
            other=presenters.customer_summary(found[pair.other_customer_id], space_id=space_id),
            reasons=cast(Any, pair.reasons),
        )
        for pair in pairs
        if pair.customer_id in found and pair.other_customer_id in found
    ]


def _merges(product: Product, made: Sequence[CustomerMerge]) -> list[merge_schemas.CustomerMerge]:
    with product.database.begin() as transaction:
        return [_shown(transaction, one) for one in made]


def _shown(transaction: Transaction, made: CustomerMerge) -> merge_schemas.CustomerMerge:
    merged = transaction.get(Customer, made.merged_id)
    kept = customers.find(transaction, made.kept_id)
    return merge_schemas.CustomerMerge(
        id=made.id,
        kept_id=made.kept_id,
        merged_id=made.merged_id,
        merged_name=merged.name if merged else "",
        moved={name: len(rows) for name, rows in made.snapshot["moved"].items()},
        merged_by=made.merged_by,
        merged_at=made.merged_at,
        undone_by=made.undone_by,
        undone_at=made.undone_at,
        can_undo=made.undone_at is None and kept is not None,
    )
