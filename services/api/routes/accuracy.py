"""Accuracy reports: what was measured of the engine, here and before it was shipped."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from services.api.accuracy_schemas import (
    AccuracyReport,
    AccuracyReportList,
    AccuracyReportSummary,
)
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import ConflictError, InvalidInputError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_files import LARGEST_REPORT_BYTES
from vestibule.evaluation.shipped_reports import shipped_reports
from vestibule.records import accuracy_reports, accuracy_tables
from vestibule.workflows.keep_accuracy_report import keep_accuracy_report, remove_accuracy_report

router = APIRouter(prefix="/accuracy-reports", tags=["accuracy"], dependencies=[Depends(principal)])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get("", dependencies=only(Permission.VIEW_SYSTEM))
def list_accuracy_reports(product: Product) -> AccuracyReportList:
    """What this installation keeps, newest first, then what came with the product."""
    space_id = product.engine.space.id
    with product.database.begin() as transaction:
        stored = [_stored(row, space_id) for row in accuracy_reports.newest_first(transaction)]
    shipped = [_shipped(name, report, space_id) for name, report in shipped_reports().items()]
    return AccuracyReportList(items=stored + shipped)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_BODY,
    dependencies=only(Permission.OPERATE_SYSTEM),
)
async def store_accuracy_report(
    request: Request, product: Product, caller: Caller
) -> AccuracyReportSummary:
    """Keep a report that `vestibule evaluate` wrote. At most a million bytes."""
    content = await _read_limited(request)
    row = await run_in_threadpool(keep_accuracy_report, product, content, actor=caller.actor)
    return _stored(row, product.engine.space.id)


@router.get("/{report_id}", dependencies=only(Permission.VIEW_SYSTEM))
def get_accuracy_report(report_id: str, product: Product) -> AccuracyReport:
    """One report with all its figures."""
    space_id = product.engine.space.id
    shipped = shipped_reports().get(report_id)
    if shipped is not None:
        summary = _shipped(report_id, shipped, space_id)
        return AccuracyReport(**summary.model_dump(), report=asdict(shipped))
    with product.database.begin() as transaction:
        row = accuracy_reports.find(transaction, _uuid(report_id))
        if row is None:
            raise NotFoundError()
        return AccuracyReport(**_stored(row, space_id).model_dump(), report=row.content)


@router.delete(
    "/{report_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.OPERATE_SYSTEM),
)
def delete_accuracy_report(report_id: str, product: Product, caller: Caller) -> Response:
    """Forget a stored report. Those that came with the product stay."""
    if report_id in shipped_reports():
        raise ConflictError("This report came with the product and stays.")
    remove_accuracy_report(product, _uuid(report_id), actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


async def _read_limited(request: Request) -> bytes:
    """Raises InvalidInputError as soon as there is more than a report may hold."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_REPORT_BYTES:
            raise InvalidInputError("A report is not so large.", limit_bytes=LARGEST_REPORT_BYTES)
    return bytes(content)


def _uuid(report_id: str) -> UUID:
    try:
        return UUID(report_id)
    except ValueError as error:
        raise NotFoundError() from error


def _stored(row: accuracy_tables.AccuracyReport, space_id: str) -> AccuracyReportSummary:
    content: dict[str, Any] = row.content
    return AccuracyReportSummary(
        id=str(row.id),
        source="stored",
        created_at=row.created_at,
        dataset=row.dataset,
        label=row.label,
        space_id=row.space_id,
        is_this_space=row.space_id == space_id,
        people=content["people"],
        photos=content["photos"],
    )


def _shipped(name: str, report: EvaluationReport, space_id: str) -> AccuracyReportSummary:
    return AccuracyReportSummary(
        id=name,
        source="shipped",
        created_at=None,
        dataset=report.dataset,
        label=report.label,
        space_id=report.space_id,
        is_this_space=report.space_id == space_id,
        people=report.people,
        photos=report.photos,
    )
