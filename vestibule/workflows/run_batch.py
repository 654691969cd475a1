"""Large work begins, is sent a few chunks at a time, pauses, goes on, and is called off."""

from collections.abc import Callable
from uuid import UUID

from vestibule.domain.errors import (
    ConflictError,
    CrashedWorkerError,
    HungWorkerError,
    NotFoundError,
)
from vestibule.domain.ids import JobId
from vestibule.records import audit, batches, generations, jobs
from vestibule.records.batch_tables import Batch, BatchChunk
from vestibule.records.database import Transaction
from vestibule.records.tables import Job
from vestibule.workflows.index_templates import remove_dropped_generations
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_jobs

QUEUE = "bulk"
CHUNK_ITEMS = 500
AT_ONCE = 2
ENDED_ITS_PROCESS = (CrashedWorkerError.code, HungWorkerError.code)


def pause_batch(runtime: Runtime, batch_id: UUID, *, actor: str) -> Batch:
    """Chunks that are worked on stop after the step they are in. Safe to run twice."""

    def pause(_transaction: Transaction, batch: Batch) -> None:
        if batch.state not in ("RUNNING", "PAUSED"):
            raise ConflictError("This batch does not run.", state=batch.state)
        batch.state = "PAUSED"

    return _changed(runtime, batch_id, pause, action="batch.pause", actor=actor)


def resume_batch(runtime: Runtime, batch_id: UUID, *, actor: str) -> Batch:
    """Go on where it stopped, also after a failure. Safe to run twice."""

    def resume(transaction: Transaction, batch: Batch) -> None:
        if batch.state == "RUNNING":
            return
        if batch.state not in batches.OPEN:
            raise ConflictError("This batch has ended.", state=batch.state)
        batch.state, batch.error_code, batch.error_detail = "RUNNING", None, None
        for chunk in batches.open_chunks(transaction, batch_id):
            chunk.attempts = 0
        batch.resumed_at = runtime.clock.now()
        batch.resumed_done = batches.progress(transaction, batch_id).settled

    batch = _changed(runtime, batch_id, resume, action="batch.resume", actor=actor)
    send_window(runtime, batch_id)
    return batch


def set_pace(runtime: Runtime, batch_id: UUID, pace: str, *, actor: str) -> Batch:
    """FULL, POLITE or SLOW, from the next step on."""

    def change(_transaction: Transaction, batch: Batch) -> None:
        batch.pace = pace

    return _changed(runtime, batch_id, change, action="batch.pace", actor=actor)


def cancel_batch(runtime: Runtime, batch_id: UUID, *, actor: str) -> Batch:
    """For good. What it was filling and nobody has seen yet is dropped; guests who were imported
    stay. Safe to run twice."""

    def cancel(transaction: Transaction, batch: Batch) -> None:
        if batch.state == "DONE":
            raise ConflictError("This batch has ended.", state=batch.state)
        batch.state, batch.finished_at = "CANCELLED", batch.finished_at or runtime.clock.now()
        batches.forget_items(transaction, batch_id)
        row = batch.generation and generations.find_for_change(transaction, batch.generation)
        if row and row.state == "BUILDING":
            row.state, row.dropped_at = "DROPPED", runtime.clock.now()
            row.clears_templates = True

    batch = _changed(runtime, batch_id, cancel, action="batch.cancel", actor=actor)
    remove_dropped_generations(runtime)
    return batch


def _changed(
    runtime: Runtime,
    batch_id: UUID,
    change: Callable[[Transaction, Batch], None],
    *,
    action: str,
    actor: str,
) -> Batch:
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        batch = batches.find_for_change(transaction, batch_id)
        if batch is None:
            raise NotFoundError()
        change(transaction, batch)
        transaction.flush()
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action=action,
            subject=f"batch:{batch_id}",
            state=batch.state,
            pace=batch.pace,
        )
    return batch


# ── sending ─────────────────────────────────────────────────────────────────────────────────
def send_window(runtime: Runtime, batch_id: UUID) -> int:
    """See that ``at_once`` chunks are under way; how many were sent. Safe to run at any time.

    Everything is decided under the batch's lock: two workers that end their chunks together send
    each next one once, and exactly one of them sends the last, which ends the batch.
    """
    with runtime.database.begin() as transaction:
        batch = batches.find_for_change(transaction, batch_id)
        if batch is None or batch.state != "RUNNING":
            return 0
        chunks = batches.open_chunks(transaction, batch_id)
        _take_back_lost(transaction, batch, chunks)
        if not chunks and not batches.has_finish(transaction, batch_id):
            chunks = [batches.add_finish(transaction, batch)]
        sent: list[JobId] = []
        under_way = sum(chunk.state == "SENT" for chunk in chunks)
        waiting = [chunk for chunk in chunks if chunk.state == "WAITING"]
        if batch.state == "RUNNING":
            for chunk in waiting[: max(0, batch.at_once - under_way)]:
                sent.append(_send(runtime, transaction, chunk))
    send_jobs(runtime, sent, queue=QUEUE)
    return len(sent)


def tend_batches(runtime: Runtime) -> int:
    """A round of the clock: send what a kill between two steps left unsent."""
    with runtime.database.look() as reader:
        running = batches.running_ids(reader)
    return sum(send_window(runtime, batch_id) for batch_id in running)


def _send(runtime: Runtime, transaction: Transaction, chunk: BatchChunk) -> JobId:
    job = jobs.add(
        transaction, kind="CHUNK", subject_id=chunk.id, queue=QUEUE, now=runtime.clock.now()
    )
    chunk.state, chunk.job_id = "SENT", job.id
    return JobId(job.id)


def _passes_over(transaction: Transaction, batch: Batch, chunk: BatchChunk, job: Job) -> bool:
    """A photo that ends every process that reads it is one failure of an import, not its end."""
    is_photo = batch.kind == "IMPORT" and chunk.kind == "WORK" and chunk.position < chunk.size
    if not is_photo or job.error_code not in ENDED_ITS_PROCESS or job.finished_at is None:
        return False
    batches.add_failure(
        transaction,
        batch.id,
        code=job.error_code,
        now=job.finished_at,
        item=chunk.items[chunk.position],
    )
    batches.advance(transaction, chunk, settled=1, failed=1)
    return True


def _take_back_lost(transaction: Transaction, batch: Batch, chunks: list[BatchChunk]) -> None:
    """A chunk whose job ended without it waits again; one that never gets on fails the batch."""
    owed = batches.jobs_of(transaction, chunks)
    for chunk in chunks:
        job = owed.get(chunk.job_id) if chunk.job_id else None
        if chunk.state != "SENT" or (job is not None and job.finished_at is None):
            continue
        chunk.state, chunk.job_id = "WAITING", None
        has_failed = job is not None and job.state == "FAILED"
        if job and has_failed and not _passes_over(transaction, batch, chunk, job):
            chunk.attempts += 1
        if chunk.attempts >= batches.MAX_ATTEMPTS:
            batch.state = "FAILED"
            batch.error_code = job.error_code if job else "internal_error"
            batch.error_detail = job.error_detail if job else None
    transaction.flush()
