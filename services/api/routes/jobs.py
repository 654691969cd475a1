"""Jobs that failed or wait, the queues and the workers: for whoever runs the installation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.api import job_schemas as schemas
from services.api import presenters
from services.api.dependencies import Caller, Here, Product, only, principal
from services.api.schemas import JobState
from vestibule.domain.permissions import Permission
from vestibule.domain.queues import QUEUES
from vestibule.records import failed_jobs, workers
from vestibule.records.database import Transaction
from vestibule.records.tables import Job
from vestibule.records.worker_tables import UnreadableMessage, Worker
from vestibule.workflows.handle_failed_job import (
    cancel_job,
    dismiss_job,
    forget_unreadable,
    retry_job,
)
from vestibule.workflows.runtime import Runtime

router = APIRouter(prefix="/jobs", tags=["jobs"], dependencies=[Depends(principal)])
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", dependencies=only(Permission.VIEW_SYSTEM))
def list_jobs(
    product: Product, state: JobState = "failed", offset: Offset = 0, limit: Limit = 20
) -> schemas.JobPage:
    """In one state. Failed and done ones the latest first, the others the oldest first."""
    with product.database.begin() as transaction:
        rows, total = failed_jobs.page(transaction, state.upper(), offset=offset, limit=limit)
        shown = [_job(transaction, row) for row in rows]
    following = offset + limit if offset + limit < total else None
    return schemas.JobPage(items=shown, total=total, next_offset=following)


@router.get("/overview", dependencies=only(Permission.VIEW_SYSTEM))
def get_jobs_overview(here: Here) -> schemas.JobsOverview:
    """The queues, the workers that were heard of lately, and messages that none could read."""
    runtime = here.runtime
    with runtime.database.begin() as transaction:
        alive = workers.alive(transaction, now=runtime.clock.now())
        queues = failed_jobs.queues(transaction, QUEUES)
        unreadable = failed_jobs.unreadable(transaction)
    return schemas.JobsOverview(
        workers_apart=here.settings.mode == "distributed",
        workers=[_worker(row) for row in alive],
        queues=[
            schemas.QueueOnRecord(
                name=queue.queue,
                waiting=queue.waiting,
                running=queue.running,
                failed=queue.failed,
                oldest_waiting_at=queue.oldest_waiting_at,
            )
            for queue in queues
        ],
        unreadable=[_unreadable(row) for row in unreadable],
    )


@router.post(
    "/{job_id}/retry",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.OPERATE_SYSTEM),
)
def try_again(job_id: UUID, product: Product, caller: Caller) -> schemas.JobOnRecord:
    """Do a failed job anew; 409 where what was uploaded is gone."""
    return _shown(product, retry_job(product, job_id, actor=caller.actor))


@router.post("/{job_id}/dismissal", dependencies=only(Permission.OPERATE_SYSTEM))
def dismiss(job_id: UUID, product: Product, caller: Caller) -> schemas.JobOnRecord:
    """A failed job is not listed among the failed any more."""
    return _shown(product, dismiss_job(product, job_id, actor=caller.actor))


@router.post("/{job_id}/cancellation", dependencies=only(Permission.OPERATE_SYSTEM))
def cancel(job_id: UUID, product: Product, caller: Caller) -> schemas.JobOnRecord:
    """End a job that waits; 409 where a worker has it already."""
    return _shown(product, cancel_job(product, job_id, actor=caller.actor))


@router.delete(
    "/unreadable",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.OPERATE_SYSTEM),
)
def forget_unreadable_messages(product: Product, caller: Caller) -> Response:
    """Empty the list of messages that no worker could read."""
    forget_unreadable(product, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _shown(product: Runtime, job: Job) -> schemas.JobOnRecord:
    with product.database.look() as transaction:
        return _job(transaction, job)


def _job(transaction: Transaction, row: Job) -> schemas.JobOnRecord:
    return schemas.JobOnRecord(
        id=row.id,
        kind=row.kind.lower(),
        subject_id=row.subject_id,
        queue=row.queue,
        state=presenters.job_state(row),
        attempts=row.attempt,
        crashes=row.crashes,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=presenters.job_error(row),
        can_retry=row.state == "FAILED" and failed_jobs.has_its_upload(transaction, row),
    )


def _worker(row: Worker) -> schemas.WorkerOnRecord:
    return schemas.WorkerOnRecord(
        id=row.id,
        host=row.host,
        queues=row.queues,
        running=row.running,
        is_taking=row.is_taking,
        crashes=row.crashes,
        hangs=row.stuck,
        started_at=row.started_at,
        seen_at=row.seen_at,
    )


def _unreadable(row: UnreadableMessage) -> schemas.UnreadableOnRecord:
    return schemas.UnreadableOnRecord.model_validate(
        {
            "queue": row.queue,
            "why": row.why,
            "size_bytes": row.size_bytes,
            "seen_at": row.seen_at,
        }
    )
