"""Another generation answers from now on, or one that is needed no more goes."""

from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import audit, batches, gallery_spaces, generations
from vestibule.records.database import Transaction
from vestibule.records.generation_tables import IndexGenerationRow
from vestibule.workflows.finish_batch import lacking, prove_complete
from vestibule.workflows.index_templates import remove_dropped_generations
from vestibule.workflows.runtime import Runtime

CLEARED_A_ROUND = 500


def switch_generation(
    runtime: Runtime, number: int, *, reason: str, actor: str
) -> IndexGenerationRow:
    """It answers from the commit on; the former one stands by. Switching back is the same.

    Raises NotFoundError, SpaceUnavailableError, and ConflictError for one that is not complete:
    ``reason`` not_ready, or lacking with how many faces it lacks that were not tried yet.
    """
    with runtime.database.look() as reader:
        row = generations.find(reader, number)
        if row is None:
            raise NotFoundError()
        _require_ready(row)
        generation = generations.as_generation(row)
    runtime.at(generation)
    prove_complete(runtime, generation)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        former = generations.serving(transaction)
        row = generations.find_for_change(transaction, number)
        if row is None:
            raise NotFoundError()
        _require_ready(row)
        _require_nothing_lacking(transaction, generation, former)
        generations.make_serving(transaction, row, now=now)
        audit.append(
            transaction,
            at=now,
            actor=actor,
            action="generation.switch",
            subject=f"generation:{number}",
            former=former.number if former else None,
            space=row.space_id,
            reason=reason,
        )
    if runtime.spaces is not None:
        runtime.spaces.look_again()
    runtime.index.serve(generation)
    return row


def drop_generation(
    runtime: Runtime, number: int, *, clears_templates: bool, reason: str, actor: str
) -> IndexGenerationRow:
    """It is gone from the index when this returns. Raises NotFoundError, and ConflictError for
    the one that serves and for one that a batch is filling.

    ``clears_templates``: the templates of its space go too, unless another live generation is of
    that space; the clock does it (``clear_templates``).
    """
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        row = generations.find_for_change(transaction, number)
        if row is None:
            raise NotFoundError()
        if row.state == "SERVING":
            raise ConflictError("This generation answers. Switch to another one first.")
        batch = batches.filling(transaction)
        if batch is not None and batch.generation == number:
            raise ConflictError("A batch fills this generation. Call it off.", batch=str(batch.id))
        if row.state != "DROPPED":
            row.state, row.dropped_at = "DROPPED", runtime.clock.now()
        row.clears_templates = row.clears_templates or clears_templates
        transaction.flush()
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="generation.drop",
            subject=f"generation:{number}",
            space=row.space_id,
            clears_templates=clears_templates,
            reason=reason,
        )
    remove_dropped_generations(runtime)
    return row


def clear_templates(runtime: Runtime) -> int:
    """A round of the clock: some templates of dropped spaces go; how many. Crops first, so that
    a kill leaves a row that tells of what is left, and never a crop that nobody knows."""
    with runtime.database.begin() as transaction:
        row = generations.to_be_cleared(transaction)
        if row is None:
            return 0
        if generations.holds_space(transaction, row.space_id):
            row.cleared_at = runtime.clock.now()
            return 0
        some = gallery_spaces.some_of_space(transaction, row.space_id, limit=CLEARED_A_ROUND)
        keys = gallery_spaces.crops_of_these_alone(transaction, some)
        if not some:
            row.cleared_at = runtime.clock.now()
    for key in keys:
        runtime.blobs.delete(key)
    with runtime.database.begin() as transaction:
        if not generations.holds_space(transaction, row.space_id):
            gallery_spaces.remove_templates(transaction, some)
    return len(some)


def _require_ready(row: IndexGenerationRow) -> None:
    if row.state not in ("READY", "STANDBY"):
        raise ConflictError(
            "Only a generation that is complete and does not serve can be switched to.",
            reason="not_ready",
            state=row.state,
        )


def _require_nothing_lacking(
    transaction: Transaction, generation: IndexGeneration, former: IndexGeneration | None
) -> None:
    missing: list[UUID] = []
    if former is not None:
        missing = lacking(transaction, generation, from_space=former.space.id)
    if missing:
        raise ConflictError(
            f"This generation lacks {len(missing)} faces that the present one finds. Re-embed "
            "them first.",
            reason="lacking",
            missing=len(missing),
        )
