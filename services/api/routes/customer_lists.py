"""Lists of customers: imported after a look, exported as a file."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from services.api import customer_import_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from services.api.uploads import read_upload
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customer_imports, jobs
from vestibule.records.customer_import_tables import CustomerImport
from vestibule.records.database import Transaction
from vestibule.workflows import export_customers as exporting
from vestibule.workflows import import_customers as importing
from vestibule.workflows.runtime import Runtime

router = APIRouter(tags=["customers"], dependencies=[Depends(principal)])
Form = Literal["csv", "json"]
_LISTS_SHOWN = 20
_CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}, "application/x-ndjson": {}}, "description": "The file."}
}


@router.post(
    "/customer-imports",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_CSV_BODY,
    dependencies=only(Permission.IMPORT_CUSTOMERS),
)
async def preview(request: Request, product: Product, caller: Caller) -> schemas.CustomerImport:
    """Read a list (CSV of any encoding and separator) and say what would come of it, row by row.

    Nothing of it is among the customers before it is confirmed.
    """
    caller.require(Permission.IMPORT_CUSTOMERS, caller.venue_id)
    upload = await read_upload(request, limit_bytes=importing.MAX_FILE_BYTES)
    made = await run_in_threadpool(
        importing.preview_import,
        product,
        upload.content,
        venue_id=caller.venue_id,
        actor=caller.actor,
    )
    return await run_in_threadpool(_one, product, made.id)


@router.get("/customer-imports", dependencies=only(Permission.IMPORT_CUSTOMERS))
def list_imports(product: Product) -> schemas.CustomerImportList:
    """The latest 20."""
    with product.database.begin() as transaction:
        found = customer_imports.latest(transaction, limit=_LISTS_SHOWN)
        return schemas.CustomerImportList(items=[_shown(transaction, one) for one in found])


@router.get("/customer-imports/{import_id}", dependencies=only(Permission.IMPORT_CUSTOMERS))
def get_import(import_id: UUID, product: Product) -> schemas.CustomerImport:
    return _one(product, import_id)


@router.post(
    "/customer-imports/{import_id}/confirmation",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.IMPORT_CUSTOMERS),
)
def confirm(import_id: UUID, product: Product, caller: Caller) -> schemas.CustomerImport:
    """Take in the rows that fit (a job). Confirmed twice it begins once."""
    importing.confirm_import(product, import_id, actor=caller.actor)
    return _one(product, import_id)


@router.delete(
    "/customer-imports/{import_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.IMPORT_CUSTOMERS),
)
def discard(import_id: UUID, product: Product, caller: Caller) -> None:
    """Before it began: the file goes, nothing was taken in."""
    importing.discard_import(product, import_id, actor=caller.actor)


@router.get(
    "/customer-export",
    response_class=Response,
    responses=_FILE,
    dependencies=only(Permission.EXPORT_CUSTOMERS),
)
def export(
    product: Product,
    caller: Caller,
    form: Annotated[Form, Query(description="CSV, or JSON with one object a line.")] = "csv",
) -> StreamingResponse:
    """Customers' profiles as a file, which an import takes. The export is on record.

    Everybody's, or of those whose home is a venue where the caller may export.
    """
    makers: dict[Form, tuple[Callable[..., Iterator[str]], str, str]] = {
        "csv": (exporting.export_as_csv, "text/csv; charset=utf-8", "customers.csv"),
        "json": (exporting.export_as_json, "application/x-ndjson", "customers.jsonl"),
    }
    make, media_type, name = makers[form]
    return StreamingResponse(
        make(product, venues=caller.venues(Permission.EXPORT_CUSTOMERS), actor=caller.actor),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _one(product: Runtime, import_id: UUID) -> schemas.CustomerImport:
    with product.database.begin() as transaction:
        found = customer_imports.find(transaction, import_id)
        if found is None:
            raise NotFoundError()
        return _shown(transaction, found)


def _shown(transaction: Transaction, row: CustomerImport) -> schemas.CustomerImport:
    """An import whose job ended without it failed; what it took in so far stays."""
    job = jobs.find(transaction, row.job_id) if row.job_id else None
    has_failed = row.state == "RUNNING" and (job is None or job.state == "FAILED")
    state = "failed" if has_failed else row.state.lower()
    return schemas.CustomerImport(
        id=row.id,
        state=cast(Any, state),
        encoding=row.encoding,
        delimiter=row.delimiter,
        columns=row.columns,
        rows=row.rows,
        fitting=row.fitting,
        problems=[schemas.RowProblem(**one) for one in row.problems],
        sample=[schemas.RowSample(**one) for one in row.sample],
        position=row.position,
        created=row.created,
        updated=row.updated,
        refused=row.refused,
        requested_by=row.requested_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
    )
