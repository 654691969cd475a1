"""Purchases from the till: one, many, a CSV file; corrected and voided."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status
from fastapi.concurrency import run_in_threadpool

from services.api import purchase_presenters as presenters
from services.api import purchase_schemas as schemas
from services.api.dependencies import Here, Product, needs
from services.api.purchase_csv import MOST_BYTES, ReadFile, read_purchases
from services.api.uploads import read_upload
from vestibule.domain.consumption import hundredths
from vestibule.domain.permissions import Permission
from vestibule.records import venues
from vestibule.workflows import correct_purchase as correcting
from vestibule.workflows.record_purchases import (
    MOST_AT_ONCE,
    Outcome,
    record_purchases,
)
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

router = APIRouter(prefix="/purchases", tags=["purchases"])

Recorder = Annotated[Principal, Depends(needs(Permission.RECORD_PURCHASES))]
CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", status_code=status.HTTP_201_CREATED)
def record_one(
    body: schemas.SoldLine, product: Product, caller: Recorder
) -> schemas.RecordedPurchases:
    """Till, receipt and line name it: sent again it is not kept again."""
    return _recorded(record_purchases(product, [presenters.sold(body)], by=caller))


@router.post("/bulk", status_code=status.HTTP_201_CREATED)
def record_many(
    body: schemas.SoldLines, product: Product, caller: Recorder
) -> schemas.RecordedPurchases:
    """At most 1,000, all of them or none. Safe to send again."""
    sold = [presenters.sold(one) for one in body.items]
    return _recorded(record_purchases(product, sold, by=caller))


@router.post("/csv", openapi_extra=CSV_BODY)
async def import_purchases(
    request: Request,
    here: Here,
    caller: Recorder,
    preview: Annotated[bool, Query(description="Say what is wrong and record nothing.")] = False,
) -> schemas.PurchaseImport:
    """Columns till, receipt, time, amount_minor, currency, category; and line, alcohol_units,
    customer_id or loyalty_number, venue_id. Rows that do not fit are told, the others recorded.
    Safe to send again."""
    upload = await read_upload(request, limit_bytes=MOST_BYTES)
    return await run_in_threadpool(
        _import, here.runtime, upload.content, by=caller, is_preview=preview
    )


@router.patch("/{purchase_id}")
def change_purchase(
    purchase_id: UUID, body: schemas.PurchaseCorrection, product: Product, caller: Recorder
) -> schemas.Purchase:
    """What it was before is kept."""
    units = body.alcohol_units
    correction = correcting.PurchaseCorrection(
        amount_minor=body.amount_minor,
        currency=body.currency,
        category=body.category,
        alcohol_hundredths=None if units is None else hundredths(units),
    )
    row = correcting.correct_purchase(
        product, purchase_id, correction, reason=body.reason, by=caller
    )
    return presenters.purchase(row)


@router.post("/{purchase_id}/void")
def void_purchase(
    purchase_id: UUID, body: schemas.PurchaseVoid, product: Product, caller: Recorder
) -> schemas.Purchase:
    """It counts nothing from now on."""
    row = correcting.void_purchase(product, purchase_id, reason=body.reason, by=caller)
    return presenters.purchase(row)


@router.post("/voids")
def void_receipt(
    body: schemas.ReceiptVoid, product: Product, caller: Recorder
) -> schemas.VoidedLines:
    """By what the till knows. Lines of people who are not known here were never kept."""
    voided = correcting.void_receipt(
        product,
        venue_id=body.venue_id,
        till=body.till,
        receipt=body.receipt,
        line=body.line,
        reason=body.reason,
        by=caller,
    )
    return schemas.VoidedLines(voided=voided)


def _recorded(outcomes: Sequence[Outcome]) -> schemas.RecordedPurchases:
    counts = {outcome.value: outcomes.count(outcome) for outcome in Outcome}
    return schemas.RecordedPurchases.model_validate({**counts, "outcomes": list(outcomes)})


def _import(
    product: Runtime, content: bytes, *, by: Principal, is_preview: bool
) -> schemas.PurchaseImport:
    with product.database.look() as reader:
        venue = venues.find(reader, by.venue_id) or venues.home(reader)
    read = read_purchases(content, timezone=venue.timezone)
    outcomes = list[Outcome]()
    for start in range(0, 0 if is_preview else len(read.lines), MOST_AT_ONCE):
        some = [presenters.sold(one) for one in read.lines[start : start + MOST_AT_ONCE]]
        outcomes += record_purchases(product, some, by=by)
    return _imported(read, outcomes, is_preview=is_preview)


def _imported(
    read: ReadFile, outcomes: Sequence[Outcome], *, is_preview: bool
) -> schemas.PurchaseImport:
    counts = {outcome.value: outcomes.count(outcome) for outcome in Outcome}
    return schemas.PurchaseImport(
        is_preview=is_preview, rows=read.rows, problems=read.problems, **counts
    )
