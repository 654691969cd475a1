"""Batches and generations become what goes over the wire."""

from datetime import datetime
from typing import Any, cast

from services.api import batch_schemas as schemas
from services.api.schemas import JobError
from services.api.template_schemas import CustomerNamed
from vestibule.records import batch_tables, batches, customers, gallery, generations
from vestibule.records.database import Transaction
from vestibule.records.generation_tables import IndexGenerationRow
from vestibule.workflows.finish_batch import lacking


def batch(transaction: Transaction, row: batch_tables.Batch, *, now: datetime) -> schemas.Batch:
    found = batches.progress(transaction, row.id)
    rate = _rate(row, found, now=now)
    is_listing = row.kind == "IMPORT" and batches.is_listing(transaction, row.id)
    return schemas.Batch(
        id=row.id,
        kind=cast(Any, row.kind.lower()),
        state=cast(Any, row.state.lower()),
        generation=row.generation,
        pack=row.parameters.get("pack"),
        low_light=row.parameters.get("low_light"),
        source=row.parameters.get("source"),
        pace=cast(Any, row.pace.lower()),
        at_once=row.at_once,
        total=found.total,
        settled=found.settled,
        failed=found.failed,
        is_listing=is_listing,
        rate_per_s=rate,
        eta_s=(found.total - found.settled) / rate if rate and not is_listing else None,
        error=(
            JobError(code=row.error_code, detail=row.error_detail or "") if row.error_code else None
        ),
        requested_by=row.requested_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _rate(row: batch_tables.Batch, found: batches.Progress, *, now: datetime) -> float | None:
    seconds = (now - row.resumed_at).total_seconds()
    settled = found.settled - row.resumed_done
    return settled / seconds if row.state == "RUNNING" and settled and seconds > 0 else None


def failure(transaction: Transaction, row: batch_tables.BatchFailure) -> schemas.BatchFailure:
    customer = customers.find(transaction, row.customer_id) if row.customer_id else None
    return schemas.BatchFailure(
        customer=CustomerNamed(id=customer.id, name=customer.name) if customer else None,
        template_id=row.template_id,
        item=row.item,
        code=row.code,
        at=row.at,
    )


def generation(transaction: Transaction, row: IndexGenerationRow) -> schemas.IndexGeneration:
    is_live = row.state != "DROPPED"
    size = gallery.size(transaction, row.space_id).templates if is_live else 0
    return schemas.IndexGeneration(
        number=row.number,
        state=cast(Any, row.state.lower()),
        pack=row.pack,
        low_light=row.low_light,
        space_id=row.space_id,
        templates=size,
        lacking=_lacking(transaction, row),
        unusable=len(batches.failed_templates(transaction, row.number)),
        comparison=schemas.Comparison(**row.comparison) if row.comparison else None,
        created_by=row.created_by,
        created_at=row.created_at,
        ready_at=row.ready_at,
        served_at=row.served_at,
        dropped_at=row.dropped_at,
    )


def _lacking(transaction: Transaction, row: IndexGenerationRow) -> int | None:
    """Asked only of those that could be switched to."""
    serving = generations.serving(transaction)
    if serving is None or row.state not in ("READY", "STANDBY"):
        return None
    of_row = generations.as_generation(row)
    return len(lacking(transaction, of_row, from_space=serving.space.id))
