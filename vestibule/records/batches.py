"""Batches, their chunks, and how far they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from vestibule.records.batch_tables import Batch, BatchChunk, BatchFailure
from vestibule.records.database import Transaction
from vestibule.records.tables import Job

OPEN = ("RUNNING", "PAUSED", "FAILED")
"""States from which a batch may still go on."""
MAX_ATTEMPTS = 3
"""Jobs of one chunk that may end without progress; each of them was itself tried five times."""


def find(transaction: Transaction, batch_id: UUID) -> Batch | None:
    return transaction.get(Batch, batch_id)


def find_for_change(transaction: Transaction, batch_id: UUID) -> Batch | None:
    query = select(Batch).where(Batch.id == batch_id).with_for_update()
    return transaction.scalar(query.execution_options(populate_existing=True))


def is_running(transaction: Transaction, batch_id: UUID) -> bool:
    """It stays so until the transaction ends: pausing and cancelling wait for it."""
    query = select(Batch.state).where(Batch.id == batch_id).with_for_update(read=True)
    return transaction.scalar(query) == "RUNNING"


def latest(transaction: Transaction, *, limit: int) -> list[Batch]:
    return list(transaction.scalars(select(Batch).order_by(Batch.created_at.desc()).limit(limit)))


def running_ids(transaction: Transaction) -> list[UUID]:
    return list(transaction.scalars(select(Batch.id).where(Batch.state == "RUNNING")))


def filling(transaction: Transaction) -> Batch | None:
    """The one that fills a generation and may still go on; there is one at a time."""
    query = select(Batch).where(Batch.kind != "IMPORT", Batch.state.in_(OPEN))
    return transaction.scalars(query.order_by(Batch.created_at.desc())).first()


def importing(transaction: Transaction) -> Batch | None:
    """The import that may still go on; there is one at a time."""
    query = select(Batch).where(Batch.kind == "IMPORT", Batch.state.in_(OPEN))
    return transaction.scalars(query.order_by(Batch.created_at.desc())).first()


def of_generation(transaction: Transaction, number: int) -> Batch | None:
    """The latest that filled it."""
    query = select(Batch).where(Batch.generation == number).order_by(Batch.created_at.desc())
    return transaction.scalars(query).first()


# ── chunks ──────────────────────────────────────────────────────────────────────────────────
def add_chunks(transaction: Transaction, batch: Batch, items: Sequence[str], *, size: int) -> None:
    """Cut the items into chunks that wait, after those that there are."""
    last = select(func.max(BatchChunk.number)).where(BatchChunk.batch_id == batch.id)
    first = (transaction.scalar(last) or 0) + 1
    for number, start in enumerate(range(0, len(items), size), start=first):
        some = list(items[start : start + size])
        transaction.add(
            BatchChunk(batch_id=batch.id, number=number, kind="WORK", items=some, size=len(some))
        )
    transaction.flush()


def find_chunk(transaction: Transaction, chunk_id: UUID) -> BatchChunk | None:
    return transaction.get(BatchChunk, chunk_id, populate_existing=True)


def open_chunks(transaction: Transaction, batch_id: UUID) -> list[BatchChunk]:
    query = select(BatchChunk).where(BatchChunk.batch_id == batch_id, BatchChunk.state != "DONE")
    return list(transaction.scalars(query.order_by(BatchChunk.number)))


def has_finish(transaction: Transaction, batch_id: UUID) -> bool:
    query = select(BatchChunk.id).where(
        BatchChunk.batch_id == batch_id, BatchChunk.kind == "FINISH"
    )
    return transaction.scalar(query.limit(1)) is not None


def add_finish(transaction: Transaction, batch: Batch) -> BatchChunk:
    last = select(func.max(BatchChunk.number)).where(BatchChunk.batch_id == batch.id)
    number = (transaction.scalar(last) or 0) + 1
    chunk = BatchChunk(batch_id=batch.id, number=number, kind="FINISH", items=[], size=0)
    transaction.add(chunk)
    transaction.flush()
    return chunk


def jobs_of(transaction: Transaction, chunks: Iterable[BatchChunk]) -> dict[UUID, Job]:
    wanted = [chunk.job_id for chunk in chunks if chunk.job_id]
    rows = transaction.scalars(
        select(Job).where(Job.id.in_(wanted)).execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def advance(transaction: Transaction, chunk: BatchChunk, *, settled: int, failed: int) -> None:
    """Note what a step settled, in the transaction that stores it."""
    transaction.execute(
        update(BatchChunk)
        .where(BatchChunk.id == chunk.id)
        .values(
            position=BatchChunk.position + settled,
            failed=BatchChunk.failed + failed,
            attempts=0,
        )
    )


def add_listing(transaction: Transaction, batch: Batch) -> BatchChunk:
    """The chunk that finds out what there is to do. It is the first."""
    chunk = BatchChunk(batch_id=batch.id, number=1, kind="LIST", items=[], size=0)
    transaction.add(chunk)
    transaction.flush()
    return chunk


def note_listed(transaction: Transaction, chunk: BatchChunk, last: str) -> None:
    """Up to where a LIST chunk has come, in the transaction that adds what it found."""
    transaction.execute(
        update(BatchChunk).where(BatchChunk.id == chunk.id).values(items=[last], attempts=0)
    )


def is_listing(transaction: Transaction, batch_id: UUID) -> bool:
    """Whether it is still being found out how much there is to do."""
    query = select(BatchChunk.id).where(
        BatchChunk.batch_id == batch_id, BatchChunk.kind == "LIST", BatchChunk.state != "DONE"
    )
    return transaction.scalar(query) is not None


def forget_items(transaction: Transaction, batch_id: UUID) -> None:
    """Of a batch that will not go on: names of photos are those of people."""
    transaction.execute(update(BatchChunk).where(BatchChunk.batch_id == batch_id).values(items=[]))


def chunks_with_items(transaction: Transaction) -> list[BatchChunk]:
    """Of imports: their items name photos, and folders that are called as people are."""
    query = select(BatchChunk).join(Batch, Batch.id == BatchChunk.batch_id)
    query = query.where(Batch.kind == "IMPORT", func.jsonb_array_length(BatchChunk.items) > 0)
    return list(transaction.scalars(query.order_by(BatchChunk.id).with_for_update(of=BatchChunk)))


def failures_with_items(transaction: Transaction) -> list[BatchFailure]:
    return list(transaction.scalars(select(BatchFailure).where(BatchFailure.item.is_not(None))))


# ── how far it is ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Progress:
    """``settled`` of ``total`` items are through; ``failed`` of those could not be done."""

    total: int
    settled: int
    failed: int


def progress(transaction: Transaction, batch_id: UUID) -> Progress:
    query = select(
        func.coalesce(func.sum(BatchChunk.size), 0),
        func.coalesce(func.sum(BatchChunk.position), 0),
        func.coalesce(func.sum(BatchChunk.failed), 0),
    ).where(BatchChunk.batch_id == batch_id)
    total, settled, failed = transaction.execute(query).one()
    return Progress(int(total), int(settled), int(failed))


def add_failure(
    transaction: Transaction,
    batch_id: UUID,
    *,
    code: str,
    now: datetime,
    customer_id: UUID | None = None,
    template_id: UUID | None = None,
    item: str | None = None,
) -> None:
    transaction.add(
        BatchFailure(
            batch_id=batch_id,
            customer_id=customer_id,
            template_id=template_id,
            item=item,
            code=code,
            at=now,
        )
    )


def failures(
    transaction: Transaction, batch_id: UUID, *, offset: int, limit: int
) -> list[BatchFailure]:
    query = select(BatchFailure).where(BatchFailure.batch_id == batch_id)
    query = query.order_by(BatchFailure.at, BatchFailure.id).offset(offset).limit(limit)
    return list(transaction.scalars(query))


def forget_failed_items(transaction: Transaction, *, before: datetime) -> int:
    """Names of photos that could not be imported, long ago; how many that were."""
    forgotten = (
        update(BatchFailure)
        .where(BatchFailure.at < before, BatchFailure.item.is_not(None))
        .values(item=None)
        .returning(BatchFailure.id)
    )
    return len(transaction.scalars(forgotten).all())


def count_failures(transaction: Transaction, batch_id: UUID) -> int:
    query = select(func.count()).where(BatchFailure.batch_id == batch_id)
    return transaction.scalar(query) or 0


def failed_templates(transaction: Transaction, generation: int) -> set[UUID]:
    """Those that no batch could take over into this generation."""
    query = select(BatchFailure.template_id).join(Batch, Batch.id == BatchFailure.batch_id)
    query = query.where(Batch.generation == generation, BatchFailure.template_id.is_not(None))
    return {found for found in transaction.scalars(query) if found is not None}
