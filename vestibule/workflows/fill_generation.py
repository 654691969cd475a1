"""A new generation is asked for: the index filled anew, or the gallery in another pack's space."""

from uuid import UUID

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import ConflictError
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import audit, batches, gallery, generations
from vestibule.records.batch_tables import Batch
from vestibule.records.database import Transaction
from vestibule.records.generation_tables import IndexGenerationRow
from vestibule.workflows.run_batch import AT_ONCE, CHUNK_ITEMS, send_window
from vestibule.workflows.runtime import Runtime


def request_rebuild(
    runtime: Runtime, *, actor: str, pace: str = "POLITE", at_once: int = AT_ONCE
) -> Batch:
    """The serving space in a new generation, from the stored templates: no model runs.

    Raises ConflictError while another generation is being filled.
    """
    with runtime.database.begin() as transaction:
        serving = _one_that_serves(transaction)
        batch = _begin(runtime, transaction, "REBUILD", actor=actor, pace=pace, at_once=at_once)
        row = generations.add(
            transaction,
            serving.space,
            low_light=generations.low_light_of(transaction, serving.number),
            state="BUILDING",
            actor=actor,
            now=runtime.clock.now(),
        )
        wanted = sorted(gallery.searchable_template_ids(transaction, serving.space.id))
        _fill(runtime, transaction, batch, row, wanted, from_space=serving.space.id)
    send_window(runtime, batch.id)
    return batch


def request_reembedding(
    runtime: Runtime,
    space: EmbeddingSpace,
    *,
    low_light: str,
    actor: str,
    pace: str = "POLITE",
    at_once: int = AT_ONCE,
) -> Batch:
    """Every face of the serving space in another one, from the stored crops.

    A generation of that space which is live already is completed. Raises ConflictError while
    another one is being filled and for the space that serves, and SpaceUnavailableError or
    CalibrationMissingError for a pack that could not decide anything here.
    """
    if runtime.spaces is not None:
        runtime.spaces.open(space)
    with runtime.database.begin() as transaction:
        serving = _one_that_serves(transaction)
        if serving.space.id == space.id:
            raise ConflictError("This pack answers already.", reason="serves_already")
        batch = _begin(runtime, transaction, "REEMBED", actor=actor, pace=pace, at_once=at_once)
        live = [r for r in generations.live_rows(transaction) if r.space_id == space.id]
        row = (
            live[-1]
            if live
            else generations.add(
                transaction,
                space,
                low_light=low_light,
                state="BUILDING",
                actor=actor,
                now=runtime.clock.now(),
            )
        )
        wanted = gallery.without_counterpart(
            transaction, None, space_id=serving.space.id, other=space.id
        )
        _fill(runtime, transaction, batch, row, wanted, from_space=serving.space.id)
    send_window(runtime, batch.id)
    return batch


def _one_that_serves(transaction: Transaction) -> IndexGeneration:
    generations.one_at_a_time(transaction)
    if batches.filling(transaction) is not None:
        raise ConflictError("Another generation is being filled.", reason="busy")
    serving = generations.serving(transaction)
    if serving is None:
        raise ConflictError("No generation serves yet.")
    return serving


def _begin(
    runtime: Runtime, transaction: Transaction, kind: str, *, actor: str, pace: str, at_once: int
) -> Batch:
    now = runtime.clock.now()
    batch = Batch(
        kind=kind,
        state="RUNNING",
        parameters={},
        pace=pace,
        at_once=at_once,
        requested_by=actor,
        created_at=now,
        resumed_at=now,
    )
    transaction.add(batch)
    return batch


def _fill(
    runtime: Runtime,
    transaction: Transaction,
    batch: Batch,
    row: IndexGenerationRow,
    wanted: list[UUID],
    *,
    from_space: str,
) -> None:
    batch.generation = row.number
    batch.parameters = {"from_space": from_space, "pack": row.pack, "low_light": row.low_light}
    transaction.flush()
    batches.add_chunks(transaction, batch, [str(item) for item in wanted], size=CHUNK_ITEMS)
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=batch.requested_by,
        action="batch.request",
        subject=f"batch:{batch.id}",
        kind=batch.kind,
        generation=row.number,
        items=len(wanted),
    )
