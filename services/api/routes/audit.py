"""The audit log: search it, take it along, prove it. To search and to take along is recorded."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from services.api import audit_schemas as schemas
from services.api.audit_files import csv_lines, json_lines
from services.api.dependencies import Caller, Product, needs
from vestibule.domain.errors import InvalidInputError
from vestibule.domain.permissions import Permission
from vestibule.records import audit, audit_search
from vestibule.records.audit_search import AuditQuery, Place
from vestibule.records.audit_tables import AuditEntry
from vestibule.workflows.anchor_audit import verify_audit
from vestibule.workflows.record_look import record_look

router = APIRouter(
    prefix="/audit", tags=["audit"], dependencies=[Depends(needs(Permission.READ_AUDIT))]
)
_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Every entry that fits, the oldest first, with its hashes.",
        "content": {"text/csv": {}, "application/jsonl": {}},
    }
}


def asked_for(
    since: Annotated[AwareDatetime | None, Query(description="From this moment on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this moment.")] = None,
    actor: Annotated[str | None, Query(max_length=200, description="Who did it.")] = None,
    action: Annotated[str | None, Query(max_length=80, description="What was done.")] = None,
    subject: Annotated[
        str | None,
        Query(
            max_length=200,
            description="kind:id. A customer is also found where an entry names several.",
        ),
    ] = None,
) -> AuditQuery:
    return AuditQuery(since, until, actor, action, subject)


Asked = Annotated[AuditQuery, Depends(asked_for)]


@router.get("/entries")
def search_audit(
    product: Product,
    caller: Caller,
    query: Asked,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.AuditPage:
    """The newest first. Follow ``next_cursor`` until it is null."""
    before = _read_cursor(cursor) if cursor else None
    with product.database.look() as transaction:
        rows = audit_search.page(transaction, query, limit=limit, before=before)
    if before is None:
        _record(product, caller, "audit.search", query)
    return schemas.AuditPage(
        items=[schemas.AuditEntry.model_validate(row, from_attributes=True) for row in rows],
        next_cursor=_write_cursor(rows[-1]) if len(rows) == limit else None,
    )


@router.get("/export", response_class=StreamingResponse, responses=_FILE)
def export_audit(
    product: Product,
    caller: Caller,
    query: Asked,
    file_format: Annotated[schemas.ExportFormat, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """All that fits, as a file. Its last entry is the one that this export itself makes."""
    _record(product, caller, "audit.export", query, format=file_format)
    rows = audit_search.all_of(product.database, query)
    lines: Iterator[str] = csv_lines(rows) if file_format == "csv" else json_lines(rows)
    name = f"vestibule-audit-{product.clock.now():%Y-%m-%d}.{file_format}"
    return StreamingResponse(
        lines,
        media_type=_MEDIA_TYPES[file_format],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/verification")
def verify_the_audit(
    product: Product, caller: Caller, body: schemas.AuditVerificationRequest | None = None
) -> schemas.AuditVerification:
    """Recompute the whole chain, and compare it with the heads that are kept apart from it."""
    told = body.head if body else None
    heads = [audit.AuditHead(told.number, 0, told.entry_sha256)] if told else []
    report = verify_audit(product, told=heads)
    chain = report.chain
    record_look(
        product,
        actor=caller.actor,
        action="audit.verify",
        subject="audit",
        entries=chain.entries,
        broken_at=chain.broken_at,
    )
    return schemas.AuditVerification(
        entries=chain.entries,
        broken_at=chain.broken_at,
        flaw=chain.flaw,
        heads=report.heads + len(heads),
        unreadable_heads=list(report.unreadable),
        head=_head(chain.head),
        start=_head(report.start),
        removed=report.start.entries if report.start else 0,
        start_is_sealed=report.start_is_sealed,
    )


def _head(head: audit.AuditHead | None) -> schemas.AuditHead | None:
    if head is None:
        return None
    return schemas.AuditHead(number=head.number, entry_sha256=head.entry_sha256)


def _record(
    product: Product, caller: Caller, action: str, query: AuditQuery, **details: Any
) -> None:
    """What was asked for is recorded too: a search for a person is a look at them."""
    asked = {name: getattr(query, name) for name in query.__slots__}
    facts = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asked.items()
        if value is not None
    }
    record_look(product, actor=caller.actor, action=action, subject="audit", asked=facts, **details)


def _write_cursor(row: AuditEntry) -> str:
    place = json.dumps([row.at.isoformat(), row.number])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        at, number = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 < int(number) < 2**63:
            raise ValueError("not a place in the log")
        return moment, int(number)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error) as error:
        raise InvalidInputError("The cursor is not one of ours.", fields=["cursor"]) from error
