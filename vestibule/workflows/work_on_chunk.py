"""The job of one chunk: small steps, each committed with what it settled."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog

from vestibule.domain.errors import LeaseLostError, NotFoundError, TransientError, VestibuleError
from vestibule.records import batches, generations, jobs
from vestibule.records.batch_tables import Batch, BatchChunk
from vestibule.records.database import Transaction
from vestibule.records.tables import Job
from vestibule.workflows.carry_over import Unusable
from vestibule.workflows.finish_batch import finish_batch
from vestibule.workflows.import_photo import import_photo
from vestibule.workflows.index_templates import fill_generation
from vestibule.workflows.list_import import listed_photos
from vestibule.workflows.reembed_templates import embed_anew, note_unusable, store_anew
from vestibule.workflows.request_import import open_import
from vestibule.workflows.run_batch import send_window
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.store_behind import behind

STEP_ITEMS = {"REBUILD": 250, "REEMBED": 32, "IMPORT": 1}
"""What a kill loses at most, and how long pausing takes: well under a second of work."""
DOOR_PATIENCE_S = 5.0
"""How long a step gives way to people who wait: under an endless stream it still gets on."""
LOOK_EVERY_S = 0.05
log = structlog.get_logger(__name__)


class _NotRunningError(VestibuleError):
    """The batch was paused, called off or failed while a step was on its way."""

    code = "batch_not_running"


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk in the hands of a job. ``items`` are those that are still to be settled."""

    batch: Batch
    chunk: BatchChunk
    job: Job


def work_on_chunk(runtime: Runtime, job: Job) -> None:
    """Run the whole job. A chunk that was begun goes on at the step that was not committed."""
    held = _load(runtime, job)
    if held is None:
        return
    try:
        if held.chunk.kind == "FINISH":
            finish_batch(runtime, held.batch, settle=lambda t: _require_running(t, held))
            _end(runtime, held, is_done=True)
        elif held.chunk.kind == "LIST":
            _list(runtime, held)
            _end(runtime, held, is_done=True)
        else:
            _end(runtime, held, is_done=_work(runtime, held))
    except _NotRunningError:
        _end(runtime, held, is_done=False)
    except (TransientError, LeaseLostError):
        raise
    except VestibuleError as error:
        _fail(runtime, held, error)
    send_window(runtime, held.batch.id)


def _load(runtime: Runtime, job: Job) -> _Chunk | None:
    with runtime.database.begin() as transaction:
        chunk = batches.find_chunk(transaction, job.subject_id)
        batch = batches.find(transaction, chunk.batch_id) if chunk else None
        if chunk is None or batch is None:
            raise NotFoundError()
        if chunk.state != "SENT" or chunk.job_id != job.id:  # done by another job meanwhile
            jobs.finish(transaction, job, now=runtime.clock.now())
            return None
        return _Chunk(batch, chunk, job)


def _work(runtime: Runtime, held: _Chunk) -> bool:
    """Step by step to the end; False when the batch was stopped.

    A job that may have ended its process is done alone, where time is short: it does one step,
    which shows whether that was it, and leaves the others to a job that nothing is held against.
    """
    items = held.chunk.items[held.chunk.position :]
    step = STEP_ITEMS[held.batch.kind]
    do = _DOING[held.batch.kind]
    with behind() as storing:
        for start in range(0, len(items), step):
            pace = _pace(runtime, held.batch.id)
            if pace is None:
                return False
            _give_way(runtime, pace)
            began = time.monotonic()
            storing.store(do(runtime, held, items[start : start + step]))
            if held.job.crashes and start + step < len(items):
                storing.wait()
                return False
            if pace == "SLOW":
                time.sleep(min(time.monotonic() - began, DOOR_PATIENCE_S))
        storing.wait()
    return True


def _pace(runtime: Runtime, batch_id: UUID) -> str | None:
    """None when the batch does not run any more."""
    with runtime.database.look() as reader:
        batch = batches.find(reader, batch_id)
        return batch.pace if batch is not None and batch.state == "RUNNING" else None


def _give_way(runtime: Runtime, pace: str) -> None:
    """While somebody waits for an answer, for at most DOOR_PATIENCE_S."""
    until = time.monotonic() + DOOR_PATIENCE_S
    while pace != "FULL" and time.monotonic() < until:
        with runtime.database.look() as reader:
            if not jobs.somebody_waits(reader):
                return
        time.sleep(LOOK_EVERY_S)


# ── the steps ───────────────────────────────────────────────────────────────────────────────
def _fill(runtime: Runtime, held: _Chunk, items: list[str]) -> None:
    template_ids = [UUID(item) for item in items]
    with runtime.database.look() as reader:
        generation = generations.get(reader, held.batch.generation)
    fill_generation(runtime, generation, template_ids)
    with runtime.database.begin() as transaction:
        _settle(runtime, transaction, held, settled=len(template_ids))


def _reembed(runtime: Runtime, held: _Chunk, items: list[str]) -> Callable[[], None]:
    anew = embed_anew(runtime, held.batch, [UUID(item) for item in items])

    def settle(transaction: Transaction, unusable: list[Unusable]) -> None:
        _settle(runtime, transaction, held, settled=len(items), unusable=unusable)

    return lambda: store_anew(anew, settle=settle)


def _import(runtime: Runtime, held: _Chunk, items: list[str]) -> None:
    source = open_import(runtime, held.batch.parameters["source"])
    for path in items:
        refusal = import_photo(
            runtime, source, path, held.batch, require=lambda t: _require_running(t, held)
        )
        with runtime.database.begin() as transaction:
            if refusal is not None:
                batches.add_failure(
                    transaction,
                    held.batch.id,
                    code=refusal.code,
                    now=runtime.clock.now(),
                    customer_id=refusal.customer_id,
                    item=path,
                )
            _settle(runtime, transaction, held, settled=1, failed=int(refusal is not None))


def _list(runtime: Runtime, held: _Chunk) -> None:
    """Cut what the source lists into chunks; those that are cut already are worked on meanwhile."""
    source = open_import(runtime, held.batch.parameters["source"])
    after = held.chunk.items[0] if held.chunk.items else None
    for listed in listed_photos(source, after=after, keep=lambda: _keep(runtime, held)):
        with runtime.database.begin() as transaction:
            _require_running(transaction, held)
            batches.add_chunks(
                transaction, held.batch, listed.photos, size=max(1, len(listed.photos))
            )
            batches.note_listed(transaction, held.chunk, listed.last)
            jobs.mark_stage(transaction, held.job, now=runtime.clock.now())
        send_window(runtime, held.batch.id)


def _keep(runtime: Runtime, held: _Chunk) -> None:
    with runtime.database.begin(durable=False) as transaction:
        if not jobs.renew(transaction, held.job, now=runtime.clock.now()):
            raise LeaseLostError()


def _settle(
    runtime: Runtime,
    transaction: Transaction,
    held: _Chunk,
    *,
    settled: int,
    failed: int = 0,
    unusable: list[Unusable] | None = None,
) -> None:
    """In the transaction of the step: it counts once, and only while the batch runs."""
    _require_running(transaction, held)
    now = runtime.clock.now()
    failed += note_unusable(transaction, held.batch.id, unusable or [], now=now)
    batches.advance(transaction, held.chunk, settled=settled, failed=failed)
    jobs.mark_stage(transaction, held.job, now=now)


def _require_running(transaction: Transaction, held: _Chunk) -> None:
    if not batches.is_running(transaction, held.batch.id):
        raise _NotRunningError()
    if not jobs.holds(transaction, held.job):
        raise LeaseLostError()


_Left = Callable[[], None] | None
"""What of a step is still to be stored; None where all of it is."""
_DOING: dict[str, Callable[[Runtime, _Chunk, list[str]], _Left]] = {
    "REBUILD": _fill,
    "REEMBED": _reembed,
    "IMPORT": _import,
}


# ── its end ─────────────────────────────────────────────────────────────────────────────────
def _end(runtime: Runtime, held: _Chunk, *, is_done: bool) -> None:
    with runtime.database.begin() as transaction:
        batch = batches.find_for_change(transaction, held.batch.id)
        chunk = batches.find_chunk(transaction, held.chunk.id)
        if batch is None or chunk is None or not jobs.holds(transaction, held.job):
            raise LeaseLostError()
        chunk.state = "DONE" if is_done else "WAITING"
        if is_done:
            chunk.items = []
        chunk.job_id = None
        if is_done and chunk.kind == "FINISH" and batch.state == "RUNNING":
            batch.state, batch.finished_at = "DONE", runtime.clock.now()
        transaction.flush()
        jobs.finish(transaction, held.job, now=runtime.clock.now())


def _fail(runtime: Runtime, held: _Chunk, error: VestibuleError) -> None:
    """Not this item but the whole cannot go on: a pack that is missing, a store that is full."""
    log.warning("batch.failed", batch=str(held.batch.id), code=error.code)
    with runtime.database.begin() as transaction:
        batch = batches.find_for_change(transaction, held.batch.id)
        chunk = batches.find_chunk(transaction, held.chunk.id)
        if batch is None or chunk is None or not jobs.holds(transaction, held.job):
            raise LeaseLostError()
        if batch.state == "RUNNING":
            batch.state, batch.error_code, batch.error_detail = "FAILED", error.code, str(error)
        chunk.state, chunk.job_id = "WAITING", None
        transaction.flush()
        jobs.finish(transaction, held.job, now=runtime.clock.now())
